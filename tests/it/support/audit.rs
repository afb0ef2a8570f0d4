//! Changes that leave events, and the events.

use hyper::Method;
use hyper::header::IF_MATCH;
use serde_json::{Value, json};

use super::{Call, Server, token};

/// The version that most tests about the trail change.
pub(crate) const ROUTER_PATH: &str = "/v4/versions/deis-router/stable/v2.11.0";

/// What can be done to [`ROUTER_PATH`], in an order in which each changes something, with the token of whoever does it.
/// The last one is through v3, and about another version.
pub(crate) fn changes(token: &str) -> Vec<(&'static str, Call)> {
    let call = |method, path: &str, body: Value| Call::new(method, path).json(body.to_string()).token(token);
    let yank = format!("{ROUTER_PATH}/yank");
    let content = json!({"description": "d", "fixes": "f", "image": "i", "metadata": {"n": 1.50, "null": null}});
    vec![
        ("publish", call(Method::POST, ROUTER_PATH, content)),
        (
            "amend",
            call(Method::PATCH, ROUTER_PATH, json!({"description": "other", "fixes": null})).header(IF_MATCH, "*"),
        ),
        ("yank", call(Method::PUT, &yank, json!({"reason": "why"}))),
        ("yank", call(Method::PUT, &yank, json!({"reason": "why indeed"}))),
        ("unyank", Call::new(Method::DELETE, &yank).token(token)),
        ("publish", publish_through_v3("v2.12.0").token(token)),
    ]
}

/// A publish of deis-router on stable through v3, without a token.
pub(crate) fn publish_through_v3(version: &str) -> Call {
    let body = json!({"component": {}, "version": {"released": "2016-06-01T10:00:00Z", "data": {"image": "i"}}});
    Call::new(Method::POST, format!("/v3/versions/stable/deis-router/{version}")).json(body.to_string())
}

/// The events that a query finds, newest first, up to 500.
pub(crate) async fn trail(server: &Server, query: &str) -> Vec<Value> {
    let call = Call::get(format!("/v4/audit?limit=500&{query}")).token(&token("audit:read"));
    let mut page = call.send(server).await.value(200);
    assert_eq!(page["next_cursor"], Value::Null, "all of them");
    serde_json::from_value(page["data"].take()).expect("a list")
}
