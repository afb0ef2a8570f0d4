//! `stationmaster serve` and `stationmaster healthcheck`: what they print, and why they end.

use std::net::TcpListener;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{Database, Serving, program, run, serve};

/// Nothing listens there.
const NOWHERE: &str = "127.0.0.1:1";
const NO_DATABASE: &str = "postgres://127.0.0.1:1/none";

#[test]
fn serve_prints_one_line() {
    let database = Database::new();
    let server = Serving::start(serve(program()).env("DATABASE_URL", &database.url));
    assert!(server.url.starts_with("http://127.0.0.1:"), "{}", server.url);
    assert_eq!(server.stop(), "", "after its first line");
}

#[test]
fn an_address_in_use_is_refused_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let began = Instant::now();
    // The database is not there either, but is not asked.
    let complaint = run(serve(program()).args(["--listen", &address]).env("DATABASE_URL", NO_DATABASE)).complaint(1);
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    assert!(complaint.contains(&format!("cannot listen on {address}; choose another --listen")), "{complaint}");
    assert!(complaint.contains("Address already in use"), "{complaint}");
}

#[test]
fn a_database_that_is_not_there_is_named_as_the_reason() {
    let complaint = run(serve(program()).env("DATABASE_URL", NO_DATABASE)).complaint(1);
    assert!(complaint.contains("cannot connect to the database"), "{complaint}");
    assert!(complaint.contains("DATABASE_URL"), "{complaint}");
    assert_eq!(complaint.matches("Connection refused").count(), 1, "{complaint}");
}

#[test]
fn the_password_of_the_database_is_never_shown() {
    for url in [
        "postgres://me:hunter2@127.0.0.1:1/none",
        "host=127.0.0.1 port=1 password=hunter2",
        // These libpq cannot read, and says where.
        "postgres://me:hunter2 @127.0.0.1:1/none",
        "postgres://me:hunter2%zz@127.0.0.1:1/none",
        "postgres://me:hunter2/@127.0.0.1:1/none",
        "mysql://me:hunter2@127.0.0.1/none",
        "postgres://me:hunter2/none",
    ] {
        let complaint = run(serve(program()).env("DATABASE_URL", url)).complaint(1);
        assert!(complaint.contains("DATABASE_URL"), "{complaint}");
        assert!(!complaint.contains("hunter2"), "{url}: {complaint}");
    }
}

#[test]
fn a_healthy_server_is_reported_as_it_reports_itself() {
    let database = Database::new();
    let server = Serving::start(serve(program()).env("DATABASE_URL", &database.url));
    let printed = run(&mut healthcheck(server.url.trim_start_matches("http://"))).printed();
    let health: Value = serde_json::from_str(&printed).expect("JSON");
    assert_eq!(health["status"], "ok");
    assert_eq!(printed.lines().count(), 1);
}

#[test]
fn a_server_that_listens_everywhere_is_asked_on_loopback() {
    let database = Database::new();
    let server = Serving::start(serve(program()).args(["--listen", "0.0.0.0:0"]).env("DATABASE_URL", &database.url));
    let (_, port) = server.url.rsplit_once(':').expect("a port");
    run(&mut healthcheck(&format!("0.0.0.0:{port}"))).printed();
}

#[test]
fn without_a_server_the_health_check_fails_and_says_what_to_do() {
    let complaint = run(&mut healthcheck(NOWHERE)).complaint(1);
    assert!(complaint.contains("no server answers at 127.0.0.1:1"), "{complaint}");
    assert!(complaint.contains("--listen"), "{complaint}");
}

#[test]
fn a_server_that_does_not_answer_fails_the_health_check() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let complaint = run(&mut healthcheck(&address)).complaint(1);
    assert!(complaint.contains(&format!("the server at {address} did not answer")), "{complaint}");
}

fn healthcheck(address: &str) -> Command {
    let mut command = program();
    command.args(["healthcheck", "--listen", address]);
    command
}
