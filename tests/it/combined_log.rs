//! The access log in the Apache combined format.

use std::fs;
use std::path::Path;

use hyper::Method;
use hyper::header::{REFERER, USER_AGENT};
use regex::Regex;
use tempfile::TempDir;

use crate::support::{Call, Server, ServerOptions, eventually, program, run};

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
