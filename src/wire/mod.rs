//! What the generated contract stands on: reading a request against a document, the words for refusing it, and writing
//! an answer in the format that its caller prefers.
//!
//! Knows no particular document, no service and no database.

mod broken;
mod document;
mod duplicates;
mod fault;
mod format;
mod head;
mod input;
pub mod instant;
mod known;
mod object;
mod optional;
mod schema;
mod table;
mod written;

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};

pub use document::{Document, Reading};
pub use fault::{Fault, Location, MAX_FAULTS, Rejection};
pub use format::Format;
pub use input::Input;
pub use known::KnownBodies;
pub use object::ObjectOnly;
pub use optional::{double_option, items_hold, present};
pub use table::Table;
pub use written::Written;

/// One way to be allowed to call an operation: a security requirement of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Requirement {
    /// The name of the security scheme.
    pub scheme: &'static str,
    /// The scopes that a token needs, all of them.
    pub scopes: &'static [&'static str],
}

/// What a service provides to the generated handlers, besides its operations.
pub trait Host: Send + Sync + 'static {
    /// Who is calling, once authorised.
    type Caller: Send;

    /// Checks the caller's rights, before anything else of the request is read.
    ///
    /// `head` is the request without its body, `resource` are its decoded path parameters; any one of the requirements
    /// that the document accepts will do.
    ///
    /// # Errors
    /// [`Rejection::Unauthorized`], [`Rejection::Forbidden`] and [`Rejection::Unavailable`].
    fn authorize(
        &self,
        head: &Parts,
        resource: &[(String, String)],
        accepted: &[Requirement],
    ) -> impl Future<Output = Result<Self::Caller, Rejection>> + Send;

    /// Whether a caller need not show anything where the document leaves that open; `accepted` is what else it accepts.
    fn admits_anyone(&self, accepted: &[Requirement]) -> bool;

    /// The answer, in the document's error format, to a request that never reached its operation.
    fn reject(&self, rejection: Rejection) -> Response;
}

/// The answer of an operation, its refusal, or the rejection of a request that never reached it.
pub fn respond<S: Host>(
    service: &S,
    answer: Result<Result<impl IntoResponse, impl IntoResponse>, Rejection>,
) -> Response {
    match answer {
        Ok(Ok(outcome)) => outcome.into_response(),
        Ok(Err(refusal)) => refusal.into_response(),
        Err(rejection) => service.reject(rejection),
    }
}

/// Sets a header of an answer. A value that no header can carry is left out and logged: it would be a fault of the service.
pub fn header(headers: &mut HeaderMap, name: &'static str, value: impl ToString) {
    match (HeaderName::try_from(name), HeaderValue::try_from(value.to_string())) {
        (Ok(name), Ok(value)) => {
            headers.insert(name, value);
        }
        _ => tracing::error!(header = name, "an answer's header has a value that no header can carry"),
    }
}
