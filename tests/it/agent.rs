//! The client crate's example of a cluster's agent.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;
use uuid::Uuid;

use crate::support::{Server, example, publish, run};

fn agent(server: &Server, state: &Path) -> Command {
    let mut command = example("agent");
    command.args(["--url", &server.url, "--runs", "deis-router@stable=v2.3.0", "--state"]).arg(state);
    command
}

fn kept(state: &Path) -> Value {
    serde_json::from_slice(&fs::read(state).expect("its state")).expect("JSON")
}

/// As if the answer with the token had been lost.
fn lose_token(state: &Path) {
    let mut kept = kept(state);
    kept["token"] = Value::Null;
    fs::write(state, kept.to_string()).expect("its state");
}

#[tokio::test]
async fn it_stays_the_same_cluster() {
    let server = Server::start();
    publish(&server.admin(), ("deis-router", "stable", "v2.4.0")).await;
    let directory = TempDir::with_prefix("stationmaster-agent-").expect("a temporary directory");
    let state = directory.path().join("cluster.json");
    for _ in 0..2 {
        assert_eq!(run(&mut agent(&server, &state)).printed(), "deis-router v2.3.0 -> v2.4.0\n");
        // It has not used its token yet.
        lose_token(&state);
    }
    for _ in 0..2 {
        run(&mut agent(&server, &state)).printed();
    }
    assert_eq!(fs::metadata(&state).expect("its state").permissions().mode() & 0o777, 0o600);
    let id: Uuid = kept(&state)["id"].as_str().expect("an id").parse().expect("a UUID");
    let cluster = server.admin().get_cluster().id(id).send().await.expect("it is known");
    assert_eq!(cluster.checkins.get(), 4);

    lose_token(&state);
    let complaint = run(&mut agent(&server, &state)).complaint(1);
    assert!(complaint.contains("to go on as a new cluster, delete"), "{complaint}");
}
