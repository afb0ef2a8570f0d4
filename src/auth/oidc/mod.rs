//! Tokens of other issuers (OpenID Connect), such as CI platforms give to their jobs.
//!
//! - `url`: which URLs an issuer may have
//! - `discovery`: asking an issuer for its keys
//! - `keys`: which of them count
//! - `cache`: for how long they do, and when the issuer is asked again
//! - `issuer`: one question at a time

mod cache;
mod discovery;
mod issuer;
mod keys;
mod url;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::request::Parts;
use jsonwebtoken::Validation;

pub use cache::Patience;
pub use url::IssuerUrl;

use super::tokens::LEEWAY;
use super::{Caller, Grant, IssuedToken, refusal};
use crate::clock;
use crate::domain::publisher::{Claims, Publisher};
use crate::wire::Rejection;
use issuer::{Issuer, NoKey};

/// All that a publisher may do.
const SCOPE: &str = "versions:publish";

/// The issuers that were asked, with what is known of their keys.
#[derive(Debug, Default)]
pub struct Issuers {
    patience: Patience,
    known: Mutex<HashMap<IssuerUrl, Arc<Issuer>>>,
}

impl Issuers {
    /// No issuer was asked yet; how to ask them.
    pub fn new(patience: Patience) -> Self {
        Self { patience, known: Mutex::default() }
    }

    /// Whom the token of the request with this head is of, if one of the publishers that it matches may use `scopes` on
    /// `resource` (path parameters by name). `publishers` are all of the token's issuer: if there are none, it is not asked.
    ///
    /// # Errors
    /// [`Rejection::Unauthorized`] if the token is not valid or matches no publisher, [`Rejection::Forbidden`] if those
    /// that it matches may not do this, [`Rejection::Unavailable`] if its issuer cannot be asked for its keys.
    pub async fn authorize(
        &self,
        token: &IssuedToken<'_>,
        publishers: &[Publisher],
        head: &Parts,
        resource: &[(String, String)],
        scopes: &[&str],
    ) -> Result<Caller, Rejection> {
        if publishers.is_empty() {
            return Err(refusal::of_unknown_issuer());
        }
        let claims = self.verify(token, publishers).await?;
        let matching: Vec<&Publisher> = publishers.iter().filter(|publisher| publisher.matches(&claims)).collect();
        if matching.is_empty() {
            return Err(no_publisher(publishers));
        }
        if let Some(lack) = lack(&matching, resource, scopes) {
            return Err(Rejection::Forbidden(lack));
        }
        Ok(Caller::new(subject(&claims), token.issuer.as_str(), head))
    }

    /// The claims of a token that is signed by its issuer, for the audience of one of the publishers, and valid now.
    async fn verify(&self, token: &IssuedToken<'_>, publishers: &[Publisher]) -> Result<Claims, Rejection> {
        let key = self.issuer(&token.issuer).key(&token.key_id, token.algorithm).await;
        let key = key.map_err(|missing| match missing {
            NoKey::Unknown => {
                refusal::not_valid("The token's issuer does not have the key that the token names in kid.")
            }
            NoKey::NotTold(wait) => Rejection::Unavailable {
                retry_after: i64::try_from(wait.as_secs()).unwrap_or(i64::MAX).saturating_add(1),
                detail: "The token cannot be verified: its issuer cannot be asked for its keys just now. \
                    Try again after the time in Retry-After."
                    .into(),
            },
        })?;
        let audiences: Vec<&str> = publishers.iter().map(|publisher| publisher.audience.as_str()).collect();
        let mut validation = Validation::new(token.algorithm);
        validation.set_audience(&audiences);
        validation.set_issuer(&[token.issuer.as_str()]);
        validation.set_required_spec_claims(&["iss", "sub", "aud", "exp"]);
        validation.validate_nbf = true;
        validation.leeway = LEEWAY;
        let claims = jsonwebtoken::decode::<Claims>(token.text, &key, &validation).map_err(refusal::of)?.claims;
        if !claims.get("iat").is_none_or(|issued| issued.as_f64().is_some_and(has_come)) {
            return Err(refusal::not_valid("The token's iat is not a time that has come."));
        }
        // It is noted with what the job does.
        if subject(&claims).contains(char::is_control) {
            return Err(refusal::not_valid("The token's sub has control characters in it."));
        }
        Ok(claims)
    }

    /// Only called for issuers of publishers, so there are few.
    fn issuer(&self, url: &IssuerUrl) -> Arc<Issuer> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(Issuer::new(url.clone(), self.patience));
        Arc::clone(known.entry(url.clone()).or_insert_with(new))
    }
}

/// Whom a token is of. It was demanded when the token was verified.
fn subject(claims: &Claims) -> &str {
    claims.get("sub").and_then(|subject| subject.as_str()).unwrap_or_default()
}

/// Whether a time in seconds since 1970 has come, as far as clocks agree.
fn has_come(seconds: f64) -> bool {
    let latest = clock::now().timestamp() as f64 + LEEWAY as f64;
    seconds <= latest
}

/// The token is good, and none of its issuer's publishers is meant. What they demand is told to nobody, only of which claims.
fn no_publisher(publishers: &[Publisher]) -> Rejection {
    let mut names: Vec<&str> = publishers.iter().flat_map(|one| one.claims.keys().map(String::as_str)).collect();
    names.sort_unstable();
    names.dedup();
    let reason = "The token matches no publisher.";
    refusal::explained(reason, format!("{reason} Publishers of its issuer are known by aud, {}.", names.join(", ")))
}

/// What none of the publishers may do of this, as a sentence; none if one may do it.
fn lack(publishers: &[&Publisher], resource: &[(String, String)], scopes: &[&str]) -> Option<String> {
    if let Some(missing) = scopes.iter().find(|scope| **scope != SCOPE) {
        return Some(format!("A token of another issuer allows {SCOPE} and nothing else; this needs {missing}."));
    }
    let covers = |publisher: &&Publisher| {
        let Publisher { components, trains, .. } = publisher;
        let (components, trains) = (Some(components.clone()), Some(trains.clone()));
        Grant { scope: SCOPE.into(), components, trains }.lacks(scopes, resource).is_none()
    };
    if publishers.iter().any(covers) {
        return None;
    }
    let named = |name: &str| {
        let (_, value) = resource.iter().find(|(parameter, _)| parameter == name)?;
        Some(format!("{name} {value}"))
    };
    let names: Vec<String> = ["component", "train"].into_iter().filter_map(named).collect();
    Some(format!("No publisher that this token matches covers {}.", names.join(" on ")))
}
