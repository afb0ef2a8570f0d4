//! Basic credentials (RFC 7617), for reading doctor reports.

use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// A user and a password.
#[derive(Debug, Clone)]
pub struct BasicCredentials {
    user: String,
    password: SecretString,
}

impl BasicCredentials {
    /// These credentials.
    pub fn new(user: String, password: SecretString) -> Self {
        Self { user, password }
    }

    /// Whether a request with these headers shows the credentials. How long that takes says nothing about them.
    pub fn are_in(&self, headers: &HeaderMap) -> bool {
        let expected = digest(format!("{}:{}", self.user, self.password.expose_secret()).as_bytes());
        sent(headers).is_some_and(|sent| digest(&sent).ct_eq(&expected).into())
    }
}

/// The user and password that were sent, with a colon between them.
fn sent(headers: &HeaderMap) -> Option<Vec<u8>> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (scheme, encoded) = values.next()?.to_str().ok()?.split_once(' ')?;
    let is_basic = scheme.eq_ignore_ascii_case("basic") && values.next().is_none();
    is_basic.then(|| STANDARD.decode(encoded.trim()).ok()).flatten()
}

/// Digests have one length, so that comparing them does not tell the length of what is secret.
fn digest(text: &[u8]) -> [u8; 32] {
    Sha256::digest(text).into()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn only_the_right_ones() {
        let credentials = BasicCredentials::new("doc".into(), "se:cret".into());
        let shown = |value: &str| {
            let value = HeaderValue::from_str(value).expect("a header");
            credentials.are_in(&HeaderMap::from_iter([(header::AUTHORIZATION, value)]))
        };
        let basic = |text: &str| format!("Basic {}", STANDARD.encode(text));
        assert!(shown(&basic("doc:se:cret")));
        assert!(shown(&basic("doc:se:cret").replace("Basic", "basic")));
        for wrong in ["doc:secret", "doc:se:cret ", "doc", ":", "", "do:c:se:cret", "DOC:se:cret"] {
            assert!(!shown(&basic(wrong)), "{wrong}");
        }
        assert!(!shown("Basic !!!"));
        assert!(!shown(&basic("doc:se:cret").replace("Basic", "Bearer")));
        assert!(!credentials.are_in(&HeaderMap::new()));
    }
}
