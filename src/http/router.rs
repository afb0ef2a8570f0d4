//! The one table of routes.

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn;
use tower_http::catch_panic::CatchPanicLayer;

use super::{docs, observe};
use crate::contract::v4;
use crate::service::{self, Service};

/// Everything that the service answers.
pub fn router(service: Arc<Service>) -> Router {
    Router::new()
        .merge(v4::router::<Service>())
        .with_state(service)
        .merge(docs::router())
        .fallback(async || service::no_such_page())
        .method_not_allowed_fallback(async || service::method_not_allowed())
        // A net below everything else: a fault of the program costs one request, not the connection.
        .layer(CatchPanicLayer::custom(|_| service::broken()))
        .layer(from_fn(observe::requests))
}
