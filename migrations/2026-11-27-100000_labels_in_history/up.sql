-- What the cluster was labelled at the time; null for nothing. What was reported before this column came counts by the labels of that day.
alter table checkins add column labels text[];

update checkins set labels = clusters.labels from clusters where clusters.id = cluster_id and clusters.labels <> '{}';

-- The labels of its first check-in.
alter table clusters add column first_labels text[] not null default '{}';

update clusters set first_labels = labels where labels <> '{}';

-- What the last check-in took the place of: PostgreSQL tells of a row that it updates only how it is afterwards. Null after the first one.
alter table clusters add column was_seen timestamptz;

alter table clusters add column was_hash bytea;

alter table clusters add column was_labels text[];
