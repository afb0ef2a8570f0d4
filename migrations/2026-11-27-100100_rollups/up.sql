-- The history in numbers: see src/store/rollups/. Days are those of UTC. A step is 1 for a day, 2 for a week from Monday on, 3 for a month;
-- a bucket is the first day of one.

-- What check-ins have changed, and the other tables do not count yet. A check-in that changes nothing, being on the same day and the same
-- in all else as the one before it, is not here.
create table rollup_moves (
    -- 1, or -1 to take back what was counted.
    sign smallint not null,
    at timestamptz not null,
    set_hash bytea not null,
    labels text[] not null,
    first_seen timestamptz not null,
    first_labels text[] not null,
    -- The check-in before it; null if there was none.
    was_seen timestamptz,
    was_hash bytea,
    was_labels text[]
);

-- Clusters that were active, and those of them that appeared.
create table rollup_activity (
    step smallint not null,
    bucket date not null,
    labels text[] not null,
    clusters bigint not null,
    appeared bigint not null,
    primary key (step, bucket, labels)
);

-- Active clusters by the day when they were first seen.
create table rollup_cohorts (
    step smallint not null,
    bucket date not null,
    first_day date not null,
    labels text[] not null,
    first_labels text[] not null,
    clusters bigint not null,
    primary key (step, bucket, first_day, labels, first_labels)
);

-- Active clusters by what they ran at last.
create table rollup_sets (
    step smallint not null,
    bucket date not null,
    labels text[] not null,
    set_hash bytea not null,
    clusters bigint not null,
    primary key (step, bucket, labels, set_hash)
);

-- The same by component.
create table rollup_versions (
    component text collate "C" not null,
    step smallint not null,
    bucket date not null,
    train text collate "C" not null,
    version text collate "C" not null,
    labels text[] not null,
    clusters bigint not null,
    primary key (component, step, bucket, train, version, labels)
);

create index rollup_versions_bucket on rollup_versions (step, bucket);

-- How many days after a day on which they checked in clusters did so again. The labels are those of the first of the two days.
create table rollup_gaps (
    day date not null,
    gap integer not null,
    labels text[] not null,
    clusters bigint not null,
    primary key (day, gap, labels)
);

-- How often clusters went from one version to another.
create table rollup_changes (
    component text collate "C" not null,
    day date not null,
    train text collate "C" not null,
    from_version text collate "C" not null,
    to_version text collate "C" not null,
    labels text[] not null,
    clusters bigint not null,
    primary key (component, day, train, from_version, to_version, labels)
);

-- Whether the history has been counted: one row.
create table rollup_state (
    id boolean primary key default true check (id),
    is_counted boolean not null
);

insert into rollup_state (is_counted) select not exists (select from clusters);
