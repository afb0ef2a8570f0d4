//! Being told to stop: what was accepted is finished, and nothing else holds it up.

use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use reqwest::StatusCode;
use stationmaster_client::types::CheckInReceipt;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::support::{Answered, Call, RawConnection, Server, ServerOptions, check_in, eventually, report};

/// How soon a server ends that has nothing to finish; far less than it gives to what it has accepted.
const SOON: Duration = Duration::from_secs(12);

const LIVE: &str = "GET /livez HTTP/1.1\r\nhost: test\r\n\r\n";

/// A server whose statements may wait for longer than any test.
fn patient_server() -> Server {
    Server::start_with(ServerOptions {
        arguments: vec!["--statement-timeout".into(), "60s".into()],
        ..ServerOptions::default()
    })
}

/// A server that goes on for so long after SIGTERM.
fn server_with_delay(delay: &str) -> Server {
    Server::start_with(ServerOptions {
        arguments: vec!["--shutdown-delay".into(), delay.into()],
        ..ServerOptions::default()
    })
}

/// Starts a check-in, and waits until it hangs in the database.
async fn start_check_in(server: &Server) -> JoinHandle<Answered<CheckInReceipt>> {
    let client = server.anonymous();
    let accepted = tokio::spawn(async move { check_in(&client, Uuid::new_v4(), report(&[("a", "1")])).await });
    server.database().until_blocked(1).await;
    accepted
}

/// Waits until the server accepts no connections any more.
async fn until_closed(server: &Server) {
    eventually("new connections are refused", async || RawConnection::open(server).is_err()).await;
}

fn assert_ends_soon(server: &mut Server) {
    let told = std::time::Instant::now();
    let status = server.wait();
    assert!(status.success(), "{status}\n{}", server.log());
    assert!(told.elapsed() < SOON, "after {:?}", told.elapsed());
}

#[tokio::test]
async fn what_was_accepted_is_answered_before_the_end() {
    let mut server = patient_server();
    let lock = server.database().lock("clusters");
    let accepted = start_check_in(&server).await;
    server.terminate();
    until_closed(&server).await;
    assert!(!accepted.is_finished());

    drop(lock);
    let receipt = accepted.await.expect("it was asked").expect("checked in");
    assert_eq!(receipt.status(), StatusCode::CREATED);
    assert_ends_soon(&mut server);
    assert_eq!(server.database().count("checkins"), 1, "it is stored");
}

#[test]
fn idle_connections_do_not_hold_it_up() {
    let mut server = Server::start();
    let mut used = RawConnection::open(&server).expect("connect");
    used.send(LIVE);
    assert_eq!(used.status(), 200);
    // It is accepted once a later one is answered.
    let unused = RawConnection::open(&server).expect("connect");
    let mut last = RawConnection::open(&server).expect("connect");
    last.send(LIVE);
    assert_eq!(last.status(), 200);

    server.terminate();
    for connection in [used, unused, last] {
        connection.closed();
    }
    assert_ends_soon(&mut server);
}

#[tokio::test]
async fn a_second_signal_ends_it_at_once() {
    let mut server = patient_server();
    let _lock = server.database().lock("clusters");
    let accepted = start_check_in(&server).await;
    server.terminate();
    until_closed(&server).await;

    let told = std::time::Instant::now();
    server.terminate();
    let status = server.wait();
    assert!(told.elapsed() < SOON, "after {:?}", told.elapsed());
    assert_eq!(status.code(), Some(1), "it did not finish what it accepted");
    accepted.await.expect("it was asked").expect_err("nobody answers");
}

#[test]
fn an_interrupt_stops_it_too() {
    // A delay is not for whoever waits at a terminal.
    let mut server = server_with_delay("60s");
    let pid = Pid::from_raw(server.pid().try_into().expect("a process id"));
    kill(pid, Signal::SIGINT).expect("signal the server");
    assert_ends_soon(&mut server);
}

#[tokio::test]
async fn probes_are_told_at_once_and_everything_else_works_until_the_delay_is_over() {
    let server = server_with_delay("60s");
    let mut used_before = RawConnection::open(&server).expect("connect");
    used_before.send(LIVE);
    assert_eq!(used_before.status(), 200);
    server.terminate();
    let healthz = async || Call::get("/healthz").send(&server).await;
    eventually("probes are told", async || healthz().await.status == 503).await;

    let answer = healthz().await;
    assert!(!answer.header("retry-after").is_empty());
    let health = answer.value(503);
    assert_eq!((&health["status"], &health["database"]["status"]), (&"stopping".into(), &"ok".into()), "{health}");
    let answer = Call::get("/livez").send(&server).await;
    assert_eq!((answer.status, answer.header("connection")), (200, "close"));
    check_in(&server.anonymous(), Uuid::new_v4(), report(&[("a", "1")])).await.expect("checked in");
    // Whoever keeps its connection is answered once more on it, and moves on.
    used_before.send(LIVE);
    assert_eq!(used_before.status(), 200);
    used_before.closed();
}

#[test]
fn after_the_delay_it_ends() {
    let mut server = server_with_delay("1s");
    let told = std::time::Instant::now();
    server.terminate();
    assert_ends_soon(&mut server);
    assert!(told.elapsed() >= Duration::from_secs(1), "{:?}", told.elapsed());
}

#[tokio::test]
async fn a_database_that_hangs_is_not_waited_for() {
    let mut server = Server::start();
    let frozen = server.database().freeze();
    assert_eq!(Call::get("/healthz").send(&server).await.status, 503);
    let told = std::time::Instant::now();
    server.terminate();
    let status = server.wait();
    assert_eq!(status.code(), Some(1), "it could not finish: {}", server.log());
    assert!(told.elapsed() < 2 * SOON, "after {:?}", told.elapsed());
    drop(frozen);
}
