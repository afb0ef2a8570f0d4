//! Who calls with a token, and whether they may.

use axum::http::request::Parts;

use super::Service;
use super::problem::RETRY_AFTER_SECONDS;
use crate::auth::{Bearer, Caller};
use crate::store::{StoreError, publishers};
use crate::wire::Rejection;

impl Service {
    /// The caller, by the token that the request shows. Publishers are looked up for each request with a token that is
    /// not of this service, so that who was added or removed is so everywhere at once.
    pub(super) async fn bearer(
        &self,
        head: &Parts,
        resource: &[(String, String)],
        scopes: &[&str],
    ) -> Result<Caller, Rejection> {
        match Bearer::of(&head.headers)? {
            Bearer::Own(token) => self.tokens.authorize(&token, head, resource, scopes),
            Bearer::Issued(token) => {
                let issuer = token.issuer().to_string();
                let of_issuer = move |connection: &mut _| publishers::list_of(connection, &issuer);
                let publishers = self.store.ask(of_issuer).await.map_err(unknown_publishers)?;
                self.issuers.authorize(&token, &publishers, head, resource, scopes).await
            }
        }
    }
}

fn unknown_publishers(error: StoreError) -> Rejection {
    tracing::error!(%error, "the database failed a request");
    Rejection::Unavailable {
        retry_after: RETRY_AFTER_SECONDS,
        detail: "The publishers cannot be looked up just now. Try again after the time in Retry-After.".into(),
    }
}
