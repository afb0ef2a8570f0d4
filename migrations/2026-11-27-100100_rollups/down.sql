drop table rollup_state;
drop table rollup_changes;
drop table rollup_gaps;
drop table rollup_versions;
drop table rollup_sets;
drop table rollup_cohorts;
drop table rollup_activity;
drop table rollup_moves;
