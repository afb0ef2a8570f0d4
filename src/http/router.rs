//! The one table of routes.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::Uri;
use axum::middleware::from_fn;
use axum::response::Response;
use tower_http::catch_panic::CatchPanicLayer;

use super::guard::{Guard, is_of_v4};
use super::{Lines, RequestTimes, Upstream, combined_log, dashboard, docs, observe};
use crate::contract;
use crate::service::legacy::Legacy;
use crate::service::{self, Service};

/// What is around the service.
#[derive(Debug)]
pub struct Options {
    /// Where it is noted how long each request takes.
    pub times: RequestTimes,
    /// Where requests are passed that no document names.
    pub upstream: Option<Upstream>,
    /// Where each request gets a line.
    pub access_log: Option<Lines>,
}

/// Everything that the service answers.
pub(super) fn router(service: Arc<Service>, legacy: Legacy, guard: Guard, options: Options) -> Router {
    let v2_and_v3 = contract::legacy::router::<Legacy>().with_state(Arc::new(legacy));
    let v4 = contract::v4::router::<Service>().with_state(service).merge(docs::router()).merge(dashboard::router());
    let routes = match options.upstream.map(Arc::new) {
        None => Router::new()
            .merge(v4.method_not_allowed_fallback(async || service::method_not_allowed()))
            .merge(v2_and_v3.method_not_allowed_fallback(service::legacy::method_not_allowed))
            .fallback(no_such_path),
        Some(upstream) => {
            let pass = async move |request: Request| upstream.pass(request).await;
            Router::new().merge(v4).merge(v2_and_v3).method_not_allowed_fallback(pass.clone()).fallback(pass)
        }
    };
    let (times, guard) = (options.times, Arc::new(guard));
    let observed = routes
        // A net below everything else: a fault of the program costs one request, not the connection.
        .layer(CatchPanicLayer::custom(|_| service::broken()))
        .layer(from_fn(move |request, next| observe::requests(times.clone(), Arc::clone(&guard), request, next)));
    match options.access_log {
        Some(lines) => {
            observed.layer(from_fn(move |request, next| combined_log::requests(lines.clone(), request, next)))
        }
        None => observed,
    }
}

/// A path that no document names is refused as v4 does below `/v4`, and as the old service did everywhere else.
async fn no_such_path(uri: Uri) -> Response {
    match is_of_v4(&uri) {
        true => service::no_such_page(),
        false => service::legacy::no_such_path(&uri),
    }
}
