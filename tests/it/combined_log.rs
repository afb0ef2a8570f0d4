//! The access log in the Apache combined format.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use hyper::Method;
use hyper::header::{REFERER, USER_AGENT};
use regex::Regex;
use tempfile::TempDir;

use crate::support::{Call, RawConnection, Server, ServerOptions, eventually, old_service, program, read_head, run};

fn start(log: &Path) -> Server {
    let arguments = vec!["--access-log".into(), log.display().to_string()];
    Server::start_with(ServerOptions { arguments, ..ServerOptions::default() })
}

async fn until_lines(log: &Path, count: usize) -> Vec<String> {
    let lines = || fs::read_to_string(log).unwrap_or_default().lines().map(str::to_owned).collect::<Vec<_>>();
    eventually("the lines are written", async || lines().len() >= count).await;
    lines()
}

#[tokio::test]
async fn a_line_per_request_without_anything_of_the_caller() {
    let directory = TempDir::new().expect("a directory");
    let log = directory.path().join("access.log");
    let server = start(&log);
    let call = Call::get("/v3/clusters/count?who=secret").header(USER_AGENT, "agent").header(REFERER, "http://here");
    assert_eq!(call.send(&server).await.status, 200);
    assert_eq!(Call::get("/no%22pe").send(&server).await.status, 404);
    assert_eq!(Call::new(Method::HEAD, "/healthz").send(&server).await.status, 200);
    let lines = until_lines(&log, 3).await;
    let time = r"\[\d{2}/[A-Z][a-z]{2}/\d{4}:\d{2}:\d{2}:\d{2} \+0000\]";
    for (line, rest) in lines.iter().zip([
        r#""GET /v3/clusters/count HTTP/1\.1" 200 1"#,
        r#""GET /no%22pe HTTP/1\.1" 404 \d+"#,
        r#""HEAD /healthz HTTP/1\.1" 200 -"#,
    ]) {
        let format = format!(r#"^- - - {time} {rest} "-" "-"$"#);
        assert!(Regex::new(&format).expect("a pattern").is_match(line), "{line} is not {format}");
    }
    let mode = fs::metadata(&log).expect("the log").permissions().mode() & 0o777;
    assert_eq!(mode, 0o640, "{mode:o}");
}

#[tokio::test]
async fn nothing_in_a_path_ends_its_field_or_line() {
    let directory = TempDir::new().expect("a directory");
    let log = directory.path().join("access.log");
    let server = start(&log);
    // A quote, a backslash, and what some tools take for the end of a line.
    let mut connection = RawConnection::open(&server).expect("connect");
    connection.send("GET /a\"\\\u{85}\u{2028} HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n");
    connection.rest();
    let lines = until_lines(&log, 1).await;
    assert!(lines[0].contains(r#""GET /a\"\\\xc2\x85\xe2\x80\xa8 HTTP/1.1" 404 "#), "{lines:?}");
}

#[tokio::test]
async fn what_breaks_off_is_counted_as_far_as_it_came() {
    let url = old_service(|mut stream| match read_head(&mut stream) {
        Some(head) if head.contains("/short") => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc").expect("send");
        }
        // Until the other side hangs up.
        _ => _ = stream.read(&mut [0]),
    });
    let directory = TempDir::new().expect("a directory");
    let log = directory.path().join("access.log");
    let arguments = ["--access-log", &log.display().to_string(), "--legacy-upstream", &url].map(Into::into).into();
    let server = Server::start_with(ServerOptions { arguments, ..ServerOptions::default() });
    let response = reqwest::get(format!("{}/short", server.url)).await.expect("a head");
    response.bytes().await.expect_err("a body that breaks off");
    let lines = until_lines(&log, 1).await;
    assert!(lines[0].contains(r#""GET /short HTTP/1.1" 200 3 "#), "{lines:?}");

    let mut caller = TcpStream::connect(server.url.trim_start_matches("http://")).expect("connect");
    caller.write_all(b"GET /never HTTP/1.1\r\nhost: here\r\n\r\n").expect("send");
    eventually("it is passed", async || server.log().contains("/never")).await;
    drop(caller);
    let lines = until_lines(&log, 2).await;
    assert!(lines[1].contains(r#""GET /never HTTP/1.1" 499 - "#), "{lines:?}");
}

#[tokio::test]
async fn a_full_disk_is_told_once_and_stops_nothing() {
    let mut server = start(Path::new("/dev/full"));
    for _ in 0..3 {
        assert_eq!(Call::get("/ping").send(&server).await.status, 200);
        eventually("it is told", async || server.log().contains("cannot write the access log")).await;
    }
    // Before it ends it has tried to write all of them.
    server.terminate();
    assert!(server.wait().success());
    assert_eq!(server.log().matches("cannot write the access log").count(), 1, "{}", server.log());
}

#[tokio::test]
async fn a_directory_that_comes_back_is_written_to_again() {
    let directory = TempDir::new().expect("a directory");
    let [there, away] = ["logs", "away"].map(|name| directory.path().join(name));
    fs::create_dir(&there).expect("a directory");
    let log = there.join("access.log");
    let server = start(&log);
    fs::rename(&there, &away).expect("move the directory");
    assert_eq!(Call::get("/first").send(&server).await.status, 404);
    // Until there is a new file, lines go to the old one.
    until_lines(&away.join("access.log"), 1).await;
    eventually("it is told", async || server.log().contains("cannot write the access log")).await;
    fs::create_dir(&there).expect("a directory");
    assert_eq!(Call::get("/second").send(&server).await.status, 404);
    let lines = until_lines(&log, 1).await;
    assert!(lines[0].contains("/second"), "{lines:?}");
    eventually("it is told", async || server.log().contains("is written again")).await;
}

#[tokio::test]
async fn a_file_that_was_moved_away_is_made_anew() {
    let directory = TempDir::new().expect("a directory");
    let [log, moved] = ["access.log", "access.log.1"].map(|name| directory.path().join(name));
    let mut server = start(&log);
    assert_eq!(Call::get("/ping").send(&server).await.status, 200);
    until_lines(&log, 1).await;
    fs::rename(&log, &moved).expect("move the log");
    assert_eq!(Call::get("/livez").send(&server).await.status, 200);
    let lines = until_lines(&log, 1).await;
    assert!(lines[0].contains("/livez"), "{lines:?}");
    // What is answered before it stops is written before it ends.
    for _ in 0..20 {
        assert_eq!(Call::get("/ping").send(&server).await.status, 200);
    }
    server.terminate();
    assert!(server.wait().success());
    assert_eq!(fs::read_to_string(&log).expect("the log").lines().count(), 21);
}

#[test]
fn a_file_that_cannot_be_written_is_told_at_the_start() {
    let complaint = run(program().args(["serve", "--listen", "127.0.0.1:0", "--access-log", "/no/such/directory/log"]))
        .complaint(1);
    assert!(complaint.contains("--access-log") && complaint.contains("/no/such/directory/log"), "{complaint}");
}
