//! One connection: its handshake, its requests, and its end when nothing moves any more.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::Watcher;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tower::{Service, ServiceExt};

use super::admission::Admitted;
use super::callers::CallerAddress;
use super::guard::Peer;
use super::pulse::{Passed, Pulse, Watched};
use super::shares::{HELD_BACK, Shares};
use super::tls::CurrentTls;

/// How long agreeing on what to encrypt with may take.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// How much is held of what a caller sends ahead, and of what it has not taken yet, in bytes. A head that does not fit is
/// answered with 431.
const BUFFER: usize = 80 << 10;

/// A connection that was let in.
pub(super) struct Connection {
    pub(super) stream: TcpStream,
    pub(super) peer: CallerAddress,
    pub(super) admitted: Admitted,
    pub(super) watcher: Watcher,
}

/// How connections are encrypted, and for whom.
pub(super) struct Handshakes {
    pub(super) tls: CurrentTls,
    pub(super) shares: Arc<Shares>,
}

impl Connection {
    /// Answers whatever comes, to the end.
    pub(super) async fn serve<A>(self, handshakes: Option<Handshakes>, app: A)
    where
        A: Service<Request, Response = Response, Error = Infallible> + Clone + Send + Sync + 'static,
        A::Future: Send,
    {
        let Self { stream, peer, admitted: _counts, watcher } = self;
        // An answer is not to wait for more of it. Without that it is only slower.
        let _ = stream.set_nodelay(true);
        let Some(Handshakes { tls, shares }) = handshakes else {
            return answer(stream, peer.address, watcher, app).await;
        };
        if shares.take(peer).is_err() {
            return tokio::time::sleep(HELD_BACK).await;
        }
        let handshake = TlsAcceptor::from(tls.get()).accept(stream);
        // Whoever speaks something else, or nothing, is gone again.
        if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE, handshake).await {
            answer(stream, peer.address, watcher, app).await;
        }
    }
}

async fn answer<S, A>(stream: S, peer: IpAddr, watcher: Watcher, app: A)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    A: Service<Request, Response = Response, Error = Infallible> + Clone + Send + Sync + 'static,
    A::Future: Send,
{
    let pulse = Arc::new(Pulse::new());
    let requests = service_fn(|request: hyper::Request<Incoming>| {
        pulse.answering();
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(Peer(peer));
        let (answer, pulse) = (app.clone().oneshot(request), Arc::clone(&pulse));
        async move { answer.await.map(|answer| answer.map(|body| Passed::new(body, pulse))) }
    });
    let stream = TokioIo::new(Watched::new(stream, Arc::clone(&pulse)));
    let connection = http1::Builder::new().max_buf_size(BUFFER).serve_connection(stream, requests);
    // How it ends is nobody's fault but the caller's.
    tokio::select! {
        _ = watcher.watch(connection) => {}
        () = pulse.stops() => {}
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::routing::get;
    use hyper_util::server::graceful::GracefulShutdown;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
    use tokio::task::JoinHandle;
    use tokio::time::Instant;

    use super::*;

    const SHORT: &[u8] = b"GET /short HTTP/1.1\r\nhost: test\r\n\r\n";
    const LONG: &[u8] = b"GET /long HTTP/1.1\r\nhost: test\r\n\r\n";

    /// How long `/long` is; far more than is on its way at a time.
    const LENGTH: usize = 4 << 20;

    /// A server that goes on, the caller's side of a connection to it, and what ends with that. Time passes only while
    /// everybody waits.
    fn connect() -> (GracefulShutdown, DuplexStream, JoinHandle<()>) {
        let (ours, theirs) = duplex(1 << 10);
        let app = Router::new().route("/short", get(async || "short")).route("/long", get(async || "x".repeat(LENGTH)));
        let server = GracefulShutdown::new();
        let connection = answer(theirs, IpAddr::from([127, 0, 0, 1]), server.watcher(), app);
        (server, ours, tokio::spawn(connection))
    }

    /// After how long it ends by itself, in seconds.
    async fn lasts(connection: JoinHandle<()>) -> u64 {
        let since = Instant::now();
        connection.await.expect("no panic");
        since.elapsed().as_secs()
    }

    async fn ask(stream: &mut DuplexStream) {
        stream.write_all(SHORT).await.expect("sent");
        let mut answer = [0; 1 << 10];
        let bytes = stream.read(&mut answer).await.expect("an answer");
        assert!(answer[..bytes].ends_with(b"short"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_has_ten_seconds_however_it_drips() {
        let (_server, mut stream, connection) = connect();
        let dripping: JoinHandle<std::io::Result<()>> = tokio::spawn(async move {
            stream.write_all(b"GET /short HTTP/1.1\r\nx: ").await?;
            loop {
                tokio::time::sleep(Duration::from_secs(1)).await;
                stream.write_all(b"x").await?;
            }
        });
        let lasted = lasts(connection).await;
        assert!((10..=12).contains(&lasted), "{lasted}");
        dripping.await.expect("no panic").expect_err("it is closed");
        let (_server, _silent, connection) = connect();
        let lasted = lasts(connection).await;
        assert!((10..=12).contains(&lasted), "{lasted}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_waits_for_its_next_request_and_not_for_ever() {
        let (_server, mut stream, connection) = connect();
        for _ in 0..3 {
            ask(&mut stream).await;
            tokio::time::sleep(Duration::from_secs(70)).await;
        }
        ask(&mut stream).await;
        stream.write_all(b"GET /").await.expect("sent");
        let lasted = lasts(connection).await;
        assert!((10..=12).contains(&lasted), "the next one had begun: {lasted}");
        let (_server, mut stream, connection) = connect();
        ask(&mut stream).await;
        let lasted = lasts(connection).await;
        assert!((75..=77).contains(&lasted), "{lasted}");
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_take_an_answer_is_left() {
        let (_server, mut stream, connection) = connect();
        stream.write_all(LONG).await.expect("sent");
        let lasted = lasts(connection).await;
        assert!((30..=33).contains(&lasted), "{lasted}");
        // A byte now and then is not enough.
        let (_server, mut stream, connection) = connect();
        stream.write_all(LONG).await.expect("sent");
        let sipping = tokio::spawn(async move {
            while stream.read_u8().await.is_ok() {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        });
        let lasted = lasts(connection).await;
        assert!((30..=35).contains(&lasted), "{lasted}");
        sipping.await.expect("no panic");
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_line_is_given_the_time_that_it_takes() {
        let (_server, mut stream, connection) = connect();
        stream.write_all(LONG).await.expect("sent");
        let (mut all, since) = (0, Instant::now());
        let mut part = [0; 4 << 10];
        while all < LENGTH {
            // 20 KiB in a second.
            tokio::time::sleep(Duration::from_millis(200)).await;
            let mut here = 0;
            while here < part.len() && all + here < LENGTH {
                let bytes = stream.read(&mut part[here..]).await.expect("more");
                assert_ne!(bytes, 0, "it broke off after {all} bytes");
                here += bytes;
            }
            all += here;
        }
        assert!(since.elapsed() > Duration::from_secs(180), "{:?}", since.elapsed());
        assert!(!connection.is_finished());
    }
}
