//! Accepting connections until told to stop.

use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::response::Response;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tower::Service;

use super::admission::Admission;
use super::callers::{TrustedProxies, canonical};
use super::connection::{Connection, Handshakes};
use super::refusals::Seldom;
use super::shares::Shares;
use super::tls::CurrentTls;

/// How long to wait for the next connection when one could not be had, as for want of files: else it fails at once again.
const RESPITE: Duration = Duration::from_millis(100);

/// Where connections come in.
pub(super) struct Listener<A> {
    pub(super) tcp: TcpListener,
    pub(super) tls: Option<CurrentTls>,
    pub(super) proxies: Arc<TrustedProxies>,
    pub(super) admission: Arc<Admission>,
    pub(super) shares: Arc<Shares>,
    /// What answers them.
    pub(super) app: A,
}

impl<A> Listener<A>
where
    A: Service<Request, Response = Response, Error = Infallible> + Clone + Send + Sync + 'static,
    A::Future: Send,
{
    /// Serves whoever connects until `stopped` is ready. Answers how to wait for those that are still connected.
    pub(super) async fn serve_until(self, stopped: impl Future<Output = ()>) -> GracefulShutdown {
        let (connected, failures) = (GracefulShutdown::new(), Seldom::default());
        let mut stopped = pin!(stopped);
        loop {
            let accepted = tokio::select! {
                accepted = self.tcp.accept() => accepted,
                () = &mut stopped => return connected,
            };
            match accepted {
                Ok((stream, peer)) => {
                    let peer = self.proxies.peer(canonical(peer.ip()));
                    // Else it is closed.
                    if let Some(admitted) = self.admission.admit(peer) {
                        let connection = Connection { stream, peer, admitted, watcher: connected.watcher() };
                        let handshakes =
                            self.tls.clone().map(|tls| Handshakes { tls, shares: Arc::clone(&self.shares) });
                        tokio::spawn(connection.serve(handshakes, self.app.clone()));
                    }
                }
                Err(error) => {
                    if failures.is_time() {
                        tracing::error!(%error, "cannot accept connections");
                    }
                    tokio::time::sleep(RESPITE).await;
                }
            }
        }
    }
}
