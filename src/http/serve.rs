//! Serving until told to stop, and stopping without dropping what was accepted.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::ServiceExt;
use axum::extract::Request;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tower::util::MapResponse;

use super::{Options, router, upstream};
use crate::service::Service;
use crate::service::legacy::Legacy;

/// How long accepted requests may take to finish once the server is told to stop.
const DRAIN: Duration = Duration::from_secs(30);

/// Serves until `stop` is ready, then finishes what was accepted, within 30 seconds.
///
/// # Errors
/// If the listener fails.
pub async fn serve(
    listener: TcpListener,
    service: Arc<Service>,
    legacy: Legacy,
    options: Options,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (stopping, stopped) = oneshot::channel();
    let shutdown = async move {
        stop.await;
        tracing::info!("stopping: finishing what was accepted");
        // The other side is waiting below; if it has gone there is nothing left to bound.
        let _ = stopping.send(());
    };
    // Around the router, which is the last to touch an answer.
    let app = MapResponse::new(router(service, legacy, options), upstream::as_it_came);
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
