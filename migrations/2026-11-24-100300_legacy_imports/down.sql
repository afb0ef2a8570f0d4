drop table legacy_imports;
