//! Old services that do as a test tells them, and servers in front of them.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::thread;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned, crypto};

use super::{Server, ServerOptions};

/// An old service that does with each connection as it is told. Answers its URL.
pub(crate) fn old_service(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("its address"));
    thread::spawn(move || {
        let serve = Arc::new(serve);
        for stream in listener.incoming().map_while(Result::ok) {
            let serve = Arc::clone(&serve);
            thread::spawn(move || serve(stream));
        }
    });
    url
}

/// A service that does with each connection as it is told, over TLS: with a certificate for 127.0.0.1 that the CA in
/// `tests/data/upstream-ca.pem` has signed.
pub(crate) fn over_tls(
    serve: impl Fn(StreamOwned<ServerConnection, TcpStream>) + Send + Sync + 'static,
) -> impl Fn(TcpStream) + Send + Sync + 'static {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/upstream-server.pem");
    let certificates = CertificateDer::pem_file_iter(&file).expect("the file").map(|one| one.expect("a certificate"));
    let key = PrivateKeyDer::from_pem_file(&file).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions of TLS")
        .with_no_client_auth()
        .with_single_cert(certificates.collect(), key)
        .expect("a certificate and its key");
    let config = Arc::new(config);
    move |stream| {
        let connection = ServerConnection::new(Arc::clone(&config)).expect("a connection");
        serve(StreamOwned::new(connection, stream));
    }
}

/// An old service that gives this answer to everything, and tells what it was sent.
pub(crate) fn answering(answer: impl Into<Vec<u8>>) -> (String, Receiver<String>) {
    let (told, heard) = mpsc::channel();
    let answer = answer.into();
    let url = old_service(move |mut stream| {
        while let Some(request) = read_request(&mut stream) {
            // The test may have ended.
            let _ = told.send(request);
            if stream.write_all(&answer).is_err() {
                return;
            }
        }
    });
    (url, heard)
}

/// The head of a request, unless the connection ends before that.
pub(crate) fn read_head(stream: &mut impl Read) -> Option<String> {
    read_to(stream, "\r\n\r\n")
}

/// A request with its body, as it came: by its length, or in chunks.
pub(crate) fn read_request(stream: &mut impl Read) -> Option<String> {
    let head = read_head(stream)?;
    let lower = head.to_lowercase();
    if lower.contains("\r\ntransfer-encoding: ") {
        return Some(head + &read_to(stream, "0\r\n\r\n")?);
    }
    let length = lower.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().expect("a number"))];
    stream.read_exact(&mut body).ok()?;
    Some(head + &String::from_utf8_lossy(&body))
}

fn read_to(stream: &mut impl Read, end: &str) -> Option<String> {
    let mut read = Vec::new();
    while !read.ends_with(end.as_bytes()) {
        let mut byte = [0];
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        read.push(byte[0]);
    }
    Some(String::from_utf8_lossy(&read).into_owned())
}

/// A server that passes to the old service at this URL, which has more time than any test takes.
pub(crate) fn in_front_of(url: &str) -> Server {
    in_front_with(url, "600s", &[])
}

/// A server that passes to an old service that has so much time, with more variables in its environment.
pub(crate) fn in_front_with(url: &str, timeout: &str, environment: &[(&str, &str)]) -> Server {
    Server::start_with(ServerOptions {
        arguments: ["--legacy-upstream", url, "--legacy-timeout", timeout].map(Into::into).into(),
        environment: environment.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
        ..ServerOptions::default()
    })
}
