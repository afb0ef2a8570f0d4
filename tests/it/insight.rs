//! What the fleet runs in numbers, asked through the API. That the numbers are right is for insight_numbers.rs.

use hyper::header::{ACCEPT, CONTENT_TYPE, VARY};
use serde_json::{Value, json};
use stationmaster_client::types::CheckIn;
use uuid::Uuid;

use crate::support::{
    Answer, Call, Server, ServerOptions, check_in, eventually, installed, labelled, publish, report, token,
};

async fn ask(server: &Server, question: &str) -> Answer {
    Call::get(format!("/v4/insight/{question}")).token(&token("clusters:read")).send(server).await
}

/// Checks in so many new clusters alike.
async fn fill(server: &Server, clusters: usize, report: CheckIn) {
    for _ in 0..clusters {
        check_in(&server.anonymous(), Uuid::new_v4(), report.clone()).await.expect("checked in");
    }
}

fn last(answer: &Value, list: &str) -> Value {
    answer[list].as_array().and_then(|list| list.last()).cloned().expect("an interval")
}

#[tokio::test]
async fn what_was_acknowledged_is_counted_at_once() {
    let server = Server::start();
    let id = Uuid::new_v4();
    for number in 1..4_u64 {
        fill(&server, 1, report(&[("deis-router", "v2.3.0")])).await;
        check_in(&server.anonymous(), id, labelled(&["ci"])).await.expect("checked in");
        let activity = last(&ask(&server, "activity?not_label=ci").await.value(200), "data");
        let counts = |active: u64| json!({"active": active, "appeared": active, "returned": 0, "disappeared": 0});
        assert_eq!(activity["counted"], counts(number));
        assert_eq!(activity["all"], counts(number + 1));
        assert_eq!(activity["is_complete"], false);
    }
}

#[tokio::test]
async fn a_release_manager_sees_who_is_behind() {
    let server = Server::start();
    for version in ["v2.9.0", "v2.10.0", "v2.11.0"] {
        publish(&server.admin(), ("deis-router", "stable", version)).await;
    }
    fill(&server, 3, report(&[("deis-router", "v2.9.0")])).await;
    fill(&server, 2, report(&[("deis-router", "v2.10.0")])).await;
    fill(&server, 1, report(&[("deis-router", "v2.11.0")])).await;
    let id = Uuid::new_v4();
    for version in ["v2.9.0", "v2.11.0"] {
        check_in(&server.anonymous(), id, report(&[("deis-router", version)])).await.expect("checked in");
    }

    let laggards = ask(&server, "laggards?component=deis-router&version=v2.10.0&interval=day").await.value(200);
    let now = last(&laggards, "data");
    assert_eq!((&now["clusters"], &now["share"], &now["upgraded"]), (&json!(5), &json!(0.7143), &json!(1)));
    assert_eq!(now["net_arrived"], 6, "five that are new, and the one that was old before it upgraded");
    let versions: Vec<_> = laggards["versions"].as_array().expect("a list").iter().map(|it| &it["version"]).collect();
    assert_eq!(versions, ["v2.9.0", "v2.10.0"]);

    let adoption = ask(&server, "adoption?component=deis-router").await.value(200);
    let now = last(&adoption, "intervals");
    assert_eq!((&now["clusters"], &now["latest"], &now["up_to_date"]), (&json!(7), &json!("v2.11.0"), &json!(2)));
    let series = adoption["versions"].as_array().expect("a list");
    let told: Vec<_> = series.iter().map(|it| (&it["version"], it["clusters"][25].as_i64())).collect();
    assert_eq!(told, [(&json!("v2.9.0"), Some(3)), (&json!("v2.10.0"), Some(2)), (&json!("v2.11.0"), Some(2))]);

    let freshness = ask(&server, "freshness").await.value(200);
    assert_eq!(freshness["data"][0]["behind"], json!([2, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0]));
    assert_eq!(freshness["data"][0]["share"], 0.2857);
}

#[tokio::test]
async fn what_is_installed_is_told_by_version_and_by_set() {
    let server = Server::start();
    fill(&server, 2, report(&[("deis-router", "v2.3.0"), ("deis-builder", "v2.1.0")])).await;
    fill(&server, 1, labelled(&["ci", "staff"])).await;

    let components = ask(&server, "components?label=ci&limit=1").await.value(200);
    assert_eq!((&components["clusters"], &components["all_clusters"]), (&json!(1), &json!(3)));
    assert_eq!(components["data"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        (&components["data"][0]["component"], &components["data"][0]["all_clusters"]),
        (&json!("deis-router"), &json!(3))
    );
    assert_eq!(components["left_out"], 1);

    let sets = ask(&server, "components/sets?limit=1").await.value(200);
    assert_eq!(sets["data"][0]["components"].as_array().map(Vec::len), Some(2));
    assert_eq!(sets["other"], json!({"sets": 1, "clusters": 1, "all_clusters": 1}));

    let labels = ask(&server, "labels").await.value(200);
    assert_eq!(labels["data"][1], json!({"label": "staff", "clusters": 1, "share": 0.3333}));
}

#[tokio::test]
async fn whoever_prefers_it_is_answered_in_csv() {
    let server = Server::start();
    fill(&server, 1, report(&[("deis-router", "v2.3.0")])).await;
    let call = Call::get("/v4/insight/components").token(&token("clusters:read"));
    let answer = call.header(ACCEPT, "text/csv").send(&server).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers[CONTENT_TYPE], "text/csv; charset=utf-8; header=present");
    assert_eq!(answer.headers[VARY], "accept");
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(lines[1].ends_with(",false,deis-router,stable,v2.3.0,1,1,1.0"), "{text}");
}

#[tokio::test]
async fn impossible_questions_are_refused_by_the_parameter_at_fault() {
    let server = Server::start();
    for (question, kind, parameter) in [
        ("activity?from=2017-02-01T00:00:00Z&to=2017-02-01T00:00:00Z", "impossible-filter", "from"),
        ("activity?from=2999-01-01T00:00:00Z", "invalid", "from"),
        ("activity?from=2015-01-01T00:00:00Z&interval=day", "invalid", "from"),
        ("activity?silent_for=P91D", "invalid", "silent_for"),
        ("activity?silent_for=P0D", "invalid", "silent_for"),
        ("activity?silent_for=PT12H", "invalid", "silent_for"),
        ("activity?interval=year", "invalid", "interval"),
        ("adoption", "invalid", "component"),
        ("laggards?component=deis-router", "invalid", "version"),
        ("retention?from=2016-01-01T00:00:00Z&to=2017-01-01T00:00:00Z&interval=day", "invalid", "from"),
        ("components/sets?limit=101", "invalid", "limit"),
        ("labels?label=ci", "invalid", "label"),
    ] {
        let refusal = ask(&server, question).await.refusal();
        assert_eq!((refusal.status, refusal.kind()), (422, kind), "{question}: {refusal:?}");
        assert!(refusal.faults().iter().any(|fault| fault.contains(parameter)), "{question}: {refusal:?}");
    }
}

#[tokio::test]
async fn anyone_is_told_what_singles_nobody_out_where_that_is_allowed() {
    let arguments = vec!["--public-insight".into()];
    let server = Server::start_with(ServerOptions { arguments, ..ServerOptions::default() });
    let mut odd = report(&[("deis-router", "v2.3.0")]);
    odd.components.push(installed("a-component-of-one", "v1"));
    fill(&server, 1, odd).await;
    fill(&server, 7, report(&[("deis-router", "v2.3.0")])).await;
    fill(&server, 4, report(&[("deis-router", "v2.4.0")])).await;

    let anyone = async |question: &str| Call::get(format!("/v4/insight/{question}")).send(&server).await.value(200);
    assert_eq!(last(&anyone("activity").await, "data")["counted"]["active"], 10);
    let adoption = anyone("adoption?component=deis-router").await;
    assert_eq!(adoption["versions"].as_array().map(Vec::len), Some(1));
    assert_eq!((&adoption["versions"][0]["clusters"][25], &adoption["other"]["clusters"][25]), (&json!(5), &json!(0)));
    let text = anyone("components").await.to_string() + &anyone("components/sets").await.to_string();
    assert!(text.contains("v2.3.0") && !text.contains("v2.4.0") && !text.contains("a-component-of-one"), "{text}");
    for question in ["labels", "ages", "freshness", "retention", "laggards?component=deis-router&version=v2.4.0"] {
        anyone(question).await;
    }
    // Who has a token is told everything, and a bad one is no better than none.
    assert_eq!(last(&ask(&server, "activity").await.value(200), "data")["counted"]["active"], 12);
    let refused = Call::get("/v4/insight/activity").token("garbage").send(&server).await;
    refused.refusal().assert_is(401, "unauthorized");
    // Nothing else is told to anyone.
    Call::get("/v4/clusters/count").send(&server).await.refusal().assert_is(401, "unauthorized");
}

#[tokio::test]
async fn a_history_that_was_never_counted_is_counted_in_the_background() {
    let server = Server::start();
    fill(&server, 2, report(&[("deis-router", "v2.3.0")])).await;
    ask(&server, "activity").await.value(200);
    // As before the update that brings these numbers.
    server.database().execute(
        "delete from rollup_activity; delete from rollup_versions; update rollup_state set is_counted = false",
    );
    let answer = ask(&server, "activity").await;
    if answer.status != 200 {
        answer.refusal().assert_is(503, "unavailable");
    }
    eventually("it is counted", async || ask(&server, "activity").await.status == 200).await;
    assert_eq!(last(&ask(&server, "activity").await.value(200), "data")["counted"]["active"], 2);
}
