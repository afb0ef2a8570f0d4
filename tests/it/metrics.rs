//! What the server tells of itself at `/metrics`.

use std::collections::BTreeSet;

use futures::TryStreamExt;
use hyper::Method;
use hyper::header::{HeaderName, USER_AGENT};
use uuid::Uuid;

use crate::support::{Call, Metrics, ROUTER, Server, check_in, eventually, latest, publish, report};

const LATEST: &str = "/v4/versions/{component}/{train}/latest";
const CHECK_INS: &str = "/v4/clusters/{id}/checkins";

/// What there must be for a monitoring system to read it: a help line, a type line, then the samples of that name.
#[tokio::test]
async fn the_client_reads_them_and_every_line_is_of_the_format() {
    let server = Server::start();
    let answer = server.anonymous().metrics().send().await.expect("metrics");
    assert_eq!(answer.headers()["content-type"], "text/plain; charset=utf-8");
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let chunks: Vec<_> = answer.into_inner().into_inner().try_collect().await.expect("the whole answer");
    let text = String::from_utf8(chunks.concat()).expect("UTF-8");
    let mut name = "";
    for line in text.lines() {
        match line.split(' ').collect::<Vec<_>>().as_slice() {
            ["#", "HELP", of, _, ..] => name = of,
            ["#", "TYPE", of, kind] => {
                assert_eq!(*of, name, "{text}");
                assert!(["counter", "gauge", "histogram"].contains(kind), "{line}");
            }
            [sample @ .., value] => {
                assert!(!sample.is_empty() && line.starts_with(name), "{line:?} below {name:?}");
                value.parse::<f64>().unwrap_or_else(|error| panic!("{error}: {line}"));
            }
            [] => panic!("an empty line in\n{text}"),
        }
    }
}

#[tokio::test]
async fn requests_are_counted_by_route_method_and_status() {
    let server = Server::start();
    publish(&server.admin(), ROUTER).await;
    for component in ["deis-router", "deis-router", "unknown"] {
        let _ = latest(&server.anonymous(), (component, "stable")).await;
    }
    Call::new(Method::HEAD, "/v4/versions/deis-router/stable/latest").send(&server).await;
    Call::new(Method::DELETE, "/v4/versions/deis-router/stable/latest").send(&server).await;
    check_in(&server.anonymous(), Uuid::new_v4(), report(&[("a", "1")])).await.expect("checked in");
    Call::get("/v3/versions/stable/deis-router").send(&server).await;

    let metrics = Metrics::of(&server).await;
    assert_eq!(metrics.requests("GET", LATEST, "2xx"), 2.0, "{metrics:?}");
    assert_eq!(metrics.requests("GET", LATEST, "4xx"), 1.0);
    assert_eq!(metrics.requests("HEAD", LATEST, "2xx"), 1.0);
    assert_eq!(metrics.requests("DELETE", LATEST, "4xx"), 1.0);
    assert_eq!(metrics.requests("POST", CHECK_INS, "2xx"), 1.0);
    assert_eq!(metrics.requests("GET", "/v3/versions/{train}/{component}", "2xx"), 1.0);
    assert_eq!(metrics.requests("GET", "/metrics", "2xx"), 0.0, "this one is not answered yet");
    let histogram = |suffix: &str, le: &str| {
        let labels = format!("route=\"{CHECK_INS}\",method=\"POST\",status=\"2xx\"{le}");
        metrics.value(&format!("stationmaster_http_request_duration_seconds_{suffix}{{{labels}}}"))
    };
    let took = histogram("sum", "");
    assert!(took > 0.0 && took < 20.0, "{took}");
    assert_eq!(histogram("bucket", ",le=\"+Inf\""), 1.0);
    let in_bucket = |end: &str| histogram("bucket", &format!(",le=\"{end}\"")) == 1.0;
    for end in ["0.0001", "0.001", "0.01", "0.1", "1", "10"] {
        assert_eq!(in_bucket(end), took <= end.parse().expect("a number"), "{took} and {end}");
    }
}

/// Else whoever calls could fill the memory of the server, and of what asks it.
#[tokio::test]
async fn callers_cannot_invent_routes_or_methods() {
    let server = Server::start();
    for target in ["/nowhere", "/v4/versions/a/b/c/d/e", "/docs/nothing", "/other"] {
        Call::get(target).send(&server).await;
    }
    for method in ["BREW", "PROPFIND"] {
        Call::new(method.parse().expect("a method"), "/livez").send(&server).await;
    }
    let metrics = Metrics::of(&server).await;
    assert_eq!(metrics.requests("GET", "other", "4xx"), 4.0, "{metrics:?}");
    assert_eq!(metrics.requests("other", "/livez", "4xx"), 2.0, "{metrics:?}");
}

#[tokio::test]
async fn a_caller_who_went_before_the_answer_is_counted() {
    let server = Server::start();
    let lock = server.database().lock("clusters");
    let client = server.anonymous();
    let waiting = tokio::spawn(async move { check_in(&client, Uuid::new_v4(), report(&[("a", "1")])).await });
    server.database().until_blocked(1).await;
    waiting.abort();
    let gone = async || Metrics::of(&server).await.requests("POST", CHECK_INS, "gone");
    eventually("it is noticed that the caller went", async || gone().await == 1.0).await;
    drop(lock);
}

#[tokio::test]
async fn the_process_and_its_connections_are_measured() {
    let server = Server::start();
    check_in(&server.anonymous(), Uuid::new_v4(), report(&[("a", "1")])).await.expect("checked in");
    let metrics = Metrics::of(&server).await;
    assert_eq!(metrics.value(concat!("stationmaster_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"}")), 1.0);
    assert_eq!(metrics.value("stationmaster_database_connections_max"), 16.0);
    let (all, idle) = ("stationmaster_database_connections", "stationmaster_database_connections_idle");
    assert!(metrics.value(all) >= 1.0 && metrics.value(idle) <= metrics.value(all), "{metrics:?}");
    assert!(metrics.value("process_cpu_seconds_total") > 0.0);
    let age = stationmaster::clock::now().timestamp() as f64 - metrics.value("process_start_time_seconds");
    assert!((-1.0..600.0).contains(&age), "{age}");
    if cfg!(target_os = "linux") {
        let megabytes = metrics.value("process_resident_memory_bytes") / f64::from(1 << 20);
        assert!((1.0..1_000.0).contains(&megabytes), "{megabytes}");
    }
}

#[tokio::test]
async fn they_tell_nothing_of_a_cluster_or_a_caller() {
    let server = Server::start();
    let id = Uuid::new_v4();
    let call =
        Call::new(Method::POST, format!("/v4/clusters/{id}/checkins")).header(USER_AGENT, "lighthouse-agent/7.3");
    let call = call.header(HeaderName::from_static("x-forwarded-for"), "203.0.113.77");
    let body =
        r#"{"components": [{"component": "deis-router", "train": "stable", "version": "v2.3.0"}], "labels": ["ci"]}"#;
    assert_eq!(call.json(body).send(&server).await.status, 201);
    let metrics = Metrics::of(&server).await;
    assert_eq!(metrics.requests("POST", CHECK_INS, "2xx"), 1.0);
    for revealing in [id.to_string().as_str(), "lighthouse", "203.0.113.77", "127.0.0.1", "deis-router", "v2.3.0"] {
        assert!(!metrics.text().contains(revealing), "{revealing} in\n{}", metrics.text());
    }
}

#[tokio::test]
async fn the_table_in_the_docs_is_that_of_the_program() {
    let docs = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/operating.md")).expect("the docs");
    let (_, section) = docs.split_once("\n## Metrics\n").expect("the section");
    let section = section.split("\n## ").next().expect("it has an end");
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `")?.split(['`', '{']).next());
    let server = Server::start();
    // So that there is a request to tell of.
    Call::get("/livez").send(&server).await;
    assert_eq!(rows.collect::<BTreeSet<_>>(), Metrics::of(&server).await.names());
}
