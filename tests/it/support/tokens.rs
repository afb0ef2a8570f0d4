//! Tokens that the server accepts.

use serde_json::json;
use stationmaster::auth::{ClusterTokens, TokenKey};
use uuid::Uuid;

use super::{claims, signed};

/// The key of every test's server.
pub(crate) const ISSUER_KEY: &str = "the-key-of-every-test-server-0123456789abcdef";

/// A good token with these scopes.
pub(crate) fn token(scopes: &str) -> String {
    signed(&claims(|claims| claims["scope"] = json!(scopes)))
}

/// The token of a cluster.
pub(crate) fn cluster_token(id: Uuid) -> String {
    let key = TokenKey::from_text(ISSUER_KEY, "the tests").expect("a key");
    ClusterTokens::new(&[key]).issue(id)
}
