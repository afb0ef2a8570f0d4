//! What can be wrong with a request before it reaches its operation.

/// The most faults that an answer lists: a body of 1 MiB can hold half a million.
pub const MAX_FAULTS: usize = 100;

/// The part of a request that has a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Location {
    /// A path parameter.
    Path,
    /// A query parameter.
    Query,
    /// A header.
    Header,
    /// The body.
    Body,
}

/// One fault of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The part of the request.
    pub location: Location,
    /// Where in it: a JSON pointer (RFC 6901) into the body, or `/name` for a parameter.
    pub pointer: String,
    /// What is wrong, as a predicate: "is longer than 128 characters".
    pub detail: String,
}

impl Fault {
    /// A fault of the body.
    pub fn body(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { location: Location::Body, pointer: pointer.into(), detail: detail.into() }
    }

    /// A fault of a query parameter.
    pub fn query(name: &str, detail: impl Into<String>) -> Self {
        Self { location: Location::Query, pointer: format!("/{}", pointer_token(name)), detail: detail.into() }
    }

    /// A fault of a path parameter.
    pub fn path(name: &str, detail: impl Into<String>) -> Self {
        Self { location: Location::Path, pointer: format!("/{}", pointer_token(name)), detail: detail.into() }
    }
}

/// Why a request never reached its operation. Each document has its own statuses and words for these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    /// The body is not JSON; says where it stops being so.
    NotJson(String),
    /// The body is larger than this many bytes.
    TooLarge(usize),
    /// The body is not declared as JSON.
    UnsupportedMediaType {
        /// What it is declared as, without parameters and in lower case; empty if it is not declared at all.
        declared: String,
    },
    /// No credentials, or none that are valid here.
    Unauthorized {
        /// The value of `WWW-Authenticate` (RFC 9110, 11.6.1): the scheme, and what was wrong.
        challenge: String,
        /// What is wrong with the credentials, and what to do.
        detail: String,
    },
    /// The token does not allow this; says what it lacks.
    Forbidden(String),
    /// Whether the credentials are valid cannot be told just now.
    Unavailable {
        /// After how many seconds it makes sense to try again.
        retry_after: i64,
        /// What cannot be done, and what to do.
        detail: String,
    },
    /// The request breaks rules of the document; every fault.
    Invalid(Vec<Fault>),
}

/// A name as a token of a JSON pointer (RFC 6901, section 3).
pub(super) fn pointer_token(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
