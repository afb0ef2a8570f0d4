//! Tokens, good and bad.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;

/// The key of every test's server.
pub(crate) const ISSUER_KEY: &str = "the-key-of-every-test-server-0123456789abcdef";

/// The claims of a token; by default a good one without scopes.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Claims {
    pub(crate) sub: String,
    pub(crate) aud: String,
    pub(crate) iat: i64,
    pub(crate) exp: i64,
    pub(crate) scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) components: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) trains: Option<Vec<String>>,
}

impl Default for Claims {
    fn default() -> Self {
        let now = stationmaster::clock::now().timestamp();
        Self {
            sub: "test".into(),
            aud: "stationmaster".into(),
            iat: now,
            exp: now + 3_600,
            scope: String::new(),
            components: None,
            trains: None,
        }
    }
}

/// A good token with these scopes.
pub(crate) fn token(scopes: &str) -> String {
    sign(
        &Claims {
            scope: scopes.into(),
            ..Claims::default()
        },
        ISSUER_KEY,
    )
}

pub(crate) fn sign(claims: &Claims, key: &str) -> String {
    let key = EncodingKey::from_secret(key.as_bytes());
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &key).expect("sign a token")
}
