-- `last_seen` as a key. A column that is only included is looked at after the row, which is fetched to see whether it is
-- visible; clusters check in all the time, so there is hardly a page of them that is known to be.
drop index clusters_first_seen;
create index clusters_first_seen on clusters (first_seen, id, last_seen);
