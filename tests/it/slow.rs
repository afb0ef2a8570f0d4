//! Callers who are slow on purpose take nothing from others.

use std::time::{Duration, Instant};

use hyper::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::support::{Call, Server, token, within};

/// How many of them there are.
const MANY: usize = 1_000;

/// How soon a probe is answered, on a busy machine too: before any of them is turned away.
const SOON: Duration = Duration::from_secs(9);

const HEAD: &str = "GET /livez HTTP/1.1\r\nhost: test\r\nx-slow: ";
const BODY: &str = "POST /v4/versions/latest HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\n\
    content-length: 100000\r\n\r\n";
const OLD_BODY: &str = "POST /v3/versions/latest HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\n\
    content-length: 100000\r\n\r\n";

/// Sends that and then a byte in each second, until the server has had enough. Answers when that was, and what it said.
async fn drip(server: String, begin: &'static str) -> (Duration, String) {
    // Taken before the server can have begun to wait, so that it is not short by what this machine takes.
    let since = Instant::now();
    let mut stream = TcpStream::connect(server).await.expect("connect");
    stream.write_all(begin.as_bytes()).await.expect("send");
    let mut said = Vec::new();
    loop {
        tokio::select! {
            read = stream.read_buf(&mut said) => match read {
                Ok(0) | Err(_) => return (since.elapsed(), String::from_utf8_lossy(&said).into_owned()),
                Ok(_) => {}
            },
            // That it cannot be sent is seen when the answer is read.
            () = tokio::time::sleep(Duration::from_secs(1)) => {
                let _ = stream.write_all(b"x").await;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_slow_connections_do_not_starve_a_probe() {
    stationmaster::http::raise_file_limit(2 * MANY as u64, 500);
    let server = Server::start();
    let address = server.url.strip_prefix("http://").expect("an HTTP URL");
    let mut slow = JoinSet::new();
    for at in 0..MANY {
        let begin = [HEAD, BODY, HEAD, OLD_BODY][at % 4];
        slow.spawn({
            let address = address.to_owned();
            async move { (begin, drip(address, begin).await) }
        });
    }
    let (mut probes, mut ended) = (0, 0);
    while ended < MANY {
        within(SOON, Call::get("/healthz").send(&server)).await.value(200);
        probes += 1;
        tokio::time::sleep(Duration::from_millis(100)).await;
        while let Some(one) = slow.try_join_next() {
            ended += 1;
            let (begin, (after, said)) = one.expect("no panic");
            let (soonest, latest) = if begin == HEAD { (10, 25) } else { (30, 55) };
            assert!((soonest..=latest).contains(&after.as_secs()), "{begin}: {after:?}");
            let expected = match begin {
                HEAD => said.is_empty(),
                BODY => said.starts_with("HTTP/1.1 408 ") && said.contains("urn:stationmaster:problem:request-timeout"),
                _ => said.starts_with("HTTP/1.1 408 ") && said.contains("{\"code\":408,"),
            };
            assert!(expected, "{begin}: {said}");
        }
    }
    assert!(probes > 20, "{probes}");
}

#[tokio::test]
async fn a_body_that_pauses_for_a_while_is_read() {
    let server = Server::start();
    let address = server.url.strip_prefix("http://").expect("an HTTP URL");
    let mut stream = TcpStream::connect(address).await.expect("connect");
    let body = r#"{"description": "slow"}"#;
    let head = format!(
        "{} /v4/versions/deis-router/stable/v1.0.0 HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\
         authorization: Bearer {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        Method::POST,
        token("versions:publish"),
        body.len()
    );
    for part in [head.as_str(), &body[..5], &body[5..]] {
        stream.write_all(part.as_bytes()).await.expect("send");
        tokio::time::sleep(Duration::from_secs(3)).await;
    }
    let mut answer = String::new();
    within(SOON, stream.read_to_string(&mut answer)).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
}
