//! JSON Web Tokens (RFC 7519): making and verifying them.

use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use super::{Caller, Grant, TokenKey};
use crate::wire::Rejection;

/// The audience of every token of this service.
const AUDIENCE: &str = "stationmaster";

/// The issuer of its own.
pub(super) const ISSUER: &str = "stationmaster";

/// How a caller is asked for a token (RFC 6750, 3).
pub const CHALLENGE: &str = "Bearer realm=\"stationmaster\"";

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: String,
    aud: String,
    iat: i64,
    exp: i64,
    #[serde(flatten)]
    grant: Grant,
}

/// Makes and verifies tokens with one key.
pub struct Tokens {
    signing: EncodingKey,
    verifying: DecodingKey,
    validation: Validation,
}

impl Tokens {
    /// Tokens under this key.
    pub fn new(key: &TokenKey) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["sub", "aud", "exp"]);
        validation.validate_nbf = true;
        validation.leeway = 0;
        let [signing, verifying] = [key.expose(), key.expose()];
        Self { signing: EncodingKey::from_secret(signing), verifying: DecodingKey::from_secret(verifying), validation }
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

    /// The caller who sent this request, if their token allows `scopes` on `resource` (path parameters by name).
    ///
    /// # Errors
    /// [`Rejection::Unauthorized`] without a token that is valid here, [`Rejection::Forbidden`] with one that lacks a right.
    pub fn authorize(&self, head: &Parts, resource: &[(String, String)], scopes: &[&str]) -> Result<Caller, Rejection> {
        let Claims { sub, grant, .. } = self.verify(bearer(&head.headers)?)?;
        match grant.lacks(scopes, resource) {
            Some(lack) => Err(Rejection::Forbidden(lack)),
            None => Ok(Caller::new(sub, ISSUER, head)),
        }
    }

    fn verify(&self, token: &str) -> Result<Claims, Rejection> {
        let token = jsonwebtoken::decode::<Claims>(token, &self.verifying, &self.validation).map_err(|error| {
            let detail = match error.kind() {
                ErrorKind::ExpiredSignature => "The token has expired.",
                ErrorKind::ImmatureSignature => "The token is not valid yet.",
                ErrorKind::InvalidAudience => "The token is for another service.",
                ErrorKind::InvalidAlgorithm => "The token is not signed with HS256.",
                ErrorKind::InvalidSignature => "The token was not signed by this service.",
                _ => "The token cannot be read.",
            };
            invalid_token(detail)
        })?;
        Ok(token.claims)
    }
}

/// The refusal of a token (RFC 6750, 3.1).
pub(super) fn invalid_token(detail: &str) -> Rejection {
    let challenge = format!("{CHALLENGE}, error=\"invalid_token\", error_description=\"{detail}\"");
    Rejection::Unauthorized { challenge, detail: detail.into() }
}

/// The token of an `Authorization: Bearer` header (RFC 6750, 2.1); the scheme's name is case-insensitive (RFC 9110, 11.1).
pub(super) fn bearer(headers: &HeaderMap) -> Result<&str, Rejection> {
    // No error code when there was no token (RFC 6750, 3.1).
    let missing = || Rejection::Unauthorized {
        challenge: CHALLENGE.into(),
        detail: "Send a token: Authorization: Bearer <token>.".into(),
    };
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next().and_then(|value| value.to_str().ok()).ok_or_else(missing)?;
    let (scheme, token) = value.split_once(' ').ok_or_else(missing)?;
    match scheme.eq_ignore_ascii_case("bearer") && values.next().is_none() {
        true => Ok(token.trim()),
        false => Err(missing()),
    }
}
