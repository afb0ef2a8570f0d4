-- What the history of some clusters comes to, as moves.
select $1 as sign, at, set_hash, labels, first_seen, first_labels, was_seen, was_hash, was_labels
from (
    select at, set_hash, labels, first_seen, first_labels,
           lag(at) over chain as was_seen, lag(set_hash) over chain as was_hash, lag(labels) over chain as was_labels
    from (
        select cluster_id, at, checkins.set_hash, coalesce(checkins.labels, first_labels) as labels, first_seen, first_labels
        from checkins join clusters on id = cluster_id where {clusters}
    ) as history
    window chain as (partition by cluster_id order by at, set_hash, labels collate "C")
) as chain
where was_seen is null or (was_seen at time zone 'UTC')::date <> (at at time zone 'UTC')::date
    or was_hash <> set_hash or was_labels <> labels
