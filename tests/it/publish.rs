//! Publishing: once, with one content, however often and by however many it is tried.

use std::collections::BTreeMap;

use hyper::Method;
use serde_json::{Value, json};
use stationmaster_client::types::{NewVersion, builder};
use tokio::task::JoinSet;

use crate::support::{Answer, Call, Name, ROUTER, Refused, Server, get, publish_with, token, try_publish, yank};

const AT_ONCE: usize = 16;

/// Publishes [`ROUTER`] with a body as it stands.
async fn publish_text(server: &Server, body: &str) -> Answer {
    let call = Call::new(Method::POST, "/v4/versions/deis-router/stable/v2.11.0");
    call.token(&token("versions:publish")).json(body.to_owned()).send(server).await
}

fn described(description: &str) -> builder::NewVersion {
    NewVersion::builder().description(Some(description.parse().expect("it fits")))
}

/// Publishes as many contents of one version at once, and counts the answers by status.
async fn publish_at_once(server: &Server, contents: Vec<builder::NewVersion>) -> BTreeMap<u16, usize> {
    let mut calls = JoinSet::new();
    for content in contents {
        let publisher = server.admin();
        calls.spawn(async move {
            match try_publish(&publisher, ROUTER, content).await {
                Ok(answer) => answer.status().as_u16(),
                refused => refused.refused().status,
            }
        });
    }
    let mut statuses = BTreeMap::new();
    for status in calls.join_all().await {
        *statuses.entry(status).or_default() += 1;
    }
    statuses
}

#[tokio::test]
async fn the_same_content_again_is_answered_with_what_is_stored() {
    let server = Server::start();
    let body = r#"{"released": "2017-02-22T21:41:28Z", "description": "d", "fixes": "f", "image": "i", "metadata": {"a": [1, "x"], "b": null}}"#;
    let first = publish_text(&server, body).await.value(201);
    for again in [
        body,
        // Without `released`, in another order, with other white space and escapes, and as another offset from UTC.
        r#"{"metadata": {"b": null, "a": [1, "\u0078"]}, "image": "i", "fixes": "f", "description": "\u0064"}"#,
        r#"{"released":"2017-02-22T22:41:28.000+01:00","description":"d","fixes":"f","image":"i","metadata":{"a":[1,"x"],"b":null}}"#,
    ] {
        similar_asserts::assert_eq!(publish_text(&server, again).await.value(200), first, "{}", again);
    }
}

#[tokio::test]
async fn numbers_of_metadata_are_the_same_however_they_are_written() {
    let server = Server::start();
    publish_text(&server, r#"{"metadata": {"n": [1.0, 1e2, 0, 0.5, -2]}}"#).await.value(201);
    for again in ["[1, 100, 0, 0.5, -2]", "[1e0, 100.0, -0.0, 5e-1, -2.00]"] {
        publish_text(&server, &format!(r#"{{"metadata": {{"n": {again}}}}}"#)).await.value(200);
    }
    for other in ["[1, 100, 0, 0.5, 2]", "[1, 100, 0, 0.5]", "[\"1\", 100, 0, 0.5, -2]"] {
        let refusal = publish_text(&server, &format!(r#"{{"metadata": {{"n": {other}}}}}"#)).await.refusal();
        refusal.assert_is(409, "conflict");
    }
}

#[tokio::test]
async fn a_retry_may_leave_released_out_however_it_was_given_at_first() {
    let server = Server::start();
    let publisher = server.admin();
    let first = publish_with(&publisher, ROUTER, described("one")).await;
    let retry = try_publish(&publisher, ROUTER, described("one")).await.expect("the same content");
    assert_eq!((retry.status().as_u16(), retry.released), (200, first.released));
    // What the server chose is now the content's own.
    let told = described("one").released(Some(first.released));
    let retry = try_publish(&publisher, ROUTER, told).await.expect("the same content");
    assert_eq!(retry.status(), 200);
}

#[tokio::test]
async fn what_is_finer_than_a_microsecond_does_not_make_another_content() {
    let server = Server::start();
    let body = |instant: &str| json!({ "released": instant }).to_string();
    let first = publish_text(&server, &body("2017-02-22T21:41:28.123456789Z")).await.value(201);
    assert_eq!(first["released"], "2017-02-22T21:41:28.123456Z");
    for same in ["2017-02-22T21:41:28.123456789Z", "2017-02-22T21:41:28.123456Z"] {
        publish_text(&server, &body(same)).await.value(200);
    }
    let refusal = publish_text(&server, &body("2017-02-22T21:41:28.123457Z")).await.refusal();
    refusal.assert_is(409, "conflict");
}

#[tokio::test]
async fn other_content_is_refused_and_nothing_changes() {
    let server = Server::start();
    let content = json!({
        "released": "2017-02-22T21:41:28Z", "description": "d", "fixes": "f", "image": "i", "metadata": {"a": 1},
    });
    let published = publish_text(&server, &content.to_string()).await.value(201);
    let with = |name: &str, value: Value| {
        let mut other = content.clone();
        other[name] = value;
        other
    };
    let without = |name: &str| {
        let mut other = content.clone();
        other.as_object_mut().expect("an object").remove(name);
        other
    };
    for other in [
        with("released", json!("2017-02-22T21:41:29Z")),
        with("description", json!("D")),
        with("fixes", json!("")),
        with("image", json!("i ")),
        with("metadata", json!({"a": 1, "b": null})),
        without("description"),
        without("fixes"),
        without("image"),
        without("metadata"),
        json!({}),
    ] {
        publish_text(&server, &other.to_string()).await.refusal().assert_is(409, "conflict");
    }
    let stored = get(&server.anonymous(), ROUTER).await.expect("it is there").into_inner();
    similar_asserts::assert_eq!(serde_json::to_value(stored).expect("JSON"), published);
}

#[tokio::test]
async fn a_yanked_version_published_again_stays_yanked() {
    let server = Server::start();
    let publisher = server.admin();
    publish_with(&publisher, ROUTER, described("one")).await;
    let yanked = yank(&publisher, ROUTER, "Drops connections.").await.yanked.expect("yanked");
    let again = try_publish(&publisher, ROUTER, described("one")).await.expect("the same content");
    assert_eq!(again.status(), 200);
    let stays = again.into_inner().yanked.expect("still yanked");
    assert_eq!((stays.at, stays.reason), (yanked.at, yanked.reason));
    let other = try_publish(&publisher, ROUTER, described("two")).await;
    other.refused().assert_is(409, "conflict");
}

#[tokio::test]
async fn versions_that_differ_only_in_their_spelling_are_different_versions() {
    let server = Server::start();
    let publisher = server.admin();
    for (at, name) in [
        ("deis-router", "stable", "v1.0.0"),
        ("deis-router", "stable", "1.0.0"),
        ("deis-router", "stable", "1.0.0+build"),
        ("deis-router", "beta", "v1.0.0"),
        ("deis-builder", "stable", "v1.0.0"),
    ]
    .into_iter()
    .enumerate()
    {
        let content = described(&format!("number {at}"));
        let published = publish_with(&publisher, name, content).await;
        let (component, train, version): Name<'_> = name;
        assert_eq!(
            (published.component, published.train, published.version),
            (component.into(), train.into(), version.into())
        );
    }
}

#[tokio::test]
async fn the_longest_names_and_texts_are_kept_whole() {
    let server = Server::start();
    let name = format!("/v4/versions/{}/{}/{}", "c".repeat(63), "t".repeat(32), "9".repeat(128));
    let texts = json!({"description": "🚆".repeat(10_000), "fixes": "é".repeat(10_000), "image": "i".repeat(1_000)});
    let call = Call::new(Method::POST, &name).token(&token("versions:publish")).json(texts.to_string());
    let published = call.send(&server).await.value(201);
    let read = Call::get(&name).send(&server).await.value(200);
    assert_eq!(read, published);
    for (property, text) in texts.as_object().expect("an object") {
        assert_eq!(&read[property], text, "{property}");
    }
}

#[tokio::test]
async fn of_many_who_publish_the_same_at_once_one_is_first_and_all_succeed() {
    let server = Server::start();
    let contents = vec![described("the same"); AT_ONCE];
    assert_eq!(publish_at_once(&server, contents).await, BTreeMap::from([(201, 1), (200, AT_ONCE - 1)]));
}

#[tokio::test]
async fn of_many_who_publish_different_contents_at_once_one_succeeds() {
    let server = Server::start();
    let contents = (0..AT_ONCE).map(|at| described(&format!("number {at}"))).collect();
    assert_eq!(publish_at_once(&server, contents).await, BTreeMap::from([(201, 1), (409, AT_ONCE - 1)]));
}
