//! Every change leaves one event that says who made it and what it did; what changes nothing leaves none.

use chrono::{DateTime, Utc};
use hyper::Method;
use hyper::header::{HeaderName, IF_MATCH};
use serde_json::{Value, json};
use stationmaster::clock;
use stationmaster::store::forgetting::forget_silent;
use uuid::Uuid;

use crate::support::{
    Call, Database, ROUTER_PATH, Seed, Server, ServerOptions, changes, check_in, claims, cluster_token, import,
    old_database, publish_through_v3, report, signed, token, trail,
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A token of somebody who may do everything.
fn token_of(subject: &str) -> String {
    signed(&claims(|claims| claims["sub"] = json!(subject)))
}

/// The version of a path, as it is now; null if it is not there.
async fn version(server: &Server, path: &str) -> Value {
    let answer = Call::get(path).send(server).await;
    if answer.status == 404 { Value::Null } else { answer.value(200) }
}

fn instant(value: &Value) -> DateTime<Utc> {
    value.as_str().expect("a text").parse().expect("an instant")
}

#[tokio::test]
async fn each_change_of_a_version_tells_who_what_before_and_after() {
    let server = Server::start();
    let token = token_of("ci-router");
    for (number, (action, call)) in changes(&token).into_iter().enumerate() {
        let path = if number == 5 { "/v4/versions/deis-router/stable/v2.12.0" } else { ROUTER_PATH };
        let (before, start) = (version(&server, path).await, clock::now());
        let request_id = format!("change-{number}");
        let answer = call.header(REQUEST_ID, &request_id).send(&server).await;
        assert_eq!(answer.status / 100, 2, "{action}: {answer:?}");
        assert_eq!(answer.header("x-request-id"), request_id);
        let after = version(&server, path).await;

        let mut events = trail(&server, "").await;
        assert_eq!(events.len(), number + 1, "one event for {action}");
        let mut event = events.swap_remove(0);
        let properties = event.as_object_mut().expect("an object");
        assert!(properties.remove("id").expect("an id").is_i64());
        let at = instant(&properties.remove("at").expect("an instant"));
        assert!((start..=clock::now()).contains(&at), "{at}");
        let mut expected = json!({
            "subject": "ci-router", "issuer": "stationmaster", "request_id": request_id, "action": action,
            "component": "deis-router", "train": "stable", "version": path.rsplit('/').next(),
            "before": before, "after": after,
        });
        if before.is_null() {
            expected.as_object_mut().expect("an object").remove("before");
        }
        similar_asserts::assert_eq!(event, expected);
        // To the byte: JSON calls 1.50 and 1.5 the same.
        assert_eq!(event["after"]["metadata"].to_string(), after["metadata"].to_string());
        if before.is_null() {
            assert_eq!(instant(&after["published_at"]), at);
        }
        if number == 2 {
            assert_eq!(instant(&after["yanked"]["at"]), at);
        }
    }
}

#[tokio::test]
async fn what_changes_nothing_leaves_no_event() {
    let server = Server::start();
    let token = token_of("ci-router");
    let mut calls = changes(&token);
    let (unyank, yank_again) = (calls[4].1.clone(), calls[3].1.clone());
    calls.truncate(4);
    let made = calls.len();
    for (_, call) in &calls {
        assert_eq!(call.clone().send(&server).await.status / 100, 2);
    }
    assert_eq!(trail(&server, "").await.len(), made);

    let amend = |body: Value| Call::new(Method::PATCH, ROUTER_PATH).json(body.to_string()).token(&token);
    let same = json!({"description": "other", "metadata": {"null": null, "n": 1.5}});
    let publish = |body: Value| Call::new(Method::POST, ROUTER_PATH).json(body.to_string()).token(&token);
    let now = json!({"description": "other", "image": "i", "metadata": {"n": 1.5, "null": null}});
    let e_tag = Call::get(ROUTER_PATH).send(&server).await.header("etag").to_owned();
    for (what, call, status) in [
        ("the same content again", publish(now), 200),
        ("other content", publish(json!({})), 409),
        ("the same reason again", yank_again, 200),
        ("what is there already", amend(same).header(IF_MATCH, "*"), 200),
        ("nothing", amend(json!({})).header(IF_MATCH, "*"), 200),
        ("without the entity tag", amend(json!({"image": "j"})), 428),
        ("with another entity tag", amend(json!({"image": "j"})).header(IF_MATCH, "\"x\""), 412),
        ("a fault", amend(json!({"image": 5})).header(IF_MATCH, "*"), 422),
        ("what is not there", Call::new(Method::DELETE, "/v4/versions/a/b/c/yank").token(&token), 404),
        ("without a token", Call::new(Method::DELETE, format!("{ROUTER_PATH}/yank")), 401),
        ("v3 without a token", publish_through_v3("v2.13.0"), 401),
        ("a cluster that is not there", Call::new(Method::DELETE, cluster(Uuid::new_v4())).token(&token), 404),
    ] {
        let answer = call.send(&server).await;
        assert_eq!(answer.status, status, "{what}: {answer:?}");
        assert_eq!(trail(&server, "").await.len(), made, "{what}");
    }
    let unchanged = Call::get(ROUTER_PATH).send(&server).await;
    assert_eq!(unchanged.header("etag"), e_tag);

    assert_eq!(unyank.clone().send(&server).await.status, 200);
    assert_eq!(trail(&server, "").await.len(), made + 1);
    assert_eq!(unyank.send(&server).await.status, 200);
    assert_eq!(trail(&server, "").await.len(), made + 1, "there was nothing to take back");
}

#[tokio::test]
async fn where_v3_is_open_anyone_publishes() {
    let arguments = vec!["--legacy-publish".into(), "open".into()];
    let server = Server::start_with(ServerOptions { arguments, ..ServerOptions::default() });
    for _ in 0..2 {
        let answer = publish_through_v3("v2.11.0").header(REQUEST_ID, "mine").send(&server).await;
        assert_eq!(answer.status, 200);
    }
    let events = trail(&server, "").await;
    let [event] = events.as_slice() else { panic!("one: {events:?}") };
    assert_eq!((&event["subject"], &event["issuer"]), (&json!("anyone"), &json!("nobody")));
    assert_eq!((&event["action"], &event["request_id"]), (&json!("publish"), &json!("mine")));
    assert_eq!(event["after"], version(&server, ROUTER_PATH).await);
}

fn cluster(id: Uuid) -> String {
    format!("/v4/clusters/{id}")
}

#[tokio::test]
async fn of_a_forgotten_cluster_only_who_knows_its_id_can_tell() {
    let server = Server::start();
    let id: Uuid = "5f3c8f9e-6a0b-4d2a-9d1e-2b7c4e8f1a35".parse().expect("an id");
    check_in(&server.anonymous(), id, report(&[("deis-router", "v2.3.0")])).await.expect("checked in");
    assert_eq!(trail(&server, "").await, [Value::Null; 0], "check-ins are in the history");
    let forget = || Call::new(Method::DELETE, cluster(id)).token(&token_of("privacy")).header(REQUEST_ID, "mine");
    assert_eq!(forget().send(&server).await.status, 204);
    assert_eq!(forget().send(&server).await.status, 404);

    let mut events = trail(&server, "").await;
    assert_eq!(events.len(), 1, "{events:?}");
    let event = events[0].as_object_mut().expect("an object");
    let [_, _] = ["id", "at"].map(|property| event.remove(property).expect("as every event"));
    // `printf %s 5f3c8f9e-6a0b-4d2a-9d1e-2b7c4e8f1a35 | sha256sum`
    let expected = json!({
        "subject": "privacy", "issuer": "stationmaster", "request_id": "mine", "action": "forget",
        "cluster_sha256": "4bc88070416990bb5866a886031f1525163a23f62328ed31b52b466012af3c4e",
    });
    similar_asserts::assert_eq!(json!(event), expected);
    let stored = server.database().everything().to_lowercase();
    for written in [id.to_string(), id.simple().to_string()] {
        assert!(!stored.contains(&written), "{written} in {stored}");
    }
}

#[tokio::test]
async fn a_cluster_that_forgets_itself_is_not_named() {
    let server = Server::start();
    let id = Uuid::new_v4();
    check_in(&server.anonymous(), id, report(&[("deis-router", "v2.3.0")])).await.expect("checked in");
    let own = cluster_token(id);
    assert_eq!(Call::new(Method::DELETE, cluster(id)).token(&own).send(&server).await.status, 204);
    let events = trail(&server, "action=forget").await;
    let [event] = events.as_slice() else { panic!("one: {events:?}") };
    assert_eq!(event["subject"], "cluster");
    let stored = server.database().everything();
    assert!(!stored.contains(&id.to_string()) && !stored.contains(own.as_str()), "{stored}");
}

#[test]
fn what_a_server_forgets_by_itself_is_no_change_of_a_caller() {
    let database = Database::new();
    database.seed(&[Seed::seen("2016-01-01T00:00:00Z".parse().expect("an instant"))]);
    let step = forget_silent(&mut database.connect(), None, clock::now()).expect("a step");
    assert_eq!((step.clusters, database.count("audit_events")), (1, 0));
}

#[test]
fn each_version_that_is_imported_is_published_by_the_command() {
    let (old, new) = (old_database(), Database::new());
    old.execute(
        "insert into versions (component_name, train, version, release_timestamp, data) values
            ('deis-router', 'stable', 'v2.0.0', '2016-06-01', '{\"image\": \"i\"}'),
            ('deis-router', 'stable', 'v2.1.0', '2016-07-01', '{}'),
            ('Deis Router', 'stable', 'v2.2.0', '2016-07-01', '{}')",
    );
    for _ in 0..2 {
        import(&old.url, &new);
    }
    let events = new.texts(
        "select concat_ws(' ', subject, 'by', issuer, request_id, action, version, before, after ->> 'image')
         from audit_events order by id",
    );
    let publish = "stationmaster import by command line publish";
    assert_eq!(events, [format!("{publish} v2.0.0 i"), format!("{publish} v2.1.0")]);
}

#[tokio::test]
async fn subjects_may_be_whatever_an_issuer_says() {
    let server = Server::start();
    let long = "x".repeat(1_000);
    let longest = "é".repeat(5_000);
    let subjects = ["two words", "ünïcödé", "a\"b'c\\d", "%41&=+", "a\0b", &long[..999], &long, &longest];
    for (number, subject) in subjects.into_iter().enumerate() {
        let path = format!("/v4/versions/deis-router/stable/v1.0.{number}");
        let publish = Call::new(Method::POST, path).json("{}").token(&token_of(subject));
        assert_eq!(publish.send(&server).await.status, 201, "{subject:?}");
        let expected = subject.replace('\0', "\u{fffd}");
        assert_eq!(trail(&server, "").await[0]["subject"], expected);
        if expected.len() <= 1_000 {
            let query = serde_html_form::to_string([("subject", &expected)]).expect("a query");
            let found = trail(&server, &query).await;
            assert_eq!(found.len(), 1, "{subject:?}");
            assert_eq!(found[0]["version"], format!("v1.0.{number}"));
        }
    }
}

#[tokio::test]
async fn no_event_has_anything_of_a_token() {
    let server = Server::start();
    let token = token(&crate::support::all_scopes().join(" "));
    for (_, call) in changes(&token) {
        assert_eq!(call.send(&server).await.status / 100, 2);
    }
    let id = Uuid::new_v4();
    check_in(&server.anonymous(), id, report(&[("deis-router", "v2.3.0")])).await.expect("checked in");
    assert_eq!(Call::new(Method::DELETE, cluster(id)).token(&token).send(&server).await.status, 204);
    let stored = server.database().everything();
    assert!(stored.contains("unyank"), "{stored}");
    for part in token.split('.').chain(["Bearer"]) {
        assert!(!stored.contains(part), "{part} in {stored}");
    }
}
