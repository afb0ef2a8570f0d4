//! What the operations mean: one file per tag of a document, each the implementation of a generated trait.

mod clusters;
mod convert;
mod cursor;
mod entity_tag;
mod health;
mod latest;
pub mod legacy;
mod matching;
mod problem;
mod versions;

use std::sync::Arc;

use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};

use crate::auth::{Caller, Tokens};
use crate::catalog::Catalog;
use crate::contract::v4::responses::Unavailable;
use crate::ingest::Ingest;
use crate::store::{Connection, QueryError, Store};
use crate::wire::{Host, Rejection};

pub use latest::Answers;
pub use problem::{bad_gateway, broken, gateway_timeout, method_not_allowed, no_such_page, request_timeout};

/// The service: everything that its operations need.
pub struct Service {
    store: Store,
    catalog: Arc<Catalog<Answers>>,
    ingest: Ingest,
    tokens: Tokens,
}

impl Service {
    /// A service on this store, with what keeps it quick, for callers with these tokens.
    pub fn new(store: Store, catalog: Arc<Catalog<Answers>>, ingest: Ingest, tokens: Tokens) -> Self {
        Self { store, catalog, ingest, tokens }
    }

    /// Runs a query; a fault of the database is logged and answered with 503.
    async fn query<T, F>(&self, query: F) -> Result<T, Unavailable>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T, QueryError> + Send + 'static,
    {
        self.store.run(query).await.map_err(problem::unavailable)
    }
}

impl Host for Service {
    type Caller = Caller;

    fn authorize(
        &self,
        _scheme: &str,
        headers: &HeaderMap,
        resource: &[(String, String)],
        scopes: &[&str],
    ) -> Result<Caller, Rejection> {
        self.tokens.authorize(headers, resource, scopes)
    }

    fn reject(&self, rejection: Rejection) -> Response {
        problem::rejected(rejection).into_response()
    }
}
