//! Releases through v2 and v3, where recordings do not reach: rights, corrections, and what v4 makes of them.

use hyper::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Call, Server, ServerOptions, eventually, token};

const RELEASED: &str = "2016-06-01T10:00:00Z";

fn release(released: &str, data: &Value) -> Call {
    post(
        "/v3/versions/stable/deis-router/v2.0.0",
        &json!({"component": {}, "version": {"released": released, "data": data}}),
    )
}

fn post(path: &str, body: &Value) -> Call {
    Call::new(Method::POST, path).json(body.to_string())
}

/// The message of a refusal with this status.
#[track_caller]
fn refusal(answer: &Answer, status: u16) -> String {
    let body = answer.value(status);
    assert_eq!(body["code"], status, "{body}");
    body["message"].as_str().expect("a message").to_owned()
}

async fn publish(server: &Server, version: &str, released: &str) {
    let path = format!("/v3/versions/stable/deis-router/{version}");
    let call = post(&path, &json!({"component": {}, "version": {"released": released}}));
    let answer = call.token(&token("versions:publish")).send(server).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[tokio::test]
async fn publishing_needs_the_token_that_v4_needs() {
    let server = Server::start();
    let call = || release(RELEASED, &json!({"image": "i"}));
    let answer = call().send(&server).await;
    assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"stationmaster\"");
    refusal(&answer, 401);
    refusal(&call().token("no.such.token").send(&server).await, 401);
    refusal(&call().token(&token("clusters:read")).send(&server).await, 403);
    assert_eq!(server.database().count("versions"), 0);
    assert_eq!(call().token(&token("versions:publish")).send(&server).await.status, 200);
}

#[tokio::test]
async fn where_publishing_is_open_it_needs_none_and_the_log_says_so() {
    let arguments = vec!["--legacy-publish".into(), "open".into()];
    let server = Server::start_with(ServerOptions { arguments, ..ServerOptions::default() });
    assert_eq!(release(RELEASED, &json!({})).send(&server).await.status, 200);
    eventually("the log says so", async || server.log().contains("anyone may publish through v3")).await;
    // v4 stays closed.
    let v4 = Call::new(Method::POST, "/v4/versions/deis-router/stable/v2.1.0").json("{}");
    assert_eq!(v4.send(&server).await.status, 401);
}

#[tokio::test]
async fn the_same_again_is_200_and_something_else_409_and_nothing_changes() {
    let server = Server::start();
    let token = token("versions:publish");
    let first =
        release(RELEASED, &json!({"description": "d", "fixes": ""})).token(&token).send(&server).await.value(200);
    for same in [json!({"description": "d"}), json!({"description": "d", "fixes": null, "unknown": 1})] {
        // The same instant, written otherwise.
        let answer = release("2016-06-01T12:00:00.9+02:00", &same).token(&token).send(&server).await;
        assert_eq!(answer.value(200), first);
    }
    for (released, data) in
        [(RELEASED, json!({"description": "e"})), ("2016-06-01T10:00:01Z", json!({"description": "d"}))]
    {
        let message = refusal(&release(released, &data).token(&token).send(&server).await, 409);
        assert!(message.contains("published before"), "{message}");
    }
    assert_eq!(Call::get("/v3/versions/stable/deis-router/v2.0.0").send(&server).await.value(200), first);
}

#[tokio::test]
async fn every_fault_of_a_publish_is_named() {
    let server = Server::start();
    let call = post(
        "/v3/versions/St%C3%A4ble/latest/latest",
        &json!({"version": {"released": "yesterday", "data": {"image": "a\u{0}"}}}),
    );
    let message = refusal(&call.token(&token("versions:publish")).send(&server).await, 422);
    for fault in [
        "train in path",
        "component in path",
        "release in path",
        "component in body",
        "version.released",
        "version.data.image",
    ] {
        assert!(message.contains(fault), "{fault} in {message}");
    }
    assert_eq!(server.database().count("versions"), 0);
}

#[tokio::test]
async fn the_latest_is_the_one_released_last_unless_it_is_yanked() {
    let server = Server::start();
    publish(&server, "v2.2.0", "2016-06-02T00:00:00Z").await;
    publish(&server, "v2.1.9", "2016-06-03T00:00:00Z").await;
    publish(&server, "v2.0.0", "2016-06-01T00:00:00Z").await;
    let latest = async || {
        let answer = Call::get("/v3/versions/stable/deis-router/latest").send(&server).await.value(200);
        answer["version"]["version"].as_str().expect("a version").to_owned()
    };
    assert_eq!(latest().await, "v2.1.9");
    let v4 = Call::get("/v4/versions/deis-router/stable/latest").send(&server).await.value(200);
    assert_eq!(v4["version"], "v2.2.0");
    let yank = Call::new(Method::PUT, "/v4/versions/deis-router/stable/v2.1.9/yank").json(r#"{"reason": "broken"}"#);
    assert_eq!(yank.token(&token("versions:publish")).send(&server).await.status, 200);
    assert_eq!(latest().await, "v2.2.0");
    let listed = Call::get("/v3/versions/stable/deis-router").send(&server).await.value(200);
    let versions: Vec<&str> = listed["data"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|entry| entry["version"]["version"].as_str())
        .collect();
    assert_eq!(versions, ["v2.0.0", "v2.2.0", "v2.1.9"], "oldest first, yanked ones included");
    // Of two at the same time, the higher one.
    publish(&server, "v2.10.0", "2016-07-01T00:00:00Z").await;
    publish(&server, "v2.9.0", "2016-07-01T00:00:00Z").await;
    assert_eq!(latest().await, "v2.10.0");
}

#[tokio::test]
async fn what_v4_publishes_v3_shows() {
    let server = Server::start();
    let body = json!({"released": "2016-06-01T10:00:00.75Z", "fixes": "#1", "metadata": {"more": true}});
    let publish = Call::new(Method::POST, "/v4/versions/deis-router/stable/v2.0.0").json(body.to_string());
    assert_eq!(publish.token(&token("versions:publish")).send(&server).await.status, 201);
    let shown = Call::get("/v3/versions/stable/deis-router/v2.0.0").send(&server).await.value(200);
    let version = json!({"train": "stable", "version": "v2.0.0", "released": RELEASED, "data": {"fixes": "#1"}});
    assert_eq!(shown, json!({"component": {"name": "deis-router"}, "version": version}));
}

#[tokio::test]
async fn many_latest_are_exactly_what_was_asked_for_in_that_order() {
    let server = Server::start();
    for (train, component) in [("stable", "a"), ("beta", "a"), ("stable", "b"), ("beta", "b")] {
        let path = format!("/v3/versions/{train}/{component}/v1");
        let call = post(&path, &json!({"component": {}, "version": {"released": RELEASED}}));
        assert_eq!(call.token(&token("versions:publish")).send(&server).await.status, 200);
    }
    let entry = |component: &str, train: &str| json!({"component": {"name": component}, "version": {"train": train}});
    let ask = async |path: &str, entries: &[Value]| {
        let answer = post(path, &json!({"data": entries})).send(&server).await.value(200);
        let pair = |entry: &Value| {
            format!(
                "{}/{}",
                entry["component"]["name"].as_str().unwrap_or("-"),
                entry["version"]["train"].as_str().unwrap_or("-")
            )
        };
        answer["data"].as_array().expect("a list").iter().map(pair).collect::<Vec<_>>()
    };
    let asked =
        [entry("b", "beta"), entry("a", "stable"), entry("c", "stable"), entry("b", "beta"), entry("a\u{0}", "stable")];
    assert_eq!(ask("/v3/versions/latest", &asked).await, ["b/beta", "a/stable"]);
    assert_eq!(
        ask("/v2/versions/latest", &[entry("b", ""), entry("a", "stable")]).await,
        ["b/beta", "b/stable", "a/beta", "a/stable"]
    );
    let too_many: Vec<Value> = (0..1_001).map(|_| entry("a", "stable")).collect();
    refusal(&post("/v3/versions/latest", &json!({"data": too_many})).send(&server).await, 422);
    let message = refusal(
        &post("/v3/versions/latest", &json!({"data": [{}, entry("a", "stable"), {"component": {}}]}))
            .send(&server)
            .await,
        422,
    );
    assert_eq!(
        message,
        "data.0.component in body is required; data.0.version in body is required; data.2.version in body is required"
    );
}
