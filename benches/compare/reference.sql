-- The reference for check-ins: the same facts in the plainest form, what a cluster runs written out in every row.
-- It has the keys, and an index to find a cluster's history; nothing of what the age filters need, and no foreign key.

create table reference_clusters (
    id uuid primary key,
    first_seen timestamptz not null,
    last_seen timestamptz not null,
    checkins bigint not null,
    components jsonb not null,
    labels text[] not null
);

create table reference_checkins (
    cluster_id uuid not null,
    at timestamptz not null,
    components jsonb not null
);

create index on reference_checkins (cluster_id, at);
