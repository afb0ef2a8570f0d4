//! The way across: what no document names is answered by the old service.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use hyper::Method;
use hyper::header::{HeaderName, SET_COOKIE};

use crate::support::{Call, Server, ServerOptions};

const MEGABYTE: usize = 1 << 20;

/// Far more than a server may keep of what it passes.
const LARGE: usize = 100 * MEGABYTE;

/// An old service that does with each connection as it is told. Answers its URL.
fn old_service(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("its address"));
    thread::spawn(move || {
        let serve = std::sync::Arc::new(serve);
        for stream in listener.incoming().map_while(Result::ok) {
            let serve = std::sync::Arc::clone(&serve);
            thread::spawn(move || serve(stream));
        }
    });
    url
}

/// An old service that gives this answer to everything, and tells what it was sent: heads, and bodies whose length is said.
fn answering(answer: &'static str) -> (String, Receiver<String>) {
    let (told, heard) = mpsc::channel();
    let url = old_service(move |mut stream| {
        while let Some(head) = read_head(&mut stream) {
            let length =
                head.to_lowercase().lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            let mut body = vec![0; length.unwrap_or(0)];
            if stream.read_exact(&mut body).is_err() {
                return;
            }
            // The test may have ended.
            let _ = told.send(head + &String::from_utf8_lossy(&body));
            if stream.write_all(answer.as_bytes()).is_err() {
                return;
            }
        }
    });
    (url, heard)
}

fn read_head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    Some(String::from_utf8_lossy(&head).into_owned())
}

fn in_front_of(url: &str) -> Server {
    let arguments = ["--legacy-upstream", url, "--legacy-timeout", "1s"].map(Into::into).into();
    Server::start_with(ServerOptions { arguments, ..ServerOptions::default() })
}

#[tokio::test]
async fn requests_and_answers_pass_untouched() {
    let answer = "HTTP/1.1 299 Odd\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nConnection: x-hop\r\nX-Hop: 1\r\nX-Kept: yes\r\nContent-Length: 3\r\n\r\nhey";
    let (url, heard) = answering(answer);
    let server = in_front_of(&format!("{url}/base/"));
    let kept = HeaderName::from_static("x-mine");
    let hop = HeaderName::from_static("keep-alive");
    let call = Call::new(Method::PATCH, "/auth/%7Ex/../y?q=%20&q").header(kept, "1").header(hop, "timeout=5");
    let answer = call.json(r#"{"a": 1}"#).send(&server).await;
    assert_eq!((answer.status, &answer.body[..]), (299, &b"hey"[..]));
    let cookies: Vec<_> = answer.headers.get_all(SET_COOKIE).iter().collect();
    assert_eq!(cookies, ["a=1", "b=2"]);
    assert_eq!(answer.header("x-kept"), "yes");
    assert!(!answer.headers.contains_key("x-hop"), "{answer:?}");
    let request = heard.recv().expect("it was asked");
    assert!(request.starts_with("PATCH /base/auth/%7Ex/../y?q=%20&q HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("x-mine: 1\r\n") && request.ends_with("\r\n\r\n{\"a\": 1}"), "{request}");
    assert!(request.contains(&format!("host: {}\r\n", url.trim_start_matches("http://"))), "{request}");
    assert!(!request.contains("keep-alive") && !request.contains("forwarded"), "{request}");
}

#[tokio::test]
async fn only_what_no_document_names_is_passed() {
    let (url, heard) = answering("HTTP/1.1 204 No Content\r\n\r\n");
    let server = in_front_of(&url);
    for (method, path) in
        [(Method::GET, "/swagger.json"), (Method::DELETE, "/v3/clusters/count"), (Method::GET, "/v4/nothing")]
    {
        assert_eq!(Call::new(method, path).send(&server).await.status, 204, "{path}");
    }
    assert_eq!(heard.iter().take(3).count(), 3);
    for path in ["/v3/clusters/count", "/ping", "/healthz", "/v3/versions/stable/a/latest"] {
        assert_ne!(Call::get(path).send(&server).await.status, 204, "{path}");
    }
    assert!(heard.try_recv().is_err());
}

#[tokio::test]
async fn failures_are_502_and_504() {
    let closed = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let nobody = format!("http://{}", closed.local_addr().expect("its address"));
    drop(closed);
    let dies = old_service(|mut stream| drop(read_head(&mut stream)));
    let garbage = answering("hello\r\n\r\n").0;
    for url in [nobody, dies, garbage] {
        Call::get("/old").send(&in_front_of(&url)).await.refusal().assert_is(502, "bad-gateway");
    }
    let hangs = old_service(|mut stream| while read_head(&mut stream).is_some() {});
    let started = Instant::now();
    Call::get("/old").send(&in_front_of(&hangs)).await.refusal().assert_is(504, "gateway-timeout");
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn an_answer_that_breaks_off_or_stalls_breaks_off_here() {
    let breaks = old_service(|mut stream| {
        read_head(&mut stream);
        // The other side may have gone.
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    });
    let stalls = old_service(|mut stream| {
        read_head(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
        // Until the other side hangs up.
        let _ = stream.read(&mut [0]);
    });
    for url in [breaks, stalls] {
        let server = in_front_of(&url);
        let answer = reqwest::get(format!("{}/old", server.url)).await.expect("a head");
        assert_eq!(answer.status(), 200);
        answer.bytes().await.expect_err("a body that breaks off");
    }
}

#[tokio::test]
async fn a_hundred_megabytes_pass_both_ways_in_little_memory() {
    let url = old_service(|mut stream| {
        let head = read_head(&mut stream).expect("a request").to_lowercase();
        assert!(head.contains("transfer-encoding: chunked"), "{head}");
        // Reads the chunks to their end, which is five bytes that the body itself does not hold.
        let (mut read, mut end) = (0, Vec::new());
        let mut buffer = vec![0; MEGABYTE];
        while !end.ends_with(b"0\r\n\r\n") {
            let count = stream.read(&mut buffer).expect("a part of the body");
            read += count;
            end.extend_from_slice(&buffer[count.saturating_sub(5)..count]);
            end.drain(..end.len().saturating_sub(5));
        }
        assert!(read > LARGE);
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {LARGE}\r\n\r\n");
        stream.write_all(head.as_bytes()).expect("send");
        for _ in 0..LARGE / MEGABYTE {
            stream.write_all(&buffer).expect("send");
        }
    });
    let server = in_front_of(&url);
    let before = memory(&server);
    // Without a length, so that it goes in chunks.
    let parts = futures::stream::iter((0..LARGE / MEGABYTE).map(|_| Ok::<_, std::io::Error>(vec![7; MEGABYTE])));
    let body = reqwest::Body::wrap_stream(parts);
    let request = reqwest::Client::new().put(format!("{}/old", server.url)).body(body);
    let mut answer = request.send().await.expect("an answer");
    let mut received = 0;
    while let Some(part) = answer.chunk().await.expect("a part of the body") {
        received += part.len();
    }
    assert_eq!(received, LARGE);
    let grown = memory(&server) - before;
    assert!(grown < 40_000, "{grown} KB more");
}

/// The most memory that the server has had, in KB.
fn memory(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.pid())).expect("its status");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("its peak");
    peak.trim().trim_end_matches(" kB").parse().expect("a number")
}
