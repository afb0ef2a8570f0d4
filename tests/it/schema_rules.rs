//! The tables keep the rules of migrations/README.md, by which they can be spread over many machines.

use crate::support::{Database, TABLES};

/// The tables that are spread, each by the column that tells where a row belongs. All others are copied everywhere.
const SPREAD: &str = "(values ('clusters'::regclass, 'id'), ('checkins'::regclass, 'cluster_id')) as spread(relid, by)";

#[test]
fn no_table_has_a_trigger() {
    let triggers =
        format!("select tgname from pg_trigger join {TABLES} tables on tgrelid = tables.oid where not tgisinternal");
    assert_eq!(Database::new().texts(&triggers), [""; 0]);
}

#[test]
fn what_is_unique_contains_the_column_that_its_table_is_spread_by() {
    let unique = format!(
        "from pg_index join {SPREAD} on indrelid = relid
         join pg_attribute on attrelid = relid and attname = by where indisunique"
    );
    let database = Database::new();
    assert!(!database.texts(&format!("select indexrelid::regclass {unique}")).is_empty());
    let offenders = format!("select indexrelid::regclass {unique} and not attnum = any (indkey[0:indnkeyatts - 1])");
    assert_eq!(database.texts(&offenders), [""; 0]);
}

#[test]
fn references_lead_to_small_tables_or_from_check_ins_to_their_cluster() {
    let references = format!(
        "select format('%s -> %s', conrelid::regclass, confrelid::regclass) from pg_constraint
         where contype = 'f' and confrelid in (select relid from {SPREAD}) and conparentid = 0"
    );
    assert_eq!(Database::new().texts(&references), ["checkins -> clusters"]);
}

#[test]
fn check_ins_are_told_where_they_belong_by_their_reference_to_a_cluster() {
    let columns = "select attname from pg_constraint join pg_attribute on attrelid = conrelid and attnum = any (conkey)
                   where contype = 'f' and conrelid = 'checkins'::regclass and confrelid = 'clusters'::regclass";
    assert_eq!(Database::new().texts(columns), ["cluster_id"]);
}
