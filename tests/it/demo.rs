//! The client crate's example that fills a server.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{self, Server, ServerOptions, eventually, run, token};

const SCOPES: &str = "versions:publish clusters:read";

#[test]
fn it_fills_a_server_and_may_run_again() {
    let server = Server::start();
    let mut example = example(&server.url, &token(SCOPES));
    let first = run(&mut example).printed();
    let counts = counts(&first);
    assert_eq!(counts["releases published"], 372);
    assert_eq!(counts["clusters for the first time"], 500);
    assert_eq!(counts["clusters told of something newer"], 500);
    assert_eq!(counts["clusters in all"], 500);
    assert_eq!(counts["clusters fresh_within=P7D"], 500);
    assert_eq!(counts["clusters stale_for=P7D"], 0);
    assert_eq!(counts["clusters not_label=ci"], 450);
    assert!(has_row(&first, ["deis-minio", "stable", "v2.3.6", "2017-05-10"]), "{first}");

    let second = run(&mut example).printed();
    let counts = self::counts(&second);
    assert_eq!((counts["releases published"], counts["releases already there"]), (0, 372));
    assert_eq!((counts["clusters checked in"], counts["clusters for the first time"]), (500, 0));
    assert_eq!(counts["clusters in all"], 500);
}

#[tokio::test]
async fn it_asks_again_when_the_server_could_not_answer() {
    let server = Server::start_with(ServerOptions {
        arguments: vec!["--statement-timeout=100ms".into()],
        ..ServerOptions::default()
    });
    let mut example = example(&server.url, &token(SCOPES));
    let lock = server.database().lock("versions");
    let example = tokio::task::spawn_blocking(move || run(&mut example).printed());
    eventually("calls were refused", async || server.log().contains("status=503")).await;
    drop(lock);
    let printed = example.await.expect("it ended");
    assert_eq!(counts(&printed)["releases published"], 372);
}

#[test]
fn it_says_what_to_do_about_a_token_or_a_server_that_is_missing() {
    let server = Server::start();
    for token in ["nonsense", &token("clusters:read")] {
        let complaint = run(&mut example(&server.url, token)).complaint(1);
        assert!(complaint.contains("stationmaster token --subject demo --scope"), "{complaint}");
    }
    let complaint = run(&mut example("http://127.0.0.1:1", &token(SCOPES))).complaint(1);
    assert!(complaint.contains("no server answers at http://127.0.0.1:1."), "{complaint}");
    assert!(complaint.contains("stationmaster serve"), "{complaint}");
}

#[test]
fn its_data_are_those_of_the_tests() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for name in ["deis-releases.jsonl", "deis-workflow-sets.jsonl"] {
        let read = |directory| fs::read_to_string(root.join(directory).join(name)).expect(name);
        assert!(read("tests/data") == read("client/examples/deis/data"), "{name} differs");
    }
}

fn example(url: &str, token: &str) -> Command {
    let mut command = support::example("deis");
    command.args(["--url", url]).env("STATIONMASTER_TOKEN", token);
    command
}

/// What it counted.
fn counts(printed: &str) -> BTreeMap<&str, u64> {
    let lines = printed.lines().take_while(|line| !line.is_empty());
    let counts = lines.filter_map(|line| line.trim_start().split_once("  "));
    counts.map(|(count, what)| (what, count.parse().expect("a number"))).collect()
}

fn has_row(printed: &str, cells: [&str; 4]) -> bool {
    printed.lines().any(|line| line.split_whitespace().eq(cells))
}
