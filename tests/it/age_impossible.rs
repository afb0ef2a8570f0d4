//! Filters that no cluster can satisfy, and those that some just can.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use stationmaster::clock;

use crate::support::{Answer, Call, Server, token};

/// What both operations that take filters answer to this one.
async fn ask(server: &Server, query: &str) -> [Answer; 2] {
    let ask = |operation| Call::get(format!("/v4/clusters/{operation}?{query}")).token(&token("clusters:read"));
    [ask("age").send(server).await, ask("count").send(server).await]
}

/// Refused, and these two are named.
async fn assert_impossible(server: &Server, query: &str, mut named: [&str; 2]) {
    named.sort_unstable();
    for answer in ask(server, query).await {
        let refusal = answer.refusal();
        assert_eq!((refusal.status, refusal.kind()), (422, "impossible-filter"), "{query}");
        assert_eq!(refusal.faults(), named.map(|bound| format!("query /{bound}")), "{query}");
        // The words name them too, for who reads only those.
        let detail = &refusal.problem.detail;
        assert!(named.iter().all(|bound| detail.contains(bound)), "{detail}");
    }
}

async fn assert_possible(server: &Server, query: &str) {
    for answer in ask(server, query).await {
        assert_eq!(answer.status, 200, "{query}");
    }
}

fn write(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

#[tokio::test]
async fn a_window_needs_an_instant_in_it() {
    let server = Server::start();
    let end = clock::now();
    let microsecond = TimeDelta::microseconds(1);
    for (after, before) in [
        ("created_after", "created_before"),
        ("checked_in_after", "checked_in_before"),
        // Nothing is last seen before it is first seen.
        ("created_after", "checked_in_before"),
    ] {
        let query = |start| format!("{after}={}&{before}={}", write(start), write(end));
        assert_impossible(&server, &query(end + microsecond), [after, before]).await;
        assert_impossible(&server, &query(end), [after, before]).await;
        assert_possible(&server, &query(end - microsecond)).await;
    }
}

#[tokio::test]
async fn a_window_without_a_microsecond_in_it_is_empty() {
    let server = Server::start();
    assert_impossible(
        &server,
        "created_after=2016-01-01T00:00:00.000000001Z&created_before=2016-01-01T00:00:00.000001Z",
        ["created_after", "created_before"],
    )
    .await;
    assert_possible(
        &server,
        "created_after=2016-01-01T00:00:00.000000001Z&created_before=2016-01-01T00:00:00.000001001Z",
    )
    .await;
}

#[tokio::test]
async fn old_clusters_that_were_seen_lately_are_possible() {
    let server = Server::start();
    let (long_ago, lately) = ("2016-01-01T00:00:00Z", "2016-12-31T00:00:00Z");
    assert_possible(&server, &format!("created_before={long_ago}&checked_in_after={lately}")).await;
    assert_possible(&server, &format!("created_before={long_ago}&fresh_within=PT1S")).await;
}

#[tokio::test]
async fn spans_exclude_each_other_when_they_do_not_overlap() {
    let server = Server::start();
    let named = ["fresh_within", "stale_for"];
    assert_impossible(&server, "fresh_within=PT1H&stale_for=PT3600S", named).await;
    assert_impossible(&server, "fresh_within=P6D&stale_for=P1W", named).await;
    assert_possible(&server, "fresh_within=PT3601S&stale_for=PT1H").await;
}

#[tokio::test]
async fn spans_and_instants_exclude_each_other() {
    let server = Server::start();
    let now = clock::now();
    let [earlier, later] = [now - TimeDelta::hours(3), now - TimeDelta::hours(1)].map(write);
    let before = format!("fresh_within=PT2H&checked_in_before={earlier}");
    assert_impossible(&server, &before, ["fresh_within", "checked_in_before"]).await;
    assert_possible(&server, &format!("fresh_within=PT2H&checked_in_before={later}")).await;
    for after in ["created_after", "checked_in_after"] {
        assert_impossible(&server, &format!("stale_for=PT2H&{after}={later}"), [after, "stale_for"]).await;
        assert_possible(&server, &format!("stale_for=PT2H&{after}={earlier}")).await;
    }
}

#[tokio::test]
async fn a_label_cannot_be_asked_for_and_against() {
    let server = Server::start();
    let named = ["label", "not_label"];
    assert_impossible(&server, "label=ci&not_label=ci", named).await;
    assert_impossible(&server, "label=staff&label=ci&not_label=test&not_label=ci", named).await;
    assert_possible(&server, "label=ci&not_label=staff").await;
}

#[tokio::test]
async fn every_exclusion_is_named_at_once() {
    let server = Server::start();
    let query = "created_after=2016-05-01T00:00:00Z&created_before=2016-04-01T00:00:00Z\
        &checked_in_before=2016-03-01T00:00:00Z&label=ci&not_label=ci";
    let [answer, _] = ask(&server, query).await;
    let refusal = answer.refusal();
    let pointers = refusal.problem.errors.iter().map(|fault| fault.pointer.as_str());
    let named: Vec<_> = pointers.collect();
    for pair in
        [["/created_after", "/created_before"], ["/created_after", "/checked_in_before"], ["/label", "/not_label"]]
    {
        assert!(named.chunks(2).any(|one| one == pair), "{pair:?} is not in {named:?}");
    }
}
