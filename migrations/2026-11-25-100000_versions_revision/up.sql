-- The revision of the catalog that the last change of this version made: what has changed since another one is found by it.
alter table versions add column revision bigint not null default 0;

create index versions_revision on versions (revision);
