//! Clusters through v2 and v3, where recordings do not reach: what v4 makes of them, odd bodies, filters.

use hyper::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Call, Server, check_in, report, token};

const ID: &str = "5f3c8f9e-6a0b-4d2a-9d1e-2b7c4e8f1a35";

fn send(body: &Value) -> Call {
    Call::new(Method::POST, "/v3/clusters").json(body.to_string())
}

async fn v3(server: &Server, id: &str) -> Value {
    Call::get(format!("/v3/clusters/{id}")).send(server).await.value(200)
}

async fn v4(server: &Server, id: &str) -> Value {
    let call = Call::get(format!("/v4/clusters/{id}")).token(&token("clusters:read"));
    call.send(server).await.value(200)
}

#[tokio::test]
async fn v4_shows_what_it_has_names_for() {
    let server = Server::start();
    let sent = json!({"id": ID, "components": [
        {"component": {"name": "deis-router", "type": "t"}, "version": {"train": "stable", "version": "v1", "data": {"image": "i"}}},
        null,
        {},
        {"component": {"name": "Not A Name"}, "version": {"train": "stable", "version": "v1"}},
        {"component": {"name": "deis-builder"}, "version": {"train": "stable"}},
        {"component": {"name": "deis-controller"}, "version": {"train": "beta", "version": "v2"}},
        {"component": {"name": "deis-controller"}, "version": {"train": "beta", "version": "v2"}},
    ]});
    assert_eq!(send(&sent).send(&server).await.value(200), sent);
    assert_eq!(v3(&server, ID).await, sent);
    let installed = |component: &str, train: &str, version: &str| json!({"component": component, "train": train, "version": version});
    let cluster = v4(&server, ID).await;
    assert_eq!(
        cluster["components"],
        json!([installed("deis-controller", "beta", "v2"), installed("deis-router", "stable", "v1")])
    );
    assert_eq!((&cluster["checkins"], &cluster["labels"]), (&json!(1), &json!([])));
}

#[tokio::test]
async fn a_cluster_may_change_between_the_apis() {
    let server = Server::start();
    let id = Uuid::parse_str(ID).expect("a UUID");
    let sent = json!({"id": ID.to_uppercase(), "components": [], "firstSeen": "2016-03-11T23:54:39.000Z"});
    assert_eq!(send(&sent).send(&server).await.status, 200);
    assert_eq!(v3(&server, ID).await, sent);
    assert_eq!(v4(&server, ID).await["components"], json!([]));
    check_in(&server.anonymous(), id, report(&[("deis-router", "v1")])).await.expect("checked in");
    let component = json!({"component": {"name": "deis-router"}, "version": {"train": "stable", "version": "v1"}});
    assert_eq!(v3(&server, ID).await, json!({"id": ID, "components": [component]}));
    assert_eq!(v4(&server, ID).await["checkins"], json!(2));
    assert_eq!(Call::get("/v3/clusters/count").send(&server).await.value(200), json!(1));
}

#[tokio::test]
async fn sets_are_kept_once_however_many_clusters_send_them() {
    let server = Server::start();
    let components = json!([{"component": {"name": "a"}, "version": {"train": "stable", "version": "v1", "data": {"description": "d"}}}]);
    for _ in 0..5 {
        let sent = json!({"id": Uuid::new_v4().to_string(), "components": components});
        assert_eq!(send(&sent).send(&server).await.status, 200);
    }
    assert_eq!(server.database().count("component_sets"), 1);
    assert_eq!(server.database().count("clusters"), 5);
}

#[tokio::test]
async fn what_postgres_cannot_keep_in_a_text_is_kept_all_the_same() {
    let server = Server::start();
    let sent =
        json!({"id": ID, "components": [{"component": {"name": "a\u{0}b", "description": "\u{0}"}, "version": {}}]});
    assert_eq!(send(&sent).send(&server).await.value(200), sent);
    assert_eq!(v3(&server, ID).await, sent);
    assert_eq!(v4(&server, ID).await["components"], json!([]));
}

#[tokio::test]
async fn two_first_check_ins_at_once_both_count() {
    let server = Server::start();
    let sent = json!({"id": ID, "components": []});
    let (one, other) = tokio::join!(send(&sent).send(&server), send(&sent).send(&server));
    assert_eq!((one.status, other.status), (200, 200));
    assert_eq!(v4(&server, ID).await["checkins"], 2);
}

#[tokio::test]
async fn filters_bound_what_they_are_called_after() {
    let server = Server::start();
    let sent = json!({"id": ID, "components": []});
    assert_eq!(send(&sent).send(&server).await.status, 200);
    server.database().execute(
        "update clusters set first_seen = '2016-01-03T00:00:00Z', last_seen = '2016-02-05T03:04:05.5Z', checkins = 2",
    );
    let found = async |path: &str| {
        let answer = Call::get(format!("/v3/clusters/{path}")).send(&server).await.value(200);
        answer["data"].as_array().map_or(0, Vec::len)
    };
    for (path, count) in [
        ("age?checked_in_after=2016-01-20T00:00:00Z", 1),
        ("age?checked_in_after=2016-02-05T03:04:05.5Z", 0),
        ("age?checked_in_after=2016-02-05T03:04:05.499999Z", 1),
        ("age?checked_in_before=2016-02-05T03:04:05.5Z", 0),
        ("age?checked_in_before=2016-02-05T03:04:05.500001Z", 1),
        ("age?created_after=2016-01-03T00:00:00Z", 0),
        ("age?created_before=2016-01-03T00:00:00Z", 0),
        ("age?created_after=&created_before=", 1),
        ("age?created_after=2016-01-03T04:59:59%2B05:00", 1),
        ("age?created_after=2016-01-03T05:00:00%2B05:00", 0),
        ("checkins?created_after=2016-01-02T00:00:00Z", 1),
        ("persistent?timestamp=2016-02-06T03:04:05.4Z", 1),
        ("persistent?timestamp=2016-02-06T03:04:05.5Z", 0),
        ("persistent?epoch=2016-01-03T00:00:00Z", 0),
    ] {
        assert_eq!(found(path).await, count, "{path}");
    }
    let habit = &Call::get("/v3/clusters/persistent").send(&server).await.value(200)["data"][0];
    assert_eq!(
        *habit,
        json!({"clusterID": ID, "checkins": 2, "firstSeen": "2016-01-03T00:00:00Z", "lastSeen": "2016-02-05T03:04:05.5Z", "clusterAge": "1 mon 2 days 03:04:05.5"})
    );
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_with_what_is_wrong() {
    let server = Server::start();
    for (body, status, message) in [
        (json!({"id": 5, "components": []}), 400, "/id in body is not of type"),
        (json!({"id": ID, "components": [{"component": {"name": 5}}]}), 400, "/components/0"),
        (
            json!({"id": ID, "components": [], "lastSeen": "x"}),
            400,
            "lastSeen in body must be of type strfmt.DateTime: \"x\"",
        ),
        (json!({"id": "x", "components": []}), 400, "id in body is not a UUID: \"x\""),
        (json!([]), 400, "body"),
        (json!("x"), 400, "body"),
        (json!({}), 422, "components in body is required"),
    ] {
        let refusal = send(&body).send(&server).await.value(status);
        assert_eq!(refusal["code"], status);
        assert!(refusal["message"].as_str().is_some_and(|text| text.contains(message)), "{body}: {refusal}");
    }
    let huge = vec![b' '; (4 << 20) + 1];
    let refusal = Call::new(Method::POST, "/v3/clusters").json(huge).send(&server).await.value(413);
    assert_eq!(refusal["code"], 413);
    assert_eq!(Call::get("/v3/clusters/x").send(&server).await.value(400)["code"], 400);
    let missing = Call::get(format!("/v3/clusters/{ID}")).send(&server).await.value(404);
    assert_eq!(missing, json!({"code": 404, "message": "404 cluster not found"}));
    assert_eq!(server.database().count("clusters"), 0);
}
