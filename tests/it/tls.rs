//! Serving https: with what, to whom, and with a certificate that is replaced while the server runs.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Instant;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::version;

use crate::support::{Database, Https, PATIENCE, Serving, data, eventually, program, run, serve};

fn certificate(name: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_file(data(name)).expect("a certificate")
}

#[test]
fn https_is_spoken_in_two_versions_and_nothing_else_is() {
    let https = Https::start();
    for version in [&version::TLS12, &version::TLS13] {
        let answered = https.ask(&["upstream-ca.pem"], version).expect("an answer");
        assert!(answered.text.starts_with("HTTP/1.1 200 OK\r\n"), "{}", answered.text);
        assert_eq!(answered.protocol.as_deref(), Some(&b"http/1.1"[..]));
    }
    https.ask(&["renewed-server.pem"], &version::TLS13).map(|_| ()).expect_err("it is another certificate");
    let mut plain = TcpStream::connect(https.address()).expect("connect");
    plain.set_read_timeout(Some(PATIENCE)).expect("a socket");
    plain.write_all(b"GET /livez HTTP/1.1\r\nhost: test\r\n\r\n").expect("send");
    let mut said = Vec::new();
    // It may be reset.
    let _ = plain.read_to_end(&mut said);
    assert!(!said.starts_with(b"HTTP"), "{}", said.escape_ascii());
}

#[test]
fn a_handshake_that_does_not_come_is_not_waited_for() {
    let https = Https::start();
    // Taken before the server can have begun to wait, so that it is not short by what this machine takes.
    let since = Instant::now();
    let mut silent = TcpStream::connect(https.address()).expect("connect");
    silent.set_read_timeout(Some(PATIENCE)).expect("a socket");
    assert_eq!(silent.read(&mut [0; 1]).expect("an orderly end"), 0);
    assert!((10..30).contains(&since.elapsed().as_secs()), "{:?}", since.elapsed());
}

#[tokio::test]
async fn a_new_certificate_is_served_as_soon_as_it_is_there_and_a_broken_one_never() {
    let https = Https::start();
    let (old, new) = (certificate("upstream-server.pem"), certificate("renewed-server.pem"));
    assert_eq!(https.certificate(), old);

    // The new certificate with the old key.
    let [mut mixed, key] =
        ["renewed-server.pem", "upstream-server.pem"].map(|name| fs::read_to_string(data(name)).expect("a file"));
    mixed.truncate(mixed.find("-----BEGIN PRIVATE").expect("a key"));
    mixed += &key[key.find("-----BEGIN PRIVATE").expect("a key")..];
    let warned = |times: usize| https.log().matches("cannot be used; the old ones stay").count() == times;
    https.replace(mixed);
    eventually("the server has looked", async || warned(1)).await;
    assert_eq!(https.certificate(), old);
    https.replace("nonsense");
    eventually("the server has looked", async || warned(2)).await;
    assert_eq!(https.certificate(), old);
    fs::remove_file(&https.file).expect("remove it");

    https.replace(fs::read(data("renewed-server.pem")).expect("a file"));
    eventually("the new one is served", async || https.certificate() == new).await;
    let told = async || https.log().contains("serving with the certificate that was put in place");
    eventually("it is told", told).await;
}

#[test]
fn healthcheck_asks_by_https_too() {
    let https = Https::start();
    let check = |tls: bool| {
        let mut command = program();
        command.args(["healthcheck", "--listen", https.address()]);
        if tls {
            command.env("STATIONMASTER_TLS_CERT", &https.file);
        }
        run(&mut command)
    };
    assert!(check(true).printed().contains("\"status\":\"ok\""));
    check(false).complaint(1);
    let database = Database::new();
    let plain = Serving::start(serve(program()).env("DATABASE_URL", &database.url));
    let address = plain.url.strip_prefix("http://").expect("an HTTP URL");
    let mut command = program();
    let complaint = run(command.args(["healthcheck", "--tls-cert", "x", "--listen", address])).complaint(1);
    assert!(complaint.contains("does not answer by https"), "{complaint}");
}

#[test]
fn files_that_cannot_be_served_with_are_refused() {
    let (server, renewed) = (data("upstream-server.pem"), data("renewed-server.pem"));
    let ca = data("upstream-ca.pem");
    let missing = Path::new("/nonexistent/cert.pem");
    for (certificate, key, said) in [
        (missing, server.as_path(), "cannot read /nonexistent/cert.pem"),
        (&server, missing, "cannot read /nonexistent/cert.pem"),
        (Path::new("/dev/null"), &server, "/dev/null has no certificate"),
        (&server, &ca, "has no private key"),
        (&server, &renewed, "cannot be used together"),
    ] {
        let mut command = program();
        command.args(["serve", "--listen", "127.0.0.1:0", "--tls-cert"]).arg(certificate).arg("--tls-key").arg(key);
        let complaint = run(&mut command).complaint(1);
        assert!(complaint.contains(said) && complaint.contains("--tls-cert"), "{complaint}");
    }
}
