-- How often what is published has changed: one row. Who changes it holds the row until the end of the transaction, so revisions become
-- visible in their order.
create table catalog_revisions (
    id boolean primary key default true check (id),
    revision bigint not null
);

insert into catalog_revisions (revision) values (0);
