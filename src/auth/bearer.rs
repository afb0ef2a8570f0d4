//! The token that a request shows, and who must have signed it. Nothing of it is proven yet.

use axum::http::{HeaderMap, header};
use jsonwebtoken::Algorithm;
use serde::Deserialize;

use super::oidc::IssuerUrl;
use super::refusal::{self, missing, not_valid};
use crate::wire::Rejection;

/// The most bytes of a token. Those of CI platforms have one or two KiB.
const MAX_BYTES: usize = 16 * 1_024;

/// A token, by its kind.
#[derive(Debug)]
pub enum Bearer<'a> {
    /// One that only this service can have signed.
    Own(OwnToken<'a>),
    /// One that its issuer must have signed.
    Issued(IssuedToken<'a>),
}

/// A token that only this service can have signed.
#[derive(Debug)]
pub struct OwnToken<'a>(pub(super) &'a str);

/// A token that says it is of another issuer.
#[derive(Debug)]
pub struct IssuedToken<'a> {
    pub(super) text: &'a str,
    pub(super) algorithm: Algorithm,
    pub(super) key_id: String,
    pub(super) issuer: IssuerUrl,
}

#[derive(Deserialize)]
struct Issuer {
    iss: String,
}

impl<'a> Bearer<'a> {
    /// Reads the token of a request.
    ///
    /// # Errors
    /// [`Rejection::Unauthorized`] if it has none, or one that cannot be of either kind.
    pub fn of(headers: &'a HeaderMap) -> Result<Self, Rejection> {
        let text = shown(headers)?;
        if text.len() > MAX_BYTES {
            return Err(not_valid("The token is longer than 16 KiB."));
        }
        let header = jsonwebtoken::decode_header(text).map_err(refusal::of)?;
        // An extension that changes what a signature means (RFC 7515, 4.1.11); none is known here.
        if header.crit.is_some() {
            return Err(not_valid("The token demands extensions that this service does not know."));
        }
        match header.alg {
            Algorithm::HS256 => Ok(Self::Own(OwnToken(text))),
            algorithm @ (Algorithm::RS256 | Algorithm::ES256 | Algorithm::EdDSA) => {
                let Issuer { iss } = jsonwebtoken::dangerous::insecure_decode_claims(text).map_err(refusal::of)?;
                // What is no issuer's URL cannot have been added as one.
                let issuer = iss.parse().map_err(|_| refusal::of_unknown_issuer())?;
                let key_id = header.kid.ok_or_else(|| not_valid("The token does not name its key in kid."))?;
                Ok(Self::Issued(IssuedToken { text, algorithm, key_id, issuer }))
            }
            _ => Err(refusal::of_other_algorithm()),
        }
    }
}

impl IssuedToken<'_> {
    /// Who issued the token, as it says.
    pub fn issuer(&self) -> &IssuerUrl {
        &self.issuer
    }
}

/// The token of an `Authorization: Bearer` header (RFC 6750, 2.1); the scheme's name is case-insensitive (RFC 9110, 11.1).
pub(super) fn shown(headers: &HeaderMap) -> Result<&str, Rejection> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next().and_then(|value| value.to_str().ok()).ok_or_else(missing)?;
    let (scheme, token) = value.split_once(' ').ok_or_else(missing)?;
    match scheme.eq_ignore_ascii_case("bearer") && values.next().is_none() {
        true => Ok(token.trim()),
        false => Err(missing()),
    }
}
