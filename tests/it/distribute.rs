//! `stationmaster distribute`: on PostgreSQL without Citus, and against a stand-in for Citus that keeps its rules and
//! moves the rows away.

use std::process::Command;
use std::thread;

use diesel::connection::SimpleConnection;

use crate::support::{Database, importing, old_database, program, run};

/// What Citus is asked for, all in all.
const CALLS: [&str; 8] = [
    "create_reference_table versions",
    "create_reference_table component_sets",
    "create_distributed_table clusters by id beside none, 32 shards",
    "create_distributed_table checkins by cluster_id beside clusters, 32 shards",
    "truncate_local_data_after_distributing_table versions",
    "truncate_local_data_after_distributing_table component_sets",
    "truncate_local_data_after_distributing_table clusters",
    "truncate_local_data_after_distributing_table checkins",
];

const TABLES: [&str; 4] = ["versions", "component_sets", "clusters", "checkins"];

const ALL: &str = "versions\ncomponent_sets\nclusters\ncheckins\n";

const NOTHING: &str = "nothing to do: all tables are distributed already\n";

/// Some rows for every table. The check-ins are in two partitions.
const SEED: &str = "
create table checkins_2026_01 partition of checkins for values from ('2026-01-01Z') to ('2026-02-01Z');
create table checkins_2026_02 partition of checkins for values from ('2026-02-01Z') to ('2026-03-01Z');
insert into versions (component, train, version, precedence, released, published_at, metadata)
    select 'a', 'stable', n::text, '', '2026-01-01Z', '2026-01-01Z', '{}' from generate_series(1, 5) n;
insert into component_sets (hash, components)
    select substr(sha256(n::text::bytea), 1, 16), '[]' from generate_series(1, 3) n;
insert into clusters (id, first_seen, last_seen, checkins, set_hash, labels)
    select gen_random_uuid(), '2026-01-15Z', '2026-02-15Z', 2, hash, '{}' from component_sets, generate_series(1, 20);
insert into checkins (cluster_id, at, set_hash)
    select id, at, set_hash from clusters, unnest(array[first_seen, last_seen]) at;
insert into doctor_reports (id, report) values (gen_random_uuid(), '{}');
";

fn distributing(database: &Database) -> Command {
    let mut command = program();
    command.arg("distribute").env("DATABASE_URL", &database.url);
    command
}

/// A database with rows and the stand-in.
fn with_citus() -> Database {
    let database = Database::new();
    database.execute(SEED);
    database.execute(include_str!("../data/citus-stand-in.sql"));
    database
}

/// All rows of the four tables, on the coordinator or moved away.
fn rows(database: &Database, schema: &str) -> Vec<String> {
    let rows =
        TABLES.map(|table| database.texts(&format!("select '{table}' || row_to_json(one) from {schema}.{table} one")));
    let mut rows = rows.concat();
    rows.sort();
    rows
}

fn references(database: &Database) -> Vec<String> {
    database.texts(
        "select concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid), convalidated)
         from pg_constraint where contype = 'f' and conparentid = 0 order by 1",
    )
}

fn calls(database: &Database) -> Vec<String> {
    database.texts("select call from stand_in.calls")
}

#[test]
fn without_citus_there_is_nothing_to_do() {
    let database = Database::new();
    database.execute(SEED);
    let (everything, shape) = (database.everything(), database.shape());
    let printed = run(&mut distributing(&database)).printed();
    assert_eq!(printed, "nothing to do: this PostgreSQL has no Citus, and keeps all on one machine\n");
    assert_eq!((database.everything(), database.shape()), (everything, shape));
}

#[test]
fn without_a_database_it_says_which_one_it_needs() {
    let complaint = run(program().arg("distribute")).complaint(1);
    assert!(complaint.contains("let DATABASE_URL name the one on the Citus coordinator"), "{complaint}");
}

#[test]
fn every_table_comes_to_where_it_belongs_with_its_rows() {
    let database = with_citus();
    let (before, references_before) = (rows(&database, "public"), references(&database));
    let reports = database.texts("select row_to_json(one) from doctor_reports one");

    assert_eq!(run(&mut distributing(&database)).printed(), ALL);
    assert_eq!(calls(&database), CALLS);
    assert_eq!(rows(&database, "machines"), before);
    assert_eq!(rows(&database, "public"), [""; 0], "nothing is left on the coordinator");
    assert_eq!(references(&database), references_before);
    assert_eq!(database.texts("select row_to_json(one) from doctor_reports one"), reports, "these stay");
    let listed = "select concat_ws(' ', logicalrelid, partmethod, repmodel) from pg_dist_partition order by 1";
    assert_eq!(database.texts(listed), ["checkins h s", "clusters h s", "component_sets n t", "versions n t"]);
}

#[test]
fn done_again_it_changes_nothing() {
    let database = with_citus();
    run(&mut distributing(&database)).printed();
    let (moved, references_before) = (rows(&database, "machines"), references(&database));
    assert_eq!(run(&mut distributing(&database)).printed(), NOTHING);
    assert_eq!(rows(&database, "machines"), moved);
    assert_eq!(references(&database), references_before);
}

#[test]
fn interrupted_at_any_call_and_done_again_it_comes_to_the_same_end() {
    for at in 1..=CALLS.len() {
        let database = with_citus();
        let (before, references_before) = (rows(&database, "public"), references(&database));
        database.execute(&format!("insert into stand_in.interruptions values ({at})"));

        let complaint = run(&mut distributing(&database)).complaint(1);
        assert!(complaint.contains("interrupted at"), "{complaint}");
        assert!(complaint.contains("run it again"), "{complaint}");
        assert_eq!(references(&database), references_before, "interrupted at {at}, check-ins refer to their clusters");

        let printed = run(&mut distributing(&database)).printed();
        // Those before the first one that empties a table are one transaction.
        assert_eq!(printed, if at <= TABLES.len() { ALL } else { NOTHING }, "interrupted at {at}");
        assert_eq!(rows(&database, "machines"), before, "interrupted at {at}");
        assert_eq!(rows(&database, "public"), [""; 0], "interrupted at {at}");
        assert_eq!(references(&database), references_before, "interrupted at {at}");
    }
}

#[test]
fn what_was_distributed_by_hand_is_left_as_it_is() {
    let database = with_citus();
    let before = rows(&database, "public");
    // With what Citus lists besides: a table that refers to a copied one.
    database.execute("select create_reference_table('component_sets'); delete from stand_in.calls");
    assert_eq!(run(&mut distributing(&database)).printed(), "versions\nclusters\ncheckins\n");
    let expected = [&CALLS[..1], &CALLS[2..]].concat();
    assert_eq!(calls(&database), expected);
    assert_eq!(rows(&database, "machines"), before);
}

#[test]
fn no_name_of_a_constraint_matters() {
    let database = with_citus();
    let rename = database.texts(
        "select format('alter table checkins rename constraint %I to \"Check-ins'' own\"', conname)
         from pg_constraint where contype = 'f' and conrelid = 'checkins'::regclass",
    );
    database.execute(&rename[0]);
    let references_before = references(&database);
    assert_eq!(run(&mut distributing(&database)).printed(), ALL);
    assert_eq!(references(&database), references_before);
}

#[test]
fn two_at_once_do_it_once() {
    let database = with_citus();
    let before = rows(&database, "public");
    let mut printed = thread::scope(|scope| {
        let running = [(); 2].map(|()| scope.spawn(|| run(&mut distributing(&database)).printed()));
        running.map(|one| one.join().expect("it succeeds"))
    });
    printed.sort();
    assert_eq!(printed, [NOTHING, ALL]);
    assert_eq!(rows(&database, "machines"), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_in_that_is_under_way_is_waited_for() {
    let database = with_citus();
    // Half a check-in: the cluster is written, its history is not.
    let mut under_way = database.connect();
    under_way.batch_execute("begin; update clusters set checkins = checkins + 1").expect("the first half");
    thread::scope(|scope| {
        let running = scope.spawn(|| run(&mut distributing(&database)).printed());
        tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(database.until_blocked(1)));
        under_way
            .batch_execute(
                "insert into checkins (cluster_id, at, set_hash) select id, '2026-02-20Z', set_hash from clusters; commit",
            )
            .expect("the second half, and no deadlock");
        assert_eq!(running.join().expect("it succeeds"), ALL);
    });
    assert_eq!(database.count("machines.checkins"), 180);
}

#[test]
fn a_database_that_was_never_migrated_is_migrated_first() {
    let database = Database::empty();
    database.execute(include_str!("../data/citus-stand-in.sql"));
    assert_eq!(run(&mut distributing(&database)).printed(), ALL);
    assert_eq!(database.shape(), Database::new().shape());
}

#[test]
fn an_import_comes_before() {
    let (old, database) = (old_database(), with_citus());
    run(&mut importing(&old.url, &database)).printed();
    run(&mut distributing(&database)).printed();
    let complaint = run(&mut importing(&old.url, &database)).complaint(1);
    assert!(complaint.contains("import first, distribute then"), "{complaint}");
}
