//! Every refusal of v2 and v3, with its status and words: `{code, message}`, in the old service's words where scripts could know them.

use std::time::Duration;

use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::{Json, extract::MatchedPath};

use crate::auth;
use crate::contract::legacy::responses::{
    BadRequest, Conflict, Forbidden, NotFound, TooLarge, TooManyRequests, Unauthorized, Unavailable, Unprocessable,
    UnsupportedMediaType,
};
use crate::contract::legacy::{self, types::Error};
use crate::ingest::IngestError;
use crate::service::problem::{RETRY_AFTER_SECONDS, TurnedAway, whole_seconds};
use crate::store::StoreError;
use crate::wire::{Fault, Location, Rejection};

/// A request that never reached its operation.
pub(super) fn rejected(rejection: Rejection) -> Response {
    match rejection {
        Rejection::NotJson(detail) => bad_request(detail).into_response(),
        Rejection::TooLarge(most) => {
            TooLarge { body: error(413, format!("the body has more than {most} bytes")) }.into_response()
        }
        Rejection::UnsupportedMediaType { declared } => {
            // What a body is that does not say.
            let declared = if declared.is_empty() { "application/octet-stream" } else { &declared };
            let message = format!("unsupported media type {declared:?}, only [application/json] are allowed");
            UnsupportedMediaType { body: error(415, message) }.into_response()
        }
        Rejection::Unauthorized { challenge, detail } => {
            Unauthorized { www_authenticate: challenge, body: error(401, detail) }.into_response()
        }
        Rejection::Forbidden(detail) => Forbidden { body: error(403, detail) }.into_response(),
        Rejection::Unavailable { retry_after, detail } => {
            Unavailable { retry_after, body: error(503, detail) }.into_response()
        }
        Rejection::Invalid(faults) => {
            let faults: Vec<String> = faults.iter().map(described).collect();
            bad_request(faults.join("; ")).into_response()
        }
    }
}

/// A request that cannot be read, or not be answered as it is.
pub(super) fn bad_request(message: impl Into<String>) -> BadRequest {
    BadRequest { body: error(400, message) }
}

/// An id that is no UUID.
pub(super) fn not_a_uuid(name: &str, text: &str) -> BadRequest {
    bad_request(format!("{name} is not a UUID: {text:?}"))
}

/// A request that breaks rules.
pub(super) fn unprocessable(message: impl Into<String>) -> Unprocessable {
    Unprocessable { body: error(422, message) }
}

/// A thing that is not there.
pub(super) fn not_found(message: impl Into<String>) -> NotFound {
    NotFound { body: error(404, message) }
}

/// A release that was published before with other content.
pub(super) fn conflict() -> Conflict {
    Conflict { body: error(409, "this release was published before with other content, which stays") }
}

/// A fault of the database. The log gets the error, the caller only that it may try again.
pub(super) fn unavailable(failure: StoreError) -> Unavailable {
    tracing::error!(error = %failure, "the database failed a request");
    unavailable_now()
}

fn unavailable_now() -> Unavailable {
    Unavailable { retry_after: RETRY_AFTER_SECONDS, body: error(503, "the service cannot answer just now; try again") }
}

/// A check-in that was not recorded, or not known to be in time.
pub(super) fn not_recorded<R>(failure: IngestError) -> R
where
    R: From<TooManyRequests> + From<Unavailable> + From<Unauthorized>,
{
    match failure {
        IngestError::TooOften(wait) => too_many("this cluster checks in too often", wait).into(),
        IngestError::Claimed => {
            let message = "this cluster checks in through v4 now, with a token of its own";
            Unauthorized { www_authenticate: auth::CHALLENGE.into(), body: error(401, message) }.into()
        }
        IngestError::Store(failure) => unavailable(failure).into(),
        IngestError::Full | IngestError::Late => {
            tracing::warn!(error = %failure, "refused a check-in");
            unavailable_now().into()
        }
    }
}

fn too_many(message: &str, wait: Duration) -> TooManyRequests {
    TooManyRequests { retry_after: whole_seconds(wait), body: error(429, message) }
}

/// The answer to a request that is turned away.
pub fn turned_away(reason: TurnedAway) -> Response {
    match reason {
        TurnedAway::UriTooLong(most) => {
            let message = format!("the path with its query has more than {most} bytes");
            outside_of_documents(StatusCode::URI_TOO_LONG, message)
        }
        TurnedAway::HeadersTooLarge(most) => {
            let message = format!("the headers have more than {most} bytes");
            outside_of_documents(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, message)
        }
        TurnedAway::TooMany(wait) => too_many("too much is sent from this address", wait).into_response(),
        TurnedAway::PublishFromElsewhere => {
            Forbidden { body: error(403, "nothing is published from this address") }.into_response()
        }
        TurnedAway::TooSlow => {
            outside_of_documents(StatusCode::REQUEST_TIMEOUT, "the rest of the request did not come in time")
        }
    }
}

/// A refusal that no document names, as no operation is meant.
fn outside_of_documents(status: StatusCode, message: impl Into<String>) -> Response {
    (status, Json(error(status.as_u16().into(), message))).into_response()
}

/// The answer to a path that no document names.
pub fn no_such_path(uri: &Uri) -> Response {
    not_found(format!("path {} was not found", uri.path())).into_response()
}

/// The answer to a method that a path does not have. The router adds `Allow`.
pub async fn method_not_allowed(method: Method, path: MatchedPath) -> Response {
    let methods = legacy::DOCUMENT.methods(path.as_str()).join(",");
    let message = format!("method {method} is not allowed, but [{methods}] are");
    (StatusCode::METHOD_NOT_ALLOWED, Json(error(405, message))).into_response()
}

fn error(code: i32, message: impl Into<String>) -> Error {
    Error { code, message: message.into() }
}

fn described(fault: &Fault) -> String {
    let place = match fault.location {
        Location::Path => "path",
        Location::Query => "query",
        Location::Header => "headers",
        Location::Body => "body",
    };
    match fault.pointer.as_str() {
        "" => format!("the {place} {}", fault.detail),
        pointer => format!("{pointer} in {place} {}", fault.detail),
    }
}
