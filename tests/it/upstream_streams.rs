//! The way across for what is large, slow or many: it streams, and takes little memory.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::Duration;

use futures::future::join_all;
use hyper::Method;

use crate::support::{Call, PATIENCE, Server, in_front_of, in_front_with, old_service, read_head, read_request};

const MEGABYTE: usize = 1 << 20;

/// Far more than a server may keep of what it passes.
const LARGE: usize = 100 * MEGABYTE;

/// The most memory that the server has had, in KB.
fn memory(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.pid())).expect("its status");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("its peak");
    peak.trim().trim_end_matches(" kB").parse().expect("a number")
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

fn read_exactly(stream: &mut impl Read, expected: &str) {
    let mut read = vec![0; expected.len()];
    stream.read_exact(&mut read).expect(expected);
    assert_eq!(String::from_utf8_lossy(&read), expected);
}

#[test]
fn what_comes_is_passed_before_the_rest_is_there() {
    // Each side sends its second part only when the other has the first.
    let (told, heard) = mpsc::channel();
    let (go_on, may_go_on) = mpsc::channel();
    let may_go_on = Mutex::new(may_go_on);
    let url = old_service(move |mut stream| {
        let head = read_head(&mut stream).expect("a request");
        assert!(head.contains("content-length: 6\r\n"), "{head}");
        read_exactly(&mut stream, "one");
        told.send(()).expect("the test waits");
        read_exactly(&mut stream, "two");
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc").expect("send");
        let may_go_on = may_go_on.lock().expect("nobody panicked");
        may_go_on.recv_timeout(PATIENCE).expect("the test goes on");
        stream.write_all(b"def").expect("send");
    });
    let server = in_front_of(&url);
    let mut stream = TcpStream::connect(server.url.trim_start_matches("http://")).expect("connect");
    stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
    stream.write_all(b"POST /old HTTP/1.1\r\nhost: here\r\ncontent-length: 6\r\n\r\none").expect("send");
    heard.recv_timeout(PATIENCE).expect("the first part");
    stream.write_all(b"two").expect("send");
    read_head(&mut stream).expect("a head");
    read_exactly(&mut stream, "abc");
    go_on.send(()).expect("the old service waits");
    read_exactly(&mut stream, "def");
}

#[test]
fn a_caller_may_be_slower_than_the_old_service_may() {
    let url = old_service(|mut stream| {
        read_head(&mut stream);
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {LARGE}\r\n\r\n");
        stream.write_all(head.as_bytes()).expect("send");
        for _ in 0..LARGE / MEGABYTE {
            stream.write_all(&vec![7; MEGABYTE]).expect("send");
        }
    });
    let server = in_front_with(&url, "3s", &[]);
    let mut stream = TcpStream::connect(server.url.trim_start_matches("http://")).expect("connect");
    stream.write_all(b"GET /old HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n").expect("send");
    read_head(&mut stream).expect("a head");
    // Longer than the old service has; it is the pause itself that is tested.
    thread::sleep(Duration::from_secs(5));
    let mut buffer = vec![0; MEGABYTE];
    let mut received = 0;
    loop {
        match stream.read(&mut buffer).expect("a part of the body") {
            0 => break,
            count => received += count,
        }
    }
    assert_eq!(received, LARGE);
}

#[tokio::test]
async fn many_at_once_get_their_own_answers() {
    let url = old_service(|mut stream| {
        while let Some(request) = read_request(&mut stream) {
            let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{request}", request.len());
            if stream.write_all(answer.as_bytes()).is_err() {
                return;
            }
        }
    });
    let server = in_front_of(&url);
    for round in 0..3 {
        let calls = (0..200).map(async |number| {
            let body = format!("body {round}/{number}.");
            let call = Call::new(Method::POST, format!("/old/{round}/{number}")).bytes(body.clone());
            let answer = call.send(&server).await;
            let echoed = String::from_utf8_lossy(&answer.body).into_owned();
            assert_eq!(answer.status, 200);
            assert!(echoed.starts_with(&format!("POST /old/{round}/{number} ")) && echoed.ends_with(&body), "{echoed}");
        });
        join_all(calls).await;
    }
}
