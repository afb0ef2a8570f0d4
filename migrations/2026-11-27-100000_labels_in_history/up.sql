-- What the cluster was labelled at the time, where that is not what it was labelled at its first check-in, as nearly always.
alter table checkins add column labels text[];

-- The labels of its first check-in. What was reported before this column came counts by the labels of that day.
alter table clusters add column first_labels text[] not null default '{}';

update clusters set first_labels = labels where labels <> '{}';

-- What the last check-in took the place of: PostgreSQL tells of a row that it updates only how it is afterwards. Null after the first one.
alter table clusters add column was_seen timestamptz;

alter table clusters add column was_hash bytea;

alter table clusters add column was_labels text[];
