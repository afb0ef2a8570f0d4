//! Who calls, once that is proven.

use axum::http::request::Parts;

/// A caller whose rights were checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Whom the token was made for.
    pub subject: String,
    /// Who vouches for that: the token's issuer.
    pub issuer: String,
    /// Whether the token is signed with a key that is being replaced, and so should be replaced as well.
    pub is_outdated: bool,
    /// The id of the request, which is also in the log and in the answer.
    pub request_id: String,
}

impl Caller {
    /// Who sent this request, as `issuer` says.
    pub fn new(subject: impl Into<String>, issuer: impl Into<String>, head: &Parts) -> Self {
        // Every request has one when it gets here.
        let request_id = head.headers.get("x-request-id").and_then(|id| id.to_str().ok()).unwrap_or_default();
        Self { subject: subject.into(), issuer: issuer.into(), is_outdated: false, request_id: request_id.to_owned() }
    }
}
