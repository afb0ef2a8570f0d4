drop table checkins;
drop table clusters;
drop table component_sets;
