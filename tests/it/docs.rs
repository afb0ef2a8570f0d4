//! The document as files, and the page to read it.

use std::collections::BTreeSet;

use stationmaster::contract::v4::OPENAPI_JSON;

use crate::support::{Answer, Call, Operation, Server};

const DOCUMENT: &str = include_str!("../../openapi/v4.yaml");

async fn get(server: &Server, target: &str) -> Answer {
    let answer = Call::get(target).send(server).await;
    assert_eq!(answer.status, 200, "{target}");
    answer
}

fn text(answer: &Answer) -> &str {
    std::str::from_utf8(&answer.body).expect("text")
}

#[tokio::test]
async fn the_document_is_served_as_it_was_written() {
    let server = Server::start();
    let answer = get(&server, "/openapi.yaml").await;
    assert_eq!(answer.header("content-type"), "application/yaml");
    assert_eq!(text(&answer), DOCUMENT);
}

#[tokio::test]
async fn the_document_is_served_as_json_too() {
    let server = Server::start();
    let answer = get(&server, "/openapi.json").await;
    assert_eq!(answer.header("content-type"), "application/json");
    // That this is the same document, `make check-contract` finds out.
    assert_eq!(text(&answer), OPENAPI_JSON);
    let operations = Operation::all().into_iter().map(|operation| operation.id);
    let written = DOCUMENT.lines().filter_map(|line| line.trim().strip_prefix("operationId: "));
    assert_eq!(BTreeSet::from_iter(operations), BTreeSet::from_iter(written.map(str::to_owned)));
}

#[tokio::test]
async fn the_page_loads_all_it_needs_from_this_server() {
    let server = Server::start();
    let redirect = Call::get("/docs").send(&server).await;
    assert_eq!((redirect.status, redirect.header("location")), (308, "/docs/"));

    let page = get(&server, "/docs/").await;
    assert!(page.header("content-type").starts_with("text/html"));
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'self';") && !policy.contains("://"), "{policy}");
    let html = text(&page);
    let sources = html.split(['<', ' ']).filter_map(|part| {
        let source = part.strip_prefix("src=\"").or_else(|| part.strip_prefix("href=\""))?;
        source.split('"').next()
    });
    let sources: BTreeSet<&str> = sources.collect();
    assert!(sources.contains("./swagger-initializer.js"), "{sources:?}");
    for source in sources {
        assert!(!source.contains("//"), "{source} is elsewhere");
        let part = get(&server, &format!("/docs/{}", source.trim_start_matches("./"))).await;
        assert!(!part.body.is_empty(), "{source}");
    }

    let initializer = get(&server, "/docs/swagger-initializer.js").await;
    assert!(text(&initializer).contains("\"/openapi.json\""));
    for script in [html, text(&initializer)] {
        assert!(!script.contains("://") && !script.contains("\"//"), "{script}");
    }
}

#[tokio::test]
async fn the_page_has_no_parts_but_its_own() {
    let server = Server::start();
    let refusal = Call::get("/docs/nothing.js").send(&server).await.refusal();
    refusal.assert_is(404, "not-found");
}
