//! A database that goes away and comes back.

use std::sync::Arc;
use std::time::Duration;

use stationmaster::store::embedded::Embedded;
use stationmaster_client::ResponseValue;
use stationmaster_client::types::CheckInReceipt;
use tempfile::TempDir;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::support::{
    Call, Operation, Refused, Server, ServerOptions, check_in, eventually, report, token_for_all, within,
};

/// How soon an operation is refused, on a busy machine too.
const SOON: Duration = Duration::from_secs(10);

/// Every operation is refused, or tells that the database is away; only the process is alive.
async fn assert_away(server: &Arc<Server>) {
    let token = token_for_all();
    let mut asking = JoinSet::new();
    for operation in Operation::documenting(503) {
        let call = match operation.scopes {
            Some(_) => operation.call().token(&token),
            None => operation.call(),
        };
        let server = Arc::clone(server);
        asking.spawn(async move { (operation.id, within(SOON, call.send(&server)).await) });
    }
    for (id, answer) in asking.join_all().await {
        assert_eq!(answer.status, 503, "{id}");
        if id != "health" {
            answer.refusal().assert_unavailable();
        }
    }
    assert_eq!(Call::get("/livez").send(server).await.status, 200);
}

/// Probes are told soon enough to act on it.
async fn assert_unhealthy(server: &Server) {
    let answer = within(SOON, Call::get("/healthz").send(server)).await;
    assert!(!answer.header("retry-after").is_empty());
    let health = answer.value(503);
    assert_eq!(health["status"], "unavailable");
    assert_eq!(health["database"]["status"], "unavailable");
    assert!(health["database"]["ping_ms"].is_null(), "{health}");
}

async fn until_healthy(server: &Server) {
    let healthz = async || Call::get("/healthz").send(server).await;
    eventually("the server is healthy", async || healthz().await.status == 200).await;
}

async fn check_in_once(server: &Server) -> ResponseValue<CheckInReceipt> {
    let answer = check_in(&server.anonymous(), Uuid::new_v4(), report(&[("a", "1")])).await;
    answer.unwrap_or_else(|error| panic!("{error}\n{}", server.log()))
}

#[tokio::test]
async fn while_the_database_lets_nobody_in_everything_is_refused_and_then_works_again() {
    let server = Arc::new(Server::start());
    check_in_once(&server).await;
    server.database().close();
    assert_unhealthy(&server).await;
    assert_away(&server).await;

    server.database().open();
    until_healthy(&server).await;
    check_in_once(&server).await;
    assert_eq!(server.database().count("checkins"), 2, "those that were acknowledged");
}

#[tokio::test]
async fn while_postgres_is_stopped_everything_is_refused_and_then_works_again() {
    let directory = TempDir::with_prefix("stationmaster-gone-").expect("a temporary directory");
    let postgres = Embedded::start(directory.path()).expect("start Postgres");
    let url = postgres.database_url().to_owned();
    let server = Arc::new(Server::start_with(ServerOptions {
        arguments: vec!["--database-url".into(), url.clone()],
        ..ServerOptions::default()
    }));
    check_in_once(&server).await;
    postgres.stop();
    assert_unhealthy(&server).await;
    assert_away(&server).await;

    let postgres = Embedded::start(directory.path()).expect("start Postgres again");
    assert_eq!(postgres.database_url(), url);
    until_healthy(&server).await;
    check_in_once(&server).await;
    drop(server);
    postgres.stop();
}

#[tokio::test]
async fn connections_that_died_are_replaced_without_a_refusal() {
    let server = Server::start_as(&["--statement-timeout", "60s"]);
    check_in_once(&server).await;
    let lock = server.database().lock("clusters");
    let mut callers = JoinSet::new();
    let all = server.admin();
    for _ in 0..8 {
        let client = all.clone();
        callers.spawn(async move { client.count_clusters().send().await });
    }
    server.database().until_blocked(8).await;
    drop(lock);
    for answer in callers.join_all().await {
        answer.expect("counted");
    }
    // As when Postgres is started again: all connections of the pool are dead, and a new one is at hand.
    server.database().disconnect_all();
    check_in_once(&server).await;
    for _ in 0..8 {
        server.admin().count_clusters().send().await.expect("counted");
    }
}

#[tokio::test]
async fn a_check_in_whose_connection_dies_is_refused_and_not_recorded() {
    let server = Server::start();
    let lock = server.database().lock("clusters");
    let client = server.anonymous();
    let waiting = tokio::spawn(async move { check_in(&client, Uuid::new_v4(), report(&[("a", "1")])).await });
    server.database().until_blocked(1).await;
    server.database().disconnect_blocked();
    let answer = waiting.await.expect("it was asked");
    answer.refused().assert_unavailable();
    drop(lock);
    assert_eq!(server.database().count("clusters"), 0);
    assert_eq!(server.database().count("component_sets"), 0);
}
