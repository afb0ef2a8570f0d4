-- Who changed what: a row for each change, written in its transaction.
create table audit_events (
    id bigint generated always as identity primary key,
    at timestamptz not null,
    subject text collate "C" not null,
    issuer text collate "C" not null,
    -- Null for a change that was made by a command.
    request_id text,
    action text collate "C" not null,
    component text collate "C",
    train text collate "C",
    version text collate "C",
    -- Of a cluster that was forgotten; its id is kept nowhere.
    cluster_sha256 text,
    before json,
    after json
);

-- Newest first, whichever filter is given.
create index audit_events_newest on audit_events (at, id);
create index audit_events_of_component on audit_events (component, at, id);
-- Issuers may name their subjects at any length, which an index cannot hold.
create index audit_events_by_subject on audit_events (left(subject, 200), at, id);
create index audit_events_of_action on audit_events (action, at, id);

-- A trail that can be edited proves nothing. The application has no statement that edits it; this is for all others.
create function refuse_to_edit_audit_events() returns trigger language plpgsql as $$
begin
    raise exception 'audit_events is append-only: % is refused', tg_op;
end
$$;

create trigger audit_events_are_kept before update or delete or truncate on audit_events
for each statement execute function refuse_to_edit_audit_events();

-- Also where replication or a restore turns triggers off.
alter table audit_events enable always trigger audit_events_are_kept;
