//! Check-ins that are refused, and those that just are not.

use hyper::Method;
use hyper::header::CONTENT_TYPE;
use reqwest::StatusCode;
use serde_json::json;
use stationmaster_client::types::CheckIn;
use uuid::Uuid;

use crate::support::{Call, Refused, Server, check_in, installed, labelled, report};

/// A report of so many different components.
fn components(count: usize) -> CheckIn {
    let components = (0..count).map(|number| installed(&format!("component-{number}"), "1.0.0"));
    CheckIn { components: components.collect(), labels: Vec::new() }
}

/// A check-in that the client's types cannot say.
fn call(id: &str) -> Call {
    Call::new(Method::POST, format!("/v4/clusters/{id}/checkins"))
}

#[tokio::test]
async fn a_cluster_runs_from_1_to_200_components() {
    let server = Server::start();
    let client = server.anonymous();
    for count in [1, 200] {
        let answer = check_in(&client, Uuid::new_v4(), components(count)).await;
        assert_eq!(answer.expect("checked in").status(), StatusCode::CREATED, "{count}");
    }
    for count in [0, 201] {
        let answer = check_in(&client, Uuid::new_v4(), components(count)).await;
        answer.refused().assert_faults(&["body /components"]);
    }
    assert_eq!(server.database().count("clusters"), 2, "of those that were not refused");
}

#[tokio::test]
async fn a_cluster_has_at_most_16_labels() {
    let server = Server::start();
    let labels: Vec<String> = (0..17).map(|number| format!("label-{number}")).collect();
    let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
    let answer = check_in(&server.anonymous(), Uuid::new_v4(), labelled(&labels[..16])).await;
    assert_eq!(answer.expect("checked in").status(), StatusCode::CREATED);
    let answer = check_in(&server.anonymous(), Uuid::new_v4(), labelled(&labels)).await;
    answer.refused().assert_faults(&["body /labels"]);
}

#[tokio::test]
async fn reserved_names_are_all_pointed_at() {
    let server = Server::start();
    let report = report(&[
        ("latest", "1.0.0"),
        ("fine", "1.0.0"),
        ("latest", "latest"),
        ("fine", "."),
        ("fine", ".."),
        ("latest-thing", "v1.latest"),
    ]);
    let answer = check_in(&server.anonymous(), Uuid::new_v4(), report).await;
    answer.refused().assert_faults(&[
        "body /components/0/component",
        "body /components/2/component",
        "body /components/2/version",
        "body /components/3/version",
        "body /components/4/version",
    ]);
    assert_eq!(server.database().count("component_sets"), 0);
}

#[tokio::test]
async fn what_was_not_asked_for_is_refused_by_name() {
    let server = Server::start();
    let body = json!({
        "components": [{"component": "a", "train": "stable", "version": "1", "path": "/opt"}],
        "hostname": "secret.example",
    });
    let answer = call(&Uuid::new_v4().to_string()).json(body.to_string());
    let refusal = answer.send(&server).await.refusal();
    refusal.assert_faults(&["body /components/0/path", "body /hostname"]);
    assert_eq!(server.database().count("clusters"), 0);
}

#[tokio::test]
async fn faults_of_path_and_body_are_told_together() {
    let server = Server::start();
    let body = json!({
        "components": [{"component": "UPPER", "train": "stable"}],
        "labels": ["fine", "with space"],
    });
    let refusal = call("not-a-uuid").json(body.to_string()).send(&server).await.refusal();
    refusal.assert_faults(&[
        "path /id",
        "body /components/0/component",
        "body /components/0/version",
        "body /labels/1",
    ]);
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_refused_by_its_kind() {
    let server = Server::start();
    let call = || call(&Uuid::new_v4().to_string());
    let too_large = json!({"components": [], "labels": ["x".repeat(1 << 20)]});
    for (call, status, kind) in [
        (call().json("{"), 400, "not-json"),
        (call().json(""), 400, "not-json"),
        (call().bytes("{}").header(CONTENT_TYPE, "text/plain"), 415, "unsupported-media-type"),
        (call().bytes("{}"), 415, "unsupported-media-type"),
        (call().json(too_large.to_string()), 413, "too-large"),
    ] {
        call.send(&server).await.refusal().assert_is(status, kind);
    }
    assert_eq!(server.database().count("clusters"), 0);
}
