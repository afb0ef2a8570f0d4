//! A database that is slow or busy: requests are refused in time, and nothing is kept afterwards.

use std::time::Duration;

use reqwest::StatusCode;
use stationmaster_client::types::{CheckInReceipt, HealthStatus, NewVersion, ServiceStatus};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::support::{
    Answered, ROUTER, RawConnection, Refused, Server, ServerOptions, check_in, eventually, report, try_publish, within,
};

/// How soon a request is answered that cannot be served: far sooner than what is in its way goes, on a busy machine too.
const SOON: Duration = Duration::from_secs(10);

/// A server with so many connections, whose statements may take so long.
fn server(connections: u32, statement_timeout: &str) -> Server {
    let arguments = format!("--pool-size {connections} --statement-timeout {statement_timeout}");
    Server::start_with(ServerOptions {
        arguments: arguments.split(' ').map(Into::into).collect(),
        ..ServerOptions::default()
    })
}

/// Starts a first check-in, which has a connection of its own.
fn start_check_in(server: &Server) -> JoinHandle<Answered<CheckInReceipt>> {
    let client = server.anonymous();
    tokio::spawn(async move { check_in(&client, Uuid::new_v4(), report(&[("a", "1")])).await })
}

/// Starts a look-up of a cluster that is not there, over a connection of the pool.
fn start_look_up(server: &Server) -> JoinHandle<u16> {
    let client = server.admin();
    tokio::spawn(async move { client.get_cluster().id(Uuid::new_v4()).send().await.refused().status })
}

#[tokio::test]
async fn without_a_free_connection_requests_are_refused_soon() {
    let server = server(1, "60s");
    let lock = server.database().lock("clusters");
    let waiting = start_look_up(&server);
    server.database().until_blocked(1).await;

    let client = server.admin();
    let count = client.count_clusters().send();
    let versions = client.list_components().send();
    let (count, versions) = within(SOON, async { tokio::join!(count, versions) }).await;
    count.refused().assert_unavailable();
    versions.refused().assert_unavailable();
    let latest = within(SOON, client.get_latest_version().component("a").train("stable").send()).await;
    assert_eq!(latest.refused().status, 404, "it needs no connection");

    drop(lock);
    assert_eq!(waiting.await.expect("it was asked"), 404, "who had the connection keeps it");
    client.count_clusters().send().await.expect("the connection is free again");
}

#[tokio::test]
async fn health_tells_that_no_connection_is_free() {
    let server = server(1, "60s");
    let lock = server.database().lock("clusters");
    let waiting = start_look_up(&server);
    server.database().until_blocked(1).await;

    let client = server.anonymous();
    let answer = within(SOON, client.health().send()).await;
    let health = match answer {
        Err(stationmaster_client::Error::ErrorResponse(health)) => health,
        other => panic!("{other:?}"),
    };
    assert_eq!(health.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(health.headers().contains_key("retry-after"));
    assert_eq!(health.status, ServiceStatus::Unavailable);
    let pool = &health.database.pool;
    assert_eq!((pool.in_use, pool.idle, pool.max.get()), (1, 0, 1));
    let alive = within(SOON, client.live().send()).await;
    assert_eq!(alive.expect("it is alive").status, HealthStatus::Ok);

    drop(lock);
    assert_eq!(waiting.await.expect("it was asked"), 404);
    let health = client.health().send().await.expect("healthy again");
    assert_eq!(health.database.status, HealthStatus::Ok);
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_given_up() {
    let server = server(2, "2s");
    let lock = server.database().lock("clusters");
    let answer = within(SOON, start_check_in(&server)).await.expect("it was asked");
    answer.refused().assert_unavailable();

    drop(lock);
    assert_eq!(server.database().count("component_sets"), 0, "nothing was recorded");
    let again = start_check_in(&server).await.expect("it was asked");
    assert_eq!(again.expect("checked in").status(), StatusCode::CREATED);
}

#[tokio::test]
async fn a_database_that_hangs_is_waited_for_no_longer_than_a_statement() {
    let server = server(1, "2s");
    assert_eq!(start_look_up(&server).await.expect("it was asked"), 404, "there is a connection now");
    let frozen = server.database().freeze();
    let publisher = server.admin();
    let (read, published) = within(SOON, async {
        tokio::join!(publisher.count_clusters().send(), try_publish(&publisher, ROUTER, NewVersion::builder()))
    })
    .await;
    read.refused().assert_unavailable();
    published.refused().assert_unavailable();

    drop(frozen);
    until_idle(&server).await;
    try_publish(&publisher, ROUTER, NewVersion::builder()).await.expect("it works again");
}

#[tokio::test]
async fn callers_who_hang_up_leave_no_connection_behind() {
    const CONNECTIONS: u32 = 2;
    let server = server(CONNECTIONS, "60s");
    for round in 1..=3 * CONNECTIONS as usize {
        let lock = server.database().lock("clusters");
        let caller = start_look_up(&server);
        server.database().until_blocked(1).await;
        caller.abort();
        eventually("the server notices", async || gone(&server) == round).await;
        drop(lock);
        // Else its statement may get between two locks, wait for the second, and be taken for that of the next caller.
        until_idle(&server).await;
    }
    // All connections work at the same time.
    let lock = server.database().lock("clusters");
    let callers: Vec<_> = (0..CONNECTIONS).map(|_| start_look_up(&server)).collect();
    server.database().until_blocked(callers.len()).await;
    drop(lock);
    for caller in callers {
        assert_eq!(caller.await.expect("it was asked"), 404);
    }
}

#[tokio::test]
async fn callers_who_hang_up_while_they_wait_for_a_connection_leave_the_queue() {
    let server = server(1, "60s");
    let lock = server.database().lock("clusters");
    let first = start_look_up(&server);
    server.database().until_blocked(1).await;
    // Not every request has begun when its caller hangs up; those that have leave a line.
    eventually("the server notices many of them", async || {
        let mut caller = RawConnection::open(&server).expect("connect");
        caller.send("GET /v4/versions HTTP/1.1\r\nhost: test\r\n\r\n");
        gone(&server) >= 8
    })
    .await;
    drop(lock);
    assert_eq!(first.await.expect("it was asked"), 404);
    until_idle(&server).await;
    assert_eq!(start_look_up(&server).await.expect("it was asked"), 404);
}

/// How many callers the server knows to have hung up.
fn gone(server: &Server) -> usize {
    server.log().matches("the caller has gone").count()
}

/// Waits until all connections of the server are back in its pool.
async fn until_idle(server: &Server) {
    let client = server.anonymous();
    eventually("no connection is in use", async || {
        // A probe that does not get one soon enough is told so.
        client.health().send().await.is_ok_and(|health| health.database.pool.in_use == 0)
    })
    .await;
}
