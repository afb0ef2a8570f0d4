-- Stands in for a coordinator of Citus 13, as far as `stationmaster distribute` can tell: its functions keep the rules
-- by which the real ones refuse, move the rows away to the schema `machines`, and write down what they were asked.

create schema machines;
create schema stand_in;

set allow_system_table_mods = on;
create table pg_catalog.pg_dist_partition (
    logicalrelid regclass primary key,
    partmethod "char" not null,
    colocationid int not null,
    repmodel "char" not null
);
reset allow_system_table_mods;

create table stand_in.calls (call text not null);
create table stand_in.interruptions (at bigint not null);
-- Counts on when a transaction is rolled back.
create sequence stand_in.count;

create function stand_in.called(call text) returns void language plpgsql as $$
begin
    if nextval('stand_in.count') in (select at from stand_in.interruptions) then
        raise exception 'interrupted at %', call;
    end if;
    insert into stand_in.calls values (call);
end $$;

create function stand_in.is_distributed(relation regclass) returns bool stable return
    exists (select from pg_dist_partition where logicalrelid = relation and (partmethod = 'h' or repmodel = 't'));

-- Who refers to whom, leaving out what partitions have from their parents.
create view stand_in.references as
    select conrelid::regclass as source, confrelid::regclass as target
    from pg_constraint where contype = 'f' and conparentid = 0;

create function stand_in.distribute(relation regclass, partmethod "char", colocationid int, repmodel "char")
returns void language plpgsql as $$
begin
    if stand_in.is_distributed(relation) then
        raise exception 'table "%" is already distributed', relation;
    end if;
    if exists (select from pg_trigger where tgrelid = relation and not tgisinternal) then
        raise exception 'cannot distribute relation "%" because it has triggers', relation;
    end if;
    delete from pg_dist_partition where logicalrelid = relation;
    insert into pg_dist_partition values (relation, partmethod, colocationid, repmodel);
    execute format('create table machines.%I as table %s', relation, relation);
end $$;

create function create_reference_table(table_name regclass) returns void language plpgsql as $$
begin
    perform stand_in.called(format('create_reference_table %s', table_name));
    perform stand_in.distribute(table_name, 'n', 1, 't');
    -- Tables that refer to it are added to the metadata, unless that is turned off.
    if coalesce(current_setting('citus.enable_local_reference_table_foreign_keys', true), 'on')::bool then
        insert into pg_dist_partition
            select source, 'n', 0, 's' from stand_in.references where target = table_name
            on conflict do nothing;
    end if;
end $$;

create function create_distributed_table(
    table_name regclass, distribution_column text, distribution_type text default 'hash',
    colocate_with text default 'default', shard_count int default null
) returns void language plpgsql as $$
declare
    shards text := coalesce(shard_count::text, current_setting('citus.shard_count', true), 'some');
begin
    perform stand_in.called(format('create_distributed_table %s by %s beside %s, %s shards',
        table_name, distribution_column, colocate_with, shards));
    if colocate_with not in ('default', 'none') and not stand_in.is_distributed(colocate_with::regclass) then
        raise exception 'relation % is not distributed', colocate_with;
    end if;
    if exists (select from stand_in.references where source = table_name and not stand_in.is_distributed(target)) then
        raise exception 'referenced table must be a distributed table or a reference table';
    end if;
    if exists (select from stand_in.references where target = table_name and not stand_in.is_distributed(source)) then
        raise exception 'cannot distribute "%": a local table refers to it', table_name;
    end if;
    if exists (
        select from pg_index join pg_attribute on attrelid = indrelid and attname = distribution_column
        where indrelid = table_name and indisunique and not attnum = any (indkey[0:indnkeyatts - 1])
    ) then
        raise exception 'unique indexes of "%" must include its partition column', table_name;
    end if;
    if current_setting('citus.multi_shard_modify_mode', true) is distinct from 'sequential'
        and exists (select from stand_in.references where source = table_name) then
        raise exception 'cannot distribute "%" in parallel: it has a foreign key to a reference table', table_name;
    end if;
    perform stand_in.distribute(table_name, 'h', 2, 's');
end $$;

create function truncate_local_data_after_distributing_table(function_table regclass)
returns void language plpgsql as $$
begin
    perform stand_in.called(format('truncate_local_data_after_distributing_table %s', function_table));
    if not stand_in.is_distributed(function_table) then
        raise exception 'supplied parameter is not a distributed relation';
    end if;
    if exists (
        select from stand_in.references where target = function_table and not stand_in.is_distributed(source)
    ) then
        raise exception 'cannot truncate a table referenced in a foreign key constraint by a local table';
    end if;
    -- As the real one: also whatever refers to what refers to it.
    execute format('truncate %s cascade', function_table);
end $$;
