-- Adds to the moves what the history of some clusters comes to: {clusters} says which, by their column cluster_id.
insert into rollup_moves (sign, at, set_hash, labels, first_seen, first_labels, was_seen, was_hash, was_labels)
select $1, at, chain.set_hash, chain.labels, first_seen, first_labels, chain.was_seen, chain.was_hash, chain.was_labels
from (
    select cluster_id, at, set_hash, labels,
           lag(at) over chain as was_seen, lag(set_hash) over chain as was_hash, lag(labels) over chain as was_labels
    from (select cluster_id, at, set_hash, coalesce(labels, '{}') as labels from checkins where {clusters}) as history
    window chain as (partition by cluster_id order by at, set_hash, labels)
) as chain join clusters on id = cluster_id
where chain.was_seen is null or (chain.was_seen at time zone 'UTC')::date <> (at at time zone 'UTC')::date
    or (chain.was_hash, chain.was_labels) <> (chain.set_hash, chain.labels)
