drop index clusters_first_seen;
create index clusters_first_seen on clusters (first_seen, id) include (last_seen);
