-- Counts moves, wherever they come from.
with moves as (
    {moves}
), days as (
    select sign, set_hash, labels, first_labels, was_hash, was_labels,
           (at at time zone 'UTC')::date as day,
           (first_seen at time zone 'UTC')::date as first_day,
           (was_seen at time zone 'UTC')::date as was_day
    from moves
), buckets as (
    select days.*, step,
           case step when 1 then day
               when 2 then date_trunc('week', day::timestamp)::date
               else date_trunc('month', day::timestamp)::date end as bucket,
           case step when 1 then was_day
               when 2 then date_trunc('week', was_day::timestamp)::date
               else date_trunc('month', was_day::timestamp)::date end as was_bucket
    from days cross join (values (1::smallint), (2), (3)) as steps (step)
), changed as (
    -- In a bucket that it was active in before, a cluster goes from what it was to what it is.
    select step, bucket, set_hash, labels, first_day, first_labels, sign as clusters from buckets
    union all
    select step, bucket, was_hash, was_labels, first_day, first_labels, -sign from buckets where was_bucket = bucket
), totals as materialized (
    select step, bucket, set_hash, labels, first_day, first_labels, sum(clusters) as clusters from changed
    group by step, bucket, set_hash, labels, first_day, first_labels having sum(clusters) <> 0
), activity as (
    insert into rollup_activity as known (step, bucket, labels, clusters, appeared)
    select step, bucket, labels, sum(clusters), coalesce(sum(clusters) filter (where first_day >= bucket), 0) from totals
    group by step, bucket, labels
    on conflict (step, bucket, labels) do update set
        clusters = known.clusters + excluded.clusters, appeared = known.appeared + excluded.appeared
), cohorts as (
    insert into rollup_cohorts as known (step, bucket, first_day, labels, first_labels, clusters)
    select step, bucket, first_day, labels, first_labels, sum(clusters) from totals
    group by step, bucket, first_day, labels, first_labels having sum(clusters) <> 0
    on conflict (step, bucket, first_day, labels, first_labels) do update set clusters = known.clusters + excluded.clusters
), sets_changed as materialized (
    select step, bucket, labels, set_hash, sum(clusters) as clusters from totals
    group by step, bucket, labels, set_hash having sum(clusters) <> 0
), sets as (
    insert into rollup_sets as known (step, bucket, labels, set_hash, clusters)
    select step, bucket, labels, set_hash, clusters from sets_changed
    on conflict (step, bucket, labels, set_hash) do update set clusters = known.clusters + excluded.clusters
), versions_of_sets as materialized (
    select hash, part ->> 'component' as component, part ->> 'train' as train, part ->> 'version' as version
    from (
        select hash, jsonb_array_elements(components) as part from component_sets
        where hash in (select set_hash from moves union select was_hash from moves)
    ) as parts
), versions as (
    insert into rollup_versions as known (component, step, bucket, train, version, labels, clusters)
    select component, step, bucket, train, version, labels, sum(clusters)
    from sets_changed join versions_of_sets on hash = set_hash
    group by component, step, bucket, train, version, labels having sum(clusters) <> 0
    on conflict (component, step, bucket, train, version, labels) do update set clusters = known.clusters + excluded.clusters
), gaps as (
    insert into rollup_gaps as known (day, gap, labels, clusters)
    select was_day, day - was_day, was_labels, sum(sign) from days where was_day < day
    group by was_day, day - was_day, was_labels having sum(sign) <> 0
    on conflict (day, gap, labels) do update set clusters = known.clusters + excluded.clusters
), sets_left as (
    select day, labels, was_hash, set_hash, sum(sign) as clusters from days where was_hash <> set_hash
    group by day, labels, was_hash, set_hash having sum(sign) <> 0
)
insert into rollup_changes as known (component, day, train, from_version, to_version, labels, clusters)
select old.component, day, old.train, old.version, new.version, labels, sum(clusters)
from sets_left
join versions_of_sets as old on old.hash = was_hash
join versions_of_sets as new on new.hash = set_hash
where old.component = new.component and old.train = new.train and old.version <> new.version
group by old.component, day, old.train, old.version, new.version, labels having sum(clusters) <> 0
on conflict (component, day, train, from_version, to_version, labels) do update set clusters = known.clusters + excluded.clusters
