//! Serving until told to stop, and stopping without dropping what was accepted.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::ServiceExt;
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tower::util::MapResponse;

use super::{Options, router, upstream};
use crate::service::Service;
use crate::service::legacy::Legacy;

/// How long accepted requests may take to finish once the server is told to stop.
const DRAIN: Duration = Duration::from_secs(30);

/// Serves until `stop` is ready, and as long again as that says; then finishes what was accepted, within 30 seconds.
///
/// As soon as `stop` is ready, probes are told to turn elsewhere, and connections are closed after their next answer.
///
/// # Errors
/// If the listener fails.
pub async fn serve(
    listener: TcpListener,
    service: Arc<Service>,
    legacy: Legacy,
    options: Options,
    stop: impl Future<Output = Duration> + Send + 'static,
) -> io::Result<()> {
    let (stopping, stopped) = oneshot::channel();
    let told = Arc::clone(&service);
    let shutdown = async move {
        let delay = stop.await;
        told.begin_stopping();
        if !delay.is_zero() {
            tracing::info!(?delay, "stopping: not ready any more, and still answering");
            tokio::time::sleep(delay).await;
        }
        tracing::info!("stopping: finishing what was accepted");
        // The other side is waiting below; if it has gone there is nothing left to bound.
        let _ = stopping.send(());
    };
    let told = Arc::clone(&service);
    let last_touch = move |answer| closing(told.is_stopping(), upstream::as_it_came(answer));
    // Around the router, which adds to answers itself.
    let app = MapResponse::new(router(service, legacy, options), last_touch);
    let serving = axum::serve(listener, ServiceExt::<Request>::into_make_service(app)).with_graceful_shutdown(shutdown);
    let too_long = async {
        match stopped.await {
            Ok(()) => tokio::time::sleep(DRAIN).await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        result = serving.into_future() => result,
        () = too_long => {
            tracing::warn!("some requests did not finish within {} seconds and are dropped", DRAIN.as_secs());
            Ok(())
        }
    }
}

/// Has the connection closed after this answer, so that its caller makes the next one to a server that stays.
fn closing(is_stopping: bool, mut answer: Response) -> Response {
    if is_stopping {
        answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    answer
}
