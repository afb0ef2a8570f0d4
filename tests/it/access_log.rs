//! The line that each request leaves in the log.

use hyper::Method;
use hyper::header::HeaderName;
use serde_json::Value;
use uuid::Uuid;

use crate::support::{Call, Server, ServerOptions, token};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Requests of every kind, with the path and the status that their lines have.
fn calls() -> Vec<(Call, &'static str, &'static str, u16)> {
    let reader = token("clusters:read");
    vec![
        (Call::get("/livez"), "GET", "/livez", 200),
        (Call::new(Method::HEAD, "/livez"), "HEAD", "/livez", 200),
        (Call::get("/nowhere"), "GET", "/nowhere", 404),
        (Call::new(Method::DELETE, "/livez"), "DELETE", "/livez", 405),
        (Call::get("/v4/clusters/age?label=hidden"), "GET", "/v4/clusters/age", 401),
        (Call::get("/v4/clusters/age?label=hidden&limit=7").token(&reader), "GET", "/v4/clusters/age", 200),
        (Call::new(Method::POST, "/v4/versions/latest?hidden=1").json("{"), "POST", "/v4/versions/latest", 400),
        // What could end the line stays encoded.
        (Call::get("/v4/versions/a%0Ab%22%1B"), "GET", "/v4/versions/a%0Ab%22%1B", 422),
    ]
}

#[tokio::test]
async fn each_request_is_one_line_of_text() {
    let server = Server::start();
    for (call, method, path, status) in calls() {
        let id = Uuid::new_v4().to_string();
        assert_eq!(call.header(REQUEST_ID, &id).send(&server).await.status, status);
        let log = server.log();
        let lines: Vec<_> = log.lines().filter(|line| line.contains(&id)).collect();
        let [line] = lines[..] else { panic!("{lines:?}") };
        for part in [
            format!("id=\"{id}\""),
            format!("method={method} "),
            format!("path=\"{path}\" "),
            format!("status={status} "),
        ] {
            assert!(line.contains(&part), "{part} is not in {line}");
        }
    }
    assert_eq!(server.log().matches("stationmaster::access").count(), calls().len());
    assert!(!server.log().contains("hidden"), "queries are not logged");
}

#[tokio::test]
async fn each_request_is_one_object_of_json() {
    let server = Server::start_with(ServerOptions {
        arguments: vec!["--log-format".into(), "json".into()],
        ..ServerOptions::default()
    });
    let mut sent = Vec::new();
    for (call, method, path, status) in calls() {
        let id = Uuid::new_v4().to_string();
        assert_eq!(call.header(REQUEST_ID, &id).send(&server).await.status, status);
        sent.push((id, method, path, status));
    }
    let log = server.log();
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).expect(line));
    let access: Vec<_> = lines.filter(|line| line["target"] == "stationmaster::access").collect();
    assert_eq!(access.len(), sent.len());
    for (line, (id, method, path, status)) in access.iter().zip(sent) {
        assert_eq!(line["span"]["id"], id);
        assert_eq!(line["method"], method);
        assert_eq!(line["path"], path);
        assert_eq!(line["status"], status);
        assert!(line["ms"].as_f64().is_some_and(|ms| ms >= 0.0), "{line}");
    }
    assert!(!log.contains("hidden"), "queries are not logged");
}

#[tokio::test]
async fn a_fault_is_logged_under_the_id_that_its_caller_knows() {
    let server = Server::start();
    server.database().close();
    let id = Uuid::new_v4().to_string();
    let refusal = Call::get("/v4/versions").header(REQUEST_ID, &id).send(&server).await;
    assert_eq!(refusal.status, 503);
    let log = server.log();
    let told = log.lines().filter(|line| line.contains("ERROR") && line.contains(&id)).count();
    assert_eq!(told, 1, "{log}");
}
