//! The service's own tokens, JSON Web Tokens (RFC 7519): making and verifying them.

use axum::http::request::Parts;
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use super::{Caller, Grant, OwnToken, TokenKeys, refusal};
use crate::wire::Rejection;

/// The audience of every token of this service, and of those of issuers unless their publishers say otherwise.
pub const AUDIENCE: &str = "stationmaster";

/// The issuer of its own.
pub(super) const ISSUER: &str = "stationmaster";

/// How much the clocks of whoever makes a token and of this service may differ, in seconds.
pub(super) const LEEWAY: u64 = 60;

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: String,
    aud: String,
    iat: i64,
    exp: i64,
    #[serde(flatten)]
    grant: Grant,
}

/// Makes tokens with the first of several keys, and verifies them with all.
pub struct Tokens {
    signing: EncodingKey,
    verifying: Vec<DecodingKey>,
    validation: Validation,
}

impl Tokens {
    /// Tokens under these keys.
    pub fn new(keys: &TokenKeys) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["sub", "aud", "exp"]);
        validation.validate_nbf = true;
        validation.leeway = LEEWAY;
        let signing = EncodingKey::from_secret(keys.first());
        Self { signing, verifying: keys.all().map(DecodingKey::from_secret).collect(), validation }
    }

    /// A token for `subject`, good from `now` for `ttl`.
    ///
    /// # Errors
    /// If the signature cannot be made.
    pub fn issue(
        &self,
        subject: String,
        grant: Grant,
        now: DateTime<Utc>,
        ttl: TimeDelta,
    ) -> Result<String, jsonwebtoken::errors::Error> {
        let claims =
            Claims { sub: subject, aud: AUDIENCE.into(), iat: now.timestamp(), exp: (now + ttl).timestamp(), grant };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.signing)
    }

    /// Whom the token of the request with this head is of, if it allows `scopes` on `resource` (path parameters by name).
    ///
    /// # Errors
    /// [`Rejection::Unauthorized`] if it is not valid here, [`Rejection::Forbidden`] if it lacks a right.
    pub fn authorize(
        &self,
        token: &OwnToken<'_>,
        head: &Parts,
        resource: &[(String, String)],
        scopes: &[&str],
    ) -> Result<Caller, Rejection> {
        let Claims { sub, grant, .. } = self.verify(token.0).map_err(refusal::of)?;
        match grant.lacks(scopes, resource) {
            Some(lack) => Err(Rejection::Forbidden(lack)),
            None => Ok(Caller::new(sub, ISSUER, head)),
        }
    }

    fn verify(&self, token: &str) -> Result<Claims, jsonwebtoken::errors::Error> {
        let mut refusal = ErrorKind::InvalidSignature.into();
        for key in &self.verifying {
            match jsonwebtoken::decode(token, key, &self.validation) {
                Ok(token) => return Ok(token.claims),
                Err(error) => refusal = error,
            }
            // The signature comes first: who gets past it has found the key.
            if !matches!(refusal.kind(), ErrorKind::InvalidSignature) {
                break;
            }
        }
        Err(refusal)
    }
}
