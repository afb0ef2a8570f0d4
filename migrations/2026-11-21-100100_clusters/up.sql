-- Each distinct set of components once: a fleet of a million clusters runs a few thousand different ones.
create table component_sets (
    hash bytea primary key check (octet_length(hash) = 16),
    components jsonb not null
);

create table clusters (
    id uuid primary key,
    first_seen timestamptz not null,
    last_seen timestamptz not null,
    checkins bigint not null,
    set_hash bytea not null references component_sets (hash),
    labels text[] not null,
    check (first_seen <= last_seen)
);

create index clusters_first_seen on clusters (first_seen, id) include (last_seen);
create index clusters_last_seen on clusters (last_seen, first_seen, id);

-- Append-only. The hash has no reference of its own: its set is written in the same transaction, and a look-up per check-in would be paid for nothing.
create table checkins (
    cluster_id uuid not null references clusters (id) on delete cascade,
    at timestamptz not null,
    set_hash bytea not null
) partition by range (at);

-- Not unique: two check-ins of one cluster may fall on the same microsecond.
create index checkins_cluster on checkins (cluster_id, at);
