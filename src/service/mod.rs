//! What the operations mean: one file per tag of a document, each the implementation of a generated trait.

mod audit;
mod callers;
mod clusters;
mod convert;
mod cursor;
mod entity_tag;
mod health;
mod insight;
mod latest;
pub mod legacy;
mod matching;
mod problem;
mod versions;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use prometheus_client::registry::Registry;

use crate::auth::{Caller, ClusterTokens, Issuers, Tokens};
use crate::catalog::Catalog;
use crate::contract::v4::responses::Unavailable;
use crate::ingest::Ingest;
use crate::store::{Connection, QueryError, Store};
use crate::wire::{Host, Rejection, Requirement};

pub use latest::Answers;
pub use problem::{
    TurnedAway, bad_gateway, broken, gateway_timeout, method_not_allowed, no_such_page, request_timeout, turned_away,
};

/// The service: everything that its operations need.
pub struct Service {
    store: Store,
    catalog: Arc<Catalog<Answers>>,
    ingest: Ingest,
    tokens: Tokens,
    cluster_tokens: ClusterTokens,
    issuers: Issuers,
    registry: Registry,
    is_insight_public: bool,
    stopping: AtomicBool,
}

impl Service {
    /// A service on this store, with what keeps it quick, for callers with these tokens, that tells these metrics; and
    /// whether anyone may ask what the fleet runs, in numbers.
    pub fn new(
        store: Store,
        catalog: Arc<Catalog<Answers>>,
        ingest: Ingest,
        tokens: Tokens,
        cluster_tokens: ClusterTokens,
        is_insight_public: bool,
        registry: Registry,
    ) -> Self {
        let issuers = Issuers::default();
        let stopping = AtomicBool::new(false);
        Self { store, catalog, ingest, tokens, cluster_tokens, issuers, registry, is_insight_public, stopping }
    }

    /// From now on, whoever asks is told to turn to another replica. Everything is answered as before.
    pub fn begin_stopping(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// Whether it was told to stop.
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// Runs a query; a fault of the database is logged and answered with 503.
    async fn query<T, F>(&self, query: F) -> Result<T, Unavailable>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T, QueryError> + Send + 'static,
    {
        self.store.ask(query).await.map_err(problem::unavailable)
    }
}

impl Host for Service {
    type Caller = Caller;

    async fn authorize(
        &self,
        head: &Parts,
        resource: &[(String, String)],
        accepted: &[Requirement],
    ) -> Result<Caller, Rejection> {
        let bearer = accepted.iter().find(|requirement| requirement.scheme == "bearer");
        let is_for_clusters = accepted.iter().any(|requirement| requirement.scheme == "cluster");
        match bearer {
            Some(Requirement { scopes, .. }) if !(is_for_clusters && ClusterTokens::is_shown(head)) => {
                self.bearer(head, resource, scopes).await
            }
            _ => self.cluster_tokens.authorize(head, resource),
        }
    }

    /// Who needs no token checks in, or asks what everybody may be told here.
    fn admits_anyone(&self, accepted: &[Requirement]) -> bool {
        self.is_insight_public || accepted.iter().all(|requirement| requirement.scheme == "cluster")
    }

    fn reject(&self, rejection: Rejection) -> Response {
        problem::rejected(rejection).into_response()
    }
}
