//! Looking up the latest of many components in one call.

use hyper::Method;
use serde_json::json;
use stationmaster_client::types::{ComponentQuery, LatestEntry, LatestQuery, Version};

use crate::support::{Call, Server, latest, publish, publish_all, publish_released, yank};

fn ask(component: &str, train: &str) -> ComponentQuery {
    serde_json::from_value(json!({"component": component, "train": train})).expect("a question")
}

fn ask_with(component: &str, train: &str, installed: &str) -> ComponentQuery {
    let installed = Some(installed.parse().expect("a version"));
    ComponentQuery { installed, ..ask(component, train) }
}

async fn look_up(server: &Server, components: Vec<ComponentQuery>) -> Vec<LatestEntry> {
    let call = server.anonymous();
    let call = call.get_latest_versions().body(LatestQuery::builder().components(components));
    call.send().await.expect("answered").into_inner().data
}

fn version(latest: Option<&Version>) -> Option<&str> {
    latest.map(|latest| latest.version.as_str())
}

/// Whether there is an update for `installed` where `latest` is the latest.
async fn update_available(server: &Server, train: &str, installed: &str) -> bool {
    let answers = look_up(server, vec![ask_with("deis-router", train, installed)]).await;
    answers[0].update_available
}

#[tokio::test]
async fn answers_come_in_the_order_of_the_questions_with_duplicates_and_misses() {
    let server = Server::start();
    let publisher = server.admin();
    publish_all(&publisher, ("deis-router", "stable"), &["v2.1.0", "v2.2.0"]).await;
    publish(&publisher, ("deis-router", "beta", "v3.0.0-beta1")).await;
    publish(&publisher, ("deis-builder", "stable", "v1.0.0")).await;
    publish(&publisher, ("yanked", "stable", "v1.0.0")).await;
    yank(&publisher, ("yanked", "stable", "v1.0.0"), "why").await;
    let expected = [
        ("deis-router", "stable", Some("v2.2.0")),
        ("no-such-component", "stable", None),
        ("deis-builder", "stable", Some("v1.0.0")),
        // Asked for nowhere in this combination, so it must not be mixed up from the others.
        ("deis-builder", "beta", None),
        ("deis-router", "stable", Some("v2.2.0")),
        ("deis-router", "beta", Some("v3.0.0-beta1")),
        ("yanked", "stable", None),
        ("deis-router", "stable", Some("v2.2.0")),
    ];
    let answers = look_up(&server, expected.iter().map(|(component, train, _)| ask(component, train)).collect()).await;
    let answers = answers.iter().map(|entry| {
        let latest = version(entry.latest.as_ref());
        (entry.component.as_str(), entry.train.as_str(), latest)
    });
    assert_eq!(answers.collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn an_entry_holds_the_whole_version() {
    let server = Server::start();
    publish_released(&server.admin(), ("deis-router", "stable", "v2.2.0"), "2016-07-27T19:18:56Z").await;
    let answers = look_up(&server, vec![ask("deis-router", "stable")]).await;
    let latest = latest(&server.anonymous(), ("deis-router", "stable")).await.expect("there is one");
    let json = |version: &Version| serde_json::to_value(version).expect("JSON");
    let found = answers[0].latest.as_ref().expect("there is one");
    similar_asserts::assert_eq!(json(found), json(&latest));
}

#[tokio::test]
async fn what_is_unknown_comes_back_with_null() {
    let server = Server::start();
    let body = json!({"components": [{"component": "unknown", "train": "stable", "installed": "v1.0.0"}]});
    let call = Call::new(Method::POST, "/v4/versions/latest").json(body.to_string());
    let expected = json!({
        "data": [{"component": "unknown", "train": "stable", "latest": null, "update_available": false}],
    });
    similar_asserts::assert_eq!(call.send(&server).await.value(200), expected);
}

#[tokio::test]
async fn nothing_asked_is_nothing_answered() {
    let server = Server::start();
    assert!(look_up(&server, Vec::new()).await.is_empty());
}

#[tokio::test]
async fn an_update_is_available_when_the_latest_outranks_what_is_installed() {
    let server = Server::start();
    publish_all(&server.admin(), ("deis-router", "stable"), &["v2.1.0", "v2.2.0", "nightly"]).await;
    for (installed, expected) in [
        ("v2.1.0", true),
        ("1.0.0", true),
        ("v2.2.0-rc.1", true),
        ("v2.2.0", false),
        // The same version in other words.
        ("2.2.0", false),
        ("2.2.0+hotfix", false),
        // Newer than all that is published.
        ("v2.2.1", false),
        ("v3.0.0-alpha", false),
        // Not SemVer: what is outranks it.
        ("nightly", true),
        ("v2.2", true),
        ("18446744073709551616.0.0", true),
        // Never published.
        ("v0.0.1", true),
    ] {
        assert_eq!(update_available(&server, "stable", installed).await, expected, "{installed}");
    }
    let silent = look_up(&server, vec![ask("deis-router", "stable")]).await;
    assert!(!silent[0].update_available, "nobody said what is installed");
}

#[tokio::test]
async fn where_nothing_is_semver_the_one_released_last_is_an_update_for_all_others() {
    let server = Server::start();
    let publisher = server.admin();
    publish_released(&publisher, ("deis-router", "nightly", "b"), "2017-01-01T00:00:00Z").await;
    publish_released(&publisher, ("deis-router", "nightly", "a"), "2017-01-02T00:00:00Z").await;
    for (installed, expected) in [("a", false), ("b", true), ("never-published", true), ("v1.0.0", false)] {
        assert_eq!(update_available(&server, "nightly", installed).await, expected, "{installed}");
    }
}

#[tokio::test]
async fn no_update_is_available_where_all_versions_are_yanked() {
    let server = Server::start();
    let publisher = server.admin();
    publish_all(&publisher, ("deis-router", "stable"), &["v2.1.0", "v2.2.0"]).await;
    yank(&publisher, ("deis-router", "stable", "v2.2.0"), "why").await;
    assert!(!update_available(&server, "stable", "v2.1.0").await);
    assert!(!update_available(&server, "stable", "v2.2.0").await, "nothing newer than the yanked one");
    yank(&publisher, ("deis-router", "stable", "v2.1.0"), "why").await;
    assert!(!update_available(&server, "stable", "v1.0.0").await);
}

#[tokio::test]
async fn five_hundred_may_be_asked_for_and_no_more() {
    let server = Server::start();
    publish(&server.admin(), ("c-499", "stable", "v1.0.0")).await;
    let questions = |count: usize| -> Vec<_> { (0..count).map(|at| ask(&format!("c-{at}"), "stable")).collect() };
    let answers = look_up(&server, questions(500)).await;
    assert_eq!(answers.len(), 500);
    for (at, answer) in answers.iter().enumerate() {
        assert_eq!(answer.component, format!("c-{at}"));
        assert_eq!(version(answer.latest.as_ref()), (at == 499).then_some("v1.0.0"));
    }
    let too_many = json!({"components": questions(501)}).to_string();
    let answer = Call::new(Method::POST, "/v4/versions/latest").json(too_many).send(&server).await;
    answer.refusal().assert_faults(&["body /components"]);
}
