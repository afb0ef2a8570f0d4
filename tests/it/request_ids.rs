//! The id of each request.

use std::collections::BTreeSet;

use hyper::Method;
use hyper::header::HeaderName;
use uuid::Uuid;

use crate::support::{Call, Server, token};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id that a request with this one is answered with.
async fn answered(server: &Server, id: &[u8]) -> String {
    let call = Call::get("/livez").header(REQUEST_ID, id);
    call.send(server).await.header("x-request-id").to_owned()
}

#[tokio::test]
async fn the_caller_s_own_is_kept() {
    let server = Server::start();
    let longest = "x".repeat(128);
    for id in ["a", "ABC.def_0-9", "...", longest.as_str()] {
        assert_eq!(answered(&server, id.as_bytes()).await, id);
    }
}

#[tokio::test]
async fn one_that_could_break_a_log_is_replaced() {
    let server = Server::start();
    let too_long = "x".repeat(129);
    for id in ["", "two words", "tab\there", "a\"b", "a=b", "a/b", "a,b", "{}", "\u{1b}[31m", "é", too_long.as_str()] {
        // A header cannot carry the escape itself.
        let id = id.replace('\u{1b}', "");
        let new = answered(&server, id.as_bytes()).await;
        new.parse::<Uuid>().unwrap_or_else(|_| panic!("{id:?} became {new:?}"));
    }
    let not_utf8 = answered(&server, b"\xff\xfe").await;
    not_utf8.parse::<Uuid>().expect("a new one");
}

#[tokio::test]
async fn new_ones_are_unique() {
    let server = Server::start();
    let mut ids = BTreeSet::new();
    for _ in 0..50 {
        let answer = Call::get("/livez").send(&server).await;
        ids.insert(answer.header("x-request-id").to_owned());
    }
    assert_eq!(ids.len(), 50);
}

#[tokio::test]
async fn every_kind_of_answer_has_one() {
    let server = Server::start();
    let reader = token("clusters:read");
    for (call, status) in [
        (Call::get("/livez"), 200),
        (Call::get("/docs"), 308),
        (Call::get("/openapi.yaml"), 200),
        (Call::get("/v4/clusters/age"), 401),
        (Call::get("/v4/clusters/age?limit=0").token(&reader), 422),
        (Call::get("/v4/versions/nobody-knows"), 404),
        (Call::get("/nowhere"), 404),
        (Call::new(Method::DELETE, "/livez"), 405),
        (Call::new(Method::POST, "/v4/versions/latest").json("{"), 400),
        (Call::new(Method::HEAD, "/livez"), 200),
    ] {
        let answer = call.header(REQUEST_ID, "mine").send(&server).await;
        assert_eq!((answer.status, answer.header("x-request-id")), (status, "mine"));
    }
}
