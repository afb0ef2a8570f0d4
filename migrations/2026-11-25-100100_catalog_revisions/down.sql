drop table catalog_revisions;
