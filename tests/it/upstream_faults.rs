//! The way across, when the old service or the caller does not do its part.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use hyper::Method;

use crate::support::{
    Call, RawConnection, Server, answering, free_port, in_front_of, in_front_with, old_service, program, read_head, run,
};

/// Far more than the old service gets, and far less than a test that hangs.
const SOON: Duration = Duration::from_secs(30);

/// A server that gives the old service so little time that a test can wait for its end, and enough for one that answers.
fn impatient(url: &str) -> Server {
    in_front_with(url, "3s", &[])
}

/// More than the buffers of all sockets on the way hold.
const MORE_THAN_BUFFERS: usize = 50 << 20;

#[tokio::test]
async fn who_does_not_answer_properly_is_502() {
    let nobody = format!("http://127.0.0.1:{}", free_port());
    let dies = old_service(|mut stream| drop(read_head(&mut stream)));
    let dies_in_its_head = old_service(|mut stream| {
        read_head(&mut stream);
        // The other side may have gone.
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nX-");
    });
    let garbage = answering("hello\r\n\r\n").0;
    let two_lengths = answering("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab").0;
    let changes_protocol = answering("HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n").0;
    for url in [nobody, dies, dies_in_its_head, garbage, two_lengths, changes_protocol] {
        let server = in_front_of(&url);
        Call::get("/old").send(&server).await.refusal().assert_is(502, "bad-gateway");
        assert!(server.log().contains("WARN"), "{}", server.log());
        assert_eq!(Call::get("/livez").send(&server).await.status, 200);
    }
}

#[tokio::test]
async fn who_takes_too_long_is_504() {
    let silent = old_service(|mut stream| while read_head(&mut stream).is_some() {});
    let stops_in_its_head = answering("HTTP/1.1 200 OK\r\nX-").0;
    // It accepts connections and never says a word, so that TLS does not begin.
    let never_begins = old_service(|mut stream| while stream.read(&mut [0; 9]).is_ok_and(|count| count > 0) {});
    for url in [silent, stops_in_its_head, never_begins.replace("http:", "https:")] {
        let server = impatient(&url);
        let started = Instant::now();
        Call::get("/old").send(&server).await.refusal().assert_is(504, "gateway-timeout");
        assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
    }
}

/// Announces so many bytes and sends some; what comes back first.
fn upload(server: &Server, announced: usize, sent: usize) -> String {
    let mut stream = TcpStream::connect(server.url.trim_start_matches("http://")).expect("connect");
    stream.set_read_timeout(Some(SOON)).expect("a socket");
    let head = format!("POST /old HTTP/1.1\r\nhost: here\r\ncontent-length: {announced}\r\n\r\n");
    stream.write_all(head.as_bytes()).expect("send");
    let mut sender = stream.try_clone().expect("a socket");
    // It breaks off when nobody reads any more.
    thread::spawn(move || sender.write_all(&vec![7; sent]));
    let mut answer = vec![0; 1000];
    let count = stream.read(&mut answer).expect("an answer in time");
    String::from_utf8_lossy(&answer[..count]).into_owned()
}

#[tokio::test]
async fn whoever_stops_in_the_middle_of_a_request_is_told_apart() {
    let does_not_read = old_service(|mut stream| {
        read_head(&mut stream);
        thread::sleep(SOON);
    });
    let server = impatient(&does_not_read);
    let answer = upload(&server, MORE_THAN_BUFFERS, MORE_THAN_BUFFERS);
    assert!(answer.starts_with("HTTP/1.1 504 ") && answer.contains("application/problem+json"), "{answer}");

    let reads = old_service(|mut stream| while stream.read(&mut [0; 999]).is_ok_and(|count| count > 0) {});
    let answer = upload(&impatient(&reads), 100, 3);
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("application/problem+json"), "{answer}");
}

#[tokio::test]
async fn an_answer_that_breaks_off_or_stalls_breaks_off_here() {
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n";
    let counted = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc";
    let wrong_chunk = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n";
    // That of HTTP/1.0 ends with its connection. One that stalls must not look as if it had.
    let old = "HTTP/1.0 200 OK\r\n\r\nabc";
    for (answer, dies) in
        [(chunked, true), (counted, true), (wrong_chunk, true), (chunked, false), (counted, false), (old, false)]
    {
        let url = old_service(move |mut stream| {
            read_head(&mut stream);
            // The other side may have gone.
            let _ = stream.write_all(answer.as_bytes());
            if !dies {
                let _ = stream.read(&mut [0]);
            }
        });
        let server = if dies { in_front_of(&url) } else { impatient(&url) };
        let mut response = reqwest::get(format!("{}/old", server.url)).await.expect("a head");
        assert_eq!(response.status(), 200);
        let body = async {
            while response.chunk().await?.is_some() {}
            Ok::<_, reqwest::Error>(())
        };
        body.await.expect_err(answer);
        assert!(server.log().contains("in the middle of an answer"), "{}", server.log());
    }
}

#[tokio::test]
async fn an_answer_with_two_lengths_is_not_cut_off() {
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n";
    let (url, _heard) = answering(answer);
    assert_eq!(Call::get("/old").send(&in_front_of(&url)).await.body, "hi");
}

#[tokio::test]
async fn who_has_gone_is_not_waited_for() {
    for answer in ["", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"] {
        let (told, heard) = mpsc::channel();
        let url = old_service(move |mut stream| {
            read_head(&mut stream);
            stream.write_all(answer.as_bytes()).expect("send");
            told.send("asked").expect("the test waits");
            let rest = stream.read(&mut [0]);
            told.send(if rest.is_ok_and(|count| count > 0) { "more" } else { "closed" }).expect("the test waits");
        });
        let server = in_front_of(&url);
        let mut caller = RawConnection::open(&server).expect("connect");
        caller.send("GET /old HTTP/1.1\r\nhost: here\r\n\r\n");
        assert_eq!(heard.recv_timeout(SOON), Ok("asked"));
        drop(caller);
        assert_eq!(heard.recv_timeout(SOON), Ok("closed"), "after {answer:?}");
    }
}

#[tokio::test]
async fn requests_are_not_sent_twice() {
    let (told, heard) = mpsc::channel();
    let url = old_service(move |mut stream| {
        // The test may have ended.
        let _ = told.send(read_head(&mut stream));
    });
    let server = in_front_of(&url);
    for method in [Method::GET, Method::POST] {
        Call::new(method, "/old").send(&server).await.refusal().assert_is(502, "bad-gateway");
        assert!(heard.recv_timeout(SOON).is_ok());
        assert!(heard.try_recv().is_err());
    }
}

#[test]
fn a_url_that_cannot_be_used_is_told_at_the_start_without_its_password() {
    for url in ["old", "ftp://old", "http://old?a=b", "http://old/#a", "http://old:99999", "http://me:hunter2@old"] {
        let serve = ["serve", "--listen", "127.0.0.1:0", "--legacy-upstream", url];
        let complaint = run(program().args(serve)).complaint(1);
        assert!(complaint.contains("--legacy-upstream") && !complaint.contains("hunter2"), "{complaint}");
        let variable = ("STATIONMASTER_LEGACY_UPSTREAM", url);
        let complaint = run(program().args(&serve[..3]).env(variable.0, variable.1)).complaint(1);
        assert!(complaint.contains("--legacy-upstream") && !complaint.contains("hunter2"), "{complaint}");
        let help = run(program().args(["serve", "--help"]).env(variable.0, variable.1)).printed();
        assert!(!help.contains("hunter2"), "{help}");
    }
}
