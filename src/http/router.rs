//! The one table of routes.

use std::sync::Arc;

use axum::Router;
use axum::http::Uri;
use axum::middleware::from_fn;
use axum::response::Response;
use tower_http::catch_panic::CatchPanicLayer;

use super::{docs, observe};
use crate::contract;
use crate::service::legacy::Legacy;
use crate::service::{self, Service};

/// Everything that the service answers.
pub fn router(service: Arc<Service>, legacy: Legacy) -> Router {
    let v2_and_v3 = contract::legacy::router::<Legacy>()
        .with_state(Arc::new(legacy))
        .method_not_allowed_fallback(service::legacy::method_not_allowed);
    Router::new()
        .merge(contract::v4::router::<Service>())
        .with_state(service)
        .merge(docs::router())
        .merge(v2_and_v3)
        .fallback(no_such_path)
        .method_not_allowed_fallback(async || service::method_not_allowed())
        // A net below everything else: a fault of the program costs one request, not the connection.
        .layer(CatchPanicLayer::custom(|_| service::broken()))
        .layer(from_fn(observe::requests))
}

/// A path that no document names is refused as v4 does below `/v4`, and as the old service did everywhere else.
async fn no_such_path(uri: Uri) -> Response {
    let below = |root: &str| uri.path().strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    match below("/v4") {
        true => service::no_such_page(),
        false => service::legacy::no_such_path(&uri),
    }
}
