drop index versions_revision;

alter table versions drop column revision;
