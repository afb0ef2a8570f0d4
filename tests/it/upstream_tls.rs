//! The way across to an old service that speaks https.

use std::io::Write;

use crate::support::{Call, data, in_front_with, old_service, over_tls, read_request};

/// An old service with a certificate that the CA in `upstream-ca.pem` has signed. It answers 200 to everything.
fn https() -> String {
    let url = old_service(over_tls(|mut stream| {
        while let Some(request) = read_request(&mut stream) {
            let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{request}", request.len());
            if stream.write_all(answer.as_bytes()).is_err() {
                return;
            }
        }
    }));
    url.replace("http:", "https:")
}

#[tokio::test]
async fn requests_pass_to_who_has_a_good_certificate() {
    let ca = data("upstream-ca.pem");
    let server = in_front_with(&https(), "20s", &[("SSL_CERT_FILE", &ca.display().to_string())]);
    let answer = Call::get("/old").bytes("a body").send(&server).await;
    let echoed = String::from_utf8_lossy(&answer.body).into_owned();
    assert_eq!(answer.status, 200);
    assert!(echoed.starts_with("GET /old HTTP/1.1\r\n") && echoed.ends_with("a body"), "{echoed}");
}

#[tokio::test]
async fn nothing_passes_to_who_has_another() {
    // The system's certificates do not know that CA.
    let server = in_front_with(&https(), "20s", &[]);
    Call::get("/old").send(&server).await.refusal().assert_is(502, "bad-gateway");
    assert!(server.log().contains("invalid peer certificate"), "{}", server.log());
    // It is valid for the address, not for the name.
    let (url, ca) = (https().replace("127.0.0.1", "localhost"), data("upstream-ca.pem"));
    let server = in_front_with(&url, "20s", &[("SSL_CERT_FILE", &ca.display().to_string())]);
    Call::get("/old").send(&server).await.refusal().assert_is(502, "bad-gateway");
}

#[tokio::test]
async fn http_needs_no_certificates() {
    let url = old_service(|mut stream| {
        read_request(&mut stream);
        // The test may have ended.
        let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n");
    });
    let none = [("SSL_CERT_FILE", "/dev/null"), ("SSL_CERT_DIR", "/nonexistent")];
    assert_eq!(Call::get("/old").send(&in_front_with(&url, "20s", &none)).await.status, 204);
}
