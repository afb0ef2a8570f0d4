//! The tables keep the rules of migrations/README.md, by which they can be spread over many machines.

use stationmaster::store::distribution::{COPIED, SPREAD};

use crate::support::{Database, TABLES};

/// The tables that stay on the coordinator: nothing is joined with them but what every machine has, and nothing refers to
/// them.
const LOCAL: [&str; 13] = [
    "audit_events",
    "catalog_revisions",
    "doctor_reports",
    "legacy_imports",
    "publishers",
    "rollup_activity",
    "rollup_changes",
    "rollup_cohorts",
    "rollup_gaps",
    "rollup_moves",
    "rollup_sets",
    "rollup_state",
    "rollup_versions",
];

/// The tables that are spread, with the columns that they are spread by, as something to select from.
fn spread() -> String {
    let rows = SPREAD.map(|(table, by, _)| format!("('{table}'::regclass, '{by}')"));
    format!("(values {}) as spread(relid, by)", rows.join(", "))
}

#[test]
fn every_table_has_its_place() {
    let mut placed = [&COPIED[..], &SPREAD.map(|(table, ..)| table), &LOCAL].concat();
    placed.sort_unstable();
    let tables = Database::new().texts(&format!("select relname from {TABLES} tables order by relname"));
    assert_eq!(tables, placed, "a new table goes into a list of src/store/distribution.rs, or into LOCAL here");
}

#[test]
fn only_the_audit_trail_has_a_trigger() {
    let triggers =
        format!("select relname from pg_trigger join {TABLES} tables on tgrelid = tables.oid where not tgisinternal");
    assert_eq!(Database::new().texts(&triggers), ["audit_events"]);
}

#[test]
fn what_is_unique_contains_the_column_that_its_table_is_spread_by() {
    let unique = format!(
        "from pg_index join {} on indrelid = relid
         join pg_attribute on attrelid = relid and attname = by where indisunique",
        spread()
    );
    let database = Database::new();
    assert!(!database.texts(&format!("select indexrelid::regclass {unique}")).is_empty());
    let offenders = format!("select indexrelid::regclass {unique} and not attnum = any (indkey[0:indnkeyatts - 1])");
    assert_eq!(database.texts(&offenders), [""; 0]);
}

#[test]
fn references_lead_from_spread_tables_to_copied_ones_or_from_check_ins_to_their_cluster() {
    let mut allowed = vec!["checkins -> clusters".to_owned()];
    allowed.extend(SPREAD.iter().flat_map(|(source, ..)| COPIED.map(|target| format!("{source} -> {target}"))));
    let references = Database::new().texts(
        "select format('%s -> %s', conrelid::regclass, confrelid::regclass) from pg_constraint
         where contype = 'f' and conparentid = 0",
    );
    assert!(references.contains(&allowed[0]), "{references:?}");
    for reference in references {
        assert!(allowed.contains(&reference), "{reference}");
    }
}

#[test]
fn check_ins_are_told_where_they_belong_by_their_reference_to_a_cluster() {
    let columns = "select attname from pg_constraint join pg_attribute on attrelid = conrelid and attnum = any (conkey)
                   where contype = 'f' and conrelid = 'checkins'::regclass and confrelid = 'clusters'::regclass";
    assert_eq!(Database::new().texts(columns), ["cluster_id"]);
}
