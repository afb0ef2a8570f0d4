//! `stationmaster rollup rebuild`.

use std::process::Command;

use uuid::Uuid;

use crate::support::{Server, check_in, labelled, program, report, run};

fn rebuild(server: &Server, arguments: &[&str]) -> Command {
    let mut command = program();
    command.args(["rollup", "rebuild", "--database-url", &server.database().url]).args(arguments);
    command
}

/// The lines that it printed: each table with how many of its numbers were different.
fn different(printed: &str) -> Vec<(&str, &str)> {
    let lines = printed.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>());
    lines.map(|cells| (cells[0], cells[2])).collect()
}

async fn filled() -> Server {
    let server = Server::start();
    let id = Uuid::new_v4();
    for version in ["v2.3.0", "v2.4.0"] {
        check_in(&server.anonymous(), id, report(&[("deis-router", version)])).await.expect("checked in");
    }
    check_in(&server.anonymous(), Uuid::new_v4(), labelled(&["ci"])).await.expect("checked in");
    server
}

#[tokio::test]
async fn it_proves_that_the_numbers_are_what_the_history_comes_to() {
    let server = filled().await;
    let printed = run(&mut rebuild(&server, &["--check"])).printed();
    assert_eq!(
        different(&printed),
        [
            ("rollup_activity", "0"),
            ("rollup_cohorts", "0"),
            ("rollup_sets", "0"),
            ("rollup_versions", "0"),
            ("rollup_gaps", "0"),
            ("rollup_changes", "0")
        ]
    );
}

#[tokio::test]
async fn it_finds_what_is_different_and_puts_it_right() {
    let server = filled().await;
    run(&mut rebuild(&server, &[])).printed();
    let before = server.database().texts("select one from rollup_versions one order by one::text");
    server.database().execute("update rollup_versions set clusters = clusters + 1 where version = 'v2.4.0'");
    let found = run(&mut rebuild(&server, &["--check"]));
    assert_eq!(found.status.code(), Some(1));
    assert!(different(&found.stdout).contains(&("rollup_versions", "3")), "{found:?}");
    assert!(found.stderr.contains("without --check"), "{found:?}");

    let printed = run(&mut rebuild(&server, &[])).printed();
    assert!(different(&printed).contains(&("rollup_versions", "3")), "a day, a week and a month: {printed}");
    assert_eq!(server.database().texts("select one from rollup_versions one order by one::text"), before);
    run(&mut rebuild(&server, &["--check"])).printed();
}

#[tokio::test]
async fn numbers_of_months_that_were_dropped_stay() {
    let server = filled().await;
    run(&mut rebuild(&server, &[])).printed();
    server.database().execute(
        "insert into rollup_activity (step, bucket, labels, clusters, appeared) values (3, '2001-01-01', '{}', 7, 7)",
    );
    let printed = run(&mut rebuild(&server, &[])).printed();
    assert!(different(&printed).iter().all(|(_, different)| *different == "0"), "{printed}");
    assert_eq!(server.database().count("rollup_activity where bucket = '2001-01-01' and clusters = 7"), 1);
}
