//! The way across: what no document names is answered by the old service, and nothing is changed on the way.

use hyper::Method;
use hyper::header::{ALLOW, CONNECTION, CONTENT_LENGTH, HeaderName, LOCATION, SET_COOKIE, VIA};

use crate::support::{Call, RawConnection, Server, answering, in_front_of};

/// What comes back for these bytes, as it is on the wire.
fn exchange(server: &Server, request: &str) -> String {
    let mut connection = RawConnection::open(server).expect("connect");
    connection.send(request);
    String::from_utf8_lossy(&connection.rest()).into_owned()
}

#[tokio::test]
async fn requests_and_answers_pass_untouched() {
    let answer = "HTTP/1.1 299 Odd\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nConnection: x-hop\r\nX-Hop: 1\r\n\
        Keep-Alive: timeout=5\r\nUpgrade: h2c\r\nX-Request-Id: theirs\r\nX-Kept: yes\r\nContent-Length: 3\r\n\r\nhey";
    let (url, heard) = answering(answer);
    let server = in_front_of(&format!("{url}/base/"));
    let named = HeaderName::from_static;
    let call = Call::new(Method::PATCH, "/auth/%7Ex/../y?q=%20&q")
        .header(named("x-mine"), "1")
        .header(named("x-mine"), "2")
        .header(named("x-request-id"), "mine")
        .header(CONNECTION, "x-hop")
        .header(named("x-hop"), "1")
        .header(named("keep-alive"), "timeout=5");
    let answer = call.json(r#"{"a": 1}"#).send(&server).await;
    assert_eq!((answer.status, &answer.body[..]), (299, &b"hey"[..]));
    let cookies: Vec<_> = answer.headers.get_all(SET_COOKIE).iter().collect();
    assert_eq!(cookies, ["a=1", "b=2"]);
    assert_eq!((answer.header("x-kept"), answer.header("x-request-id")), ("yes", "mine"));
    for name in ["x-hop", "keep-alive", "upgrade", "connection"] {
        assert!(!answer.headers.contains_key(name), "{name} in {answer:?}");
    }
    let request = heard.recv().expect("it was asked");
    assert!(request.starts_with("PATCH /base/auth/%7Ex/../y?q=%20&q HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("x-mine: 1\r\nx-mine: 2\r\n") && request.contains("x-request-id: mine\r\n"), "{request}");
    assert!(request.ends_with("\r\n\r\n{\"a\": 1}"), "{request}");
    assert!(request.contains(&format!("host: {}\r\n", url.trim_start_matches("http://"))), "{request}");
    for name in ["x-hop", "keep-alive", "connection", "forwarded"] {
        assert!(!request.contains(name), "{name} in {request}");
    }
}

#[tokio::test]
async fn only_what_no_document_names_is_passed() {
    let (url, heard) = answering("HTTP/1.1 204 No Content\r\n\r\n");
    let server = in_front_of(&url);
    for (method, path) in
        [(Method::GET, "/swagger.json"), (Method::DELETE, "/v3/clusters/count"), (Method::GET, "/v4/nothing")]
    {
        let answer = Call::new(method, path).send(&server).await;
        assert_eq!(answer.status, 204, "{path}");
        assert!(!answer.headers.contains_key(ALLOW), "{answer:?}");
    }
    assert_eq!(heard.iter().take(3).count(), 3);
    for path in ["/v3/clusters/count", "/ping", "/healthz", "/v3/versions/stable/a/latest"] {
        assert_ne!(Call::get(path).send(&server).await.status, 204, "{path}");
    }
    // It asks for a tunnel to anywhere.
    assert!(exchange(&server, "CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\nconnection: close\r\n\r\n").contains(" 404 "));
    assert!(heard.try_recv().is_err());
}

#[tokio::test]
async fn answers_of_every_kind_pass() {
    for (method, head, length) in [
        (Method::HEAD, "200 OK\r\nContent-Length: 1234", Some("1234")),
        (Method::HEAD, "200 OK\r\nTransfer-Encoding: chunked", None),
        (Method::GET, "204 No Content", None),
        (Method::GET, "304 Not Modified", None),
        (Method::GET, "304 Not Modified\r\nContent-Length: 99", Some("99")),
        (Method::GET, "302 Found\r\nLocation: http://elsewhere/\r\nContent-Length: 0", Some("0")),
        (Method::GET, "599 Own\r\nContent-Length: 0", Some("0")),
        (Method::GET, "103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0", Some("0")),
    ] {
        let (url, _heard) = answering(format!("HTTP/1.1 {head}\r\nETag: \"x\"\r\n\r\n"));
        let answer = Call::new(method, "/old").send(&in_front_of(&url)).await;
        let last = head.rsplit("HTTP/1.1 ").next().expect("there is one");
        assert!(last.starts_with(&answer.status.to_string()), "{head}: {answer:?}");
        assert_eq!(answer.header("etag"), "\"x\"");
        assert_eq!(answer.headers.get(CONTENT_LENGTH).map(|length| length.to_str().expect("ASCII")), length, "{head}");
        assert_eq!(answer.headers.contains_key(LOCATION), head.contains("Location"), "{head}");
    }
}

#[tokio::test]
async fn bytes_of_every_value_pass() {
    let bytes: Vec<u8> = (0..=255).collect();
    let head = b"HTTP/1.1 200 OK\r\nX-Latin: caf\xe9\r\nContent-Length: 256\r\n\r\n";
    let (url, _heard) = answering([head.as_slice(), &bytes].concat());
    let answer = Call::get("/old").send(&in_front_of(&url)).await;
    assert_eq!(answer.body, bytes);
    assert_eq!(answer.headers["x-latin"].as_bytes(), b"caf\xe9");
}

#[tokio::test]
async fn bodies_of_every_kind_pass() {
    let (url, heard) = answering(
        "HTTP/1.1 200 OK\r\nTrailer: x-sum\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nx-sum: 1\r\n\r\n",
    );
    let server = in_front_of(&url);
    for (request, passed) in [
        ("GET /a HTTP/1.1\r\ntransfer-encoding: chunked", "3\r\nabc\r\n0\r\n\r\n"),
        ("POST /a HTTP/1.1\r\ntransfer-encoding: gzip, chunked", "3\r\nabc\r\n0\r\n\r\n"),
        // The length counts for nothing then, and must not reach a server that thinks otherwise.
        ("POST /a HTTP/1.1\r\ncontent-length: 1\r\ntransfer-encoding: chunked", "3\r\nabc\r\n0\r\n\r\n"),
        ("GET /a HTTP/1.1\r\ncontent-length: 3", "abc"),
        ("POST /a HTTP/1.1\r\ncontent-length: 0", ""),
        ("POST /a HTTP/1.1", ""),
    ] {
        let head = format!("{request}\r\nhost: here\r\nte: trailers\r\nconnection: te, close\r\n\r\n");
        let answer = exchange(&server, &(head + passed));
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{request}: {answer}");
        assert!(answer.ends_with("\r\n\r\n2\r\nhi\r\n0\r\nx-sum: 1\r\n\r\n"), "{request}: {answer}");
        let heard = heard.recv().expect("it was asked");
        assert!(heard.ends_with(&format!("\r\n\r\n{passed}")), "{request}: {heard}");
        let framing = request.lines().last().filter(|line| line.contains(": "));
        assert!(framing.is_none_or(|framing| heard.contains(framing)), "{request}: {heard}");
        assert_eq!(
            heard.contains("content-length"),
            framing.is_some_and(|framing| framing.starts_with('c')),
            "{heard}"
        );
    }
}

#[tokio::test]
async fn targets_pass_as_they_are() {
    let (url, heard) = answering("HTTP/1.1 204 No Content\r\n\r\n");
    let server = in_front_of(&url);
    for (asked, passed) in [
        ("GET //a//b?c?d", "GET //a//b?c?d "),
        ("GET http://elsewhere/a", "GET /a "),
        ("OPTIONS *", "OPTIONS * "),
        ("PROPFIND /a", "PROPFIND /a "),
    ] {
        exchange(&server, &format!("{asked} HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n"));
        let heard = heard.recv().expect("it was asked");
        assert!(heard.starts_with(passed), "{asked}: {heard}");
    }
}

#[tokio::test]
async fn a_request_that_comes_back_is_not_passed_again() {
    let (url, heard) = answering("HTTP/1.1 204 No Content\r\n\r\n");
    let server = in_front_of(&url);
    assert_eq!(Call::get("/old").header(VIA, "1.1 other").send(&server).await.status, 204);
    let request = heard.recv().expect("it was asked");
    assert!(request.contains("via: 1.1 other\r\n"), "{request}");
    let via = request.lines().filter_map(|line| line.strip_prefix("via: ")).next_back().expect("it says so");
    let call = Call::get("/old").header(VIA, format!("1.1 other, {via}"));
    call.send(&server).await.refusal().assert_is(502, "bad-gateway");
    assert!(heard.try_recv().is_err());
}
