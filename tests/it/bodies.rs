//! What every operation refuses as a body, taken from the document so that a new operation is covered by itself.

use hyper::header::CONTENT_TYPE;
use serde_json::json;

use crate::support::{Answer, Call, Operation, Server};

/// The largest body that is read, in bytes.
const MAX_BODY: usize = 1 << 20;

/// Calls an operation as its caller may, after `change`.
async fn call(server: &Server, operation: &Operation, change: impl FnOnce(Call) -> Call) -> Answer {
    change(operation.allow(operation.bare_call())).send(server).await
}

fn with_bodies() -> Vec<Operation> {
    let mut operations = Operation::all();
    operations.retain(|operation| operation.body.is_some());
    assert!(operations.len() >= 5);
    operations
}

#[tokio::test]
async fn a_body_must_be_declared_as_json() {
    let server = Server::start();
    for operation in with_bodies() {
        let body = operation.body.clone().expect("it has one").to_string();
        for declared in ["text/plain", "application/problem+json", "application/jsonl", "json", "", "text/json"] {
            let change = |call: Call| call.header(CONTENT_TYPE, declared).bytes(body.clone());
            let answer = call(&server, &operation, change).await;
            assert_eq!(answer.status, 415, "{} as {declared:?}", operation.id);
            answer.refusal().assert_is(415, "unsupported-media-type");
        }
        let answer = call(&server, &operation, |call| call.bytes(body.clone())).await;
        answer.refusal().assert_is(415, "unsupported-media-type");
        for declared in ["application/json; charset=utf-8", "Application/JSON", "application/json ;x=y"] {
            let change = |call: Call| call.header(CONTENT_TYPE, declared).bytes(body.clone());
            let answer = call(&server, &operation, change).await;
            assert_ne!(operation.documented(&answer), 415, "{} as {declared}", operation.id);
        }
    }
}

#[tokio::test]
async fn a_body_that_is_not_json_is_refused() {
    let server = Server::start();
    let bodies: [&[u8]; 14] = [
        b"",
        b" ",
        b"{",
        b"{}{}",
        b"{} x",
        b"{'a': 1}",
        b"{\"description\": }",
        b"{\"description\": \"\xff\"}",
        b"\xef\xbb\xbf{}",
        b"\xff\xfe{\0}\0",
        b"{\"description\": \"line\nbreak\"}",
        b"{\"description\": \"\\ud800\"}",
        b"{\"description\": \"\\udc00\\ud800\"}",
        b"NaN",
    ];
    for operation in with_bodies() {
        for body in bodies {
            let answer = call(&server, &operation, |call| call.json(body)).await;
            assert_eq!(answer.status, 400, "{}: {:?}", operation.id, body.escape_ascii().to_string());
            answer.refusal().assert_is(400, "not-json");
        }
    }
}

#[tokio::test]
async fn a_body_that_is_not_an_object_is_refused() {
    let server = Server::start();
    for operation in with_bodies() {
        for body in ["null", "true", "1", "\"text\"", "[]", "[null]", "[{}]", "[\"why\"]"] {
            let answer = call(&server, &operation, |call| call.json(body)).await;
            assert_eq!(answer.status, 422, "{}: {body}", operation.id);
            answer.refusal().assert_faults(&["body "]);
        }
    }
}

#[tokio::test]
async fn a_body_may_have_one_mebibyte_and_no_more() {
    let server = Server::start();
    for operation in with_bodies() {
        let mut body = operation.body.clone().expect("it has one").to_string();
        body.push_str(&" ".repeat(MAX_BODY - body.len()));
        let answer = call(&server, &operation, |call| call.json(body.clone())).await;
        let status = operation.documented(&answer);
        assert!(![400, 413].contains(&status), "{}: {status}", operation.id);
        body.push(' ');
        let answer = call(&server, &operation, |call| call.json(body)).await;
        answer.refusal().assert_is(413, "too-large");
    }
}

#[tokio::test]
async fn properties_that_are_not_documented_are_refused_by_name() {
    let server = Server::start();
    for operation in with_bodies() {
        let mut body = operation.body.clone().expect("it has one");
        for name in ["hostname", "a/b", ""] {
            body[name] = json!("10.0.0.7");
        }
        let answer = call(&server, &operation, |call| call.json(body.to_string())).await;
        let refusal = answer.refusal();
        refusal.assert_faults(&["body /hostname", "body /a~1b", "body /"]);
        assert!(!format!("{:?}", refusal.problem).contains("10.0.0.7"), "{}", operation.id);
    }
}
