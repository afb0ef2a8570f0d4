//! v2 and v3: what clients of the old workflow-manager-api call, translated to the same store. `docs/legacy.md` says what differs from the old service.

mod ages;
mod answers;
mod clusters;
mod doctor;
mod instant;
pub mod report;
mod versions;

use std::sync::Arc;

use axum::http::request::Parts;
use axum::response::Response;

use super::Service;
use crate::auth::{BasicCredentials, Caller};
use crate::contract::legacy::health::{Health, PingOutcome, PingRefusal};
use crate::contract::legacy::responses::Unavailable;
use crate::store::{Connection, QueryError};
use crate::wire::{Host, Rejection, Requirement};

pub use answers::{method_not_allowed, no_such_path, turned_away};

/// Who may publish through v3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Publishing {
    /// Who has a token with the scope versions:publish, as in v4
    #[default]
    Token,
    /// Anyone who reaches the server, as with the old service: for private networks
    Open,
}

/// The service as v2 and v3 see it.
pub struct Legacy {
    service: Arc<Service>,
    publishing: Publishing,
    doctor: Option<BasicCredentials>,
}

impl Legacy {
    /// v2 and v3 of a service; `doctor` may read doctor reports, and nobody if it is none.
    pub fn new(service: Arc<Service>, publishing: Publishing, doctor: Option<BasicCredentials>) -> Self {
        Self { service, publishing, doctor }
    }

    /// Runs a query; a fault of the database is logged and answered with 503.
    async fn query<T, F>(&self, query: F) -> Result<T, Unavailable>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T, QueryError> + Send + 'static,
    {
        self.service.store.ask(query).await.map_err(answers::unavailable)
    }
}

impl Host for Legacy {
    type Caller = Caller;

    async fn authorize(
        &self,
        head: &Parts,
        resource: &[(String, String)],
        accepted: &[Requirement],
    ) -> Result<Caller, Rejection> {
        match (accepted, self.publishing) {
            ([Requirement { scheme: "basic", .. }], _) => {
                let allowed = self.doctor.as_ref().is_some_and(|doctor| doctor.are_in(&head.headers));
                // The old service's words.
                let refusal = || Rejection::Unauthorized {
                    challenge: "Basic realm=\"stationmaster\"".into(),
                    detail: "unauthenticated for invalid credentials".into(),
                };
                allowed.then(|| Caller::new("doctor", "basic", head)).ok_or_else(refusal)
            }
            (_, Publishing::Open) => Ok(Caller::new("anyone", "nobody", head)),
            (_, Publishing::Token) => self.service.authorize(head, resource, accepted).await,
        }
    }

    fn admits_anyone(&self, _accepted: &[Requirement]) -> bool {
        true
    }

    fn reject(&self, rejection: Rejection) -> Response {
        answers::rejected(rejection)
    }
}

impl Health for Legacy {
    async fn ping(&self) -> Result<PingOutcome, PingRefusal> {
        Ok(PingOutcome::Ok {})
    }
}
