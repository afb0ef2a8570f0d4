alter table clusters drop column legacy;
alter table component_sets drop column legacy;
