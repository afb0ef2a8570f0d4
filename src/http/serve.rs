//! Serving until told to stop, and stopping without dropping what was accepted.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderValue, header};
use axum::response::Response;
use ipnet::IpNet;
use tokio::net::TcpListener;
use tower::util::MapResponse;

use super::admission::Admission;
use super::callers::TrustedProxies;
use super::guard::Guard;
use super::listener::Listener;
use super::refusals::Refusals;
use super::router::router;
use super::shares::Shares;
use super::{Options, Tls, upstream};
use crate::domain::rate::Rate;
use crate::service::Service;
use crate::service::legacy::Legacy;

/// How long accepted requests may take to finish once the server is told to stop.
const DRAIN: Duration = Duration::from_secs(30);

/// What callers are held to.
#[derive(Debug)]
pub struct LimitOptions {
    /// How much one address may ask.
    pub per_address: Option<Rate>,
    /// Whose `X-Forwarded-For` counts, and who is not limited.
    pub trusted_proxies: Vec<IpNet>,
    /// From where versions may be published; from anywhere if empty.
    pub publish_from: Vec<IpNet>,
    /// The most connections at a time.
    pub connections: usize,
    /// The most connections at a time of one address.
    pub connections_per_address: usize,
}

/// Where to listen, in what, and for whom.
#[derive(Debug)]
pub struct Door {
    /// Where connections come in.
    pub listener: TcpListener,
    /// What they are encrypted with, if they are.
    pub tls: Option<Tls>,
    /// What callers are held to.
    pub limits: LimitOptions,
    /// Where it is counted what that refuses.
    pub refusals: Refusals,
}

/// Serves until `stop` is ready, and as long again as that says; then finishes what was accepted, within 30 seconds.
///
/// As soon as `stop` is ready, probes are told to turn elsewhere, and connections are closed after their next answer.
pub async fn serve(
    door: Door,
    service: Arc<Service>,
    legacy: Legacy,
    options: Options,
    stop: impl Future<Output = Duration> + Send + 'static,
) {
    let Door { listener, tls, limits, refusals } = door;
    let (refusals, proxies) = (Arc::new(refusals), Arc::new(TrustedProxies::new(limits.trusted_proxies)));
    let shares = Arc::new(Shares::new(limits.per_address, Arc::clone(&refusals)));
    let guard = Guard::new(Arc::clone(&proxies), Arc::clone(&shares), limits.publish_from);
    let admission = Admission::new(refusals, limits.connections, limits.connections_per_address);

    let told = Arc::clone(&service);
    let last_touch = move |answer| closing(told.is_stopping(), upstream::as_it_came(answer));
    // Around the router, which adds to answers itself.
    let app = MapResponse::new(router(Arc::clone(&service), legacy, guard, options), last_touch);
    let current = tls.as_ref().map(Tls::current);
    if let Some(tls) = tls {
        tokio::spawn(tls.keep_current());
    }
    let listener = Listener { tcp: listener, tls: current, proxies, admission, shares, app };
    let connected = listener.serve_until(until_stopped(stop, service)).await;
    tokio::select! {
        () = connected.shutdown() => {}
        () = tokio::time::sleep(DRAIN) => {
            tracing::warn!("some requests did not finish within {} seconds and are dropped", DRAIN.as_secs());
        }
    }
}

/// Waits for `stop`, and tells probes; then for as long as it says.
async fn until_stopped(stop: impl Future<Output = Duration>, service: Arc<Service>) {
    let delay = stop.await;
    service.begin_stopping();
    if !delay.is_zero() {
        tracing::info!(?delay, "stopping: not ready any more, and still answering");
        tokio::time::sleep(delay).await;
    }
    tracing::info!("stopping: finishing what was accepted");
}

/// Has the connection closed after this answer, so that its caller makes the next one to a server that stays.
fn closing(is_stopping: bool, mut answer: Response) -> Response {
    if is_stopping {
        answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    answer
}
