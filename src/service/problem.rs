//! Every problem that is answered, with its kind, status and words: the one place where a refusal gets its status.

use std::time::Duration;

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::auth;
use crate::contract::v4::clusters::CheckInRefusal;
use crate::contract::v4::responses::{
    Conflict, Forbidden, Invalid, NotFound, NotJson, PreconditionFailed, PreconditionRequired, TooLarge,
    TooManyRequests, Unauthorized, Unavailable, UnsupportedMediaType,
};
use crate::contract::v4::types;
use crate::ingest::IngestError;
use crate::store::StoreError;
use crate::wire::{Fault, Location, MAX_FAULTS, Rejection};

/// After how many seconds a caller should try again when the service cannot answer.
pub(super) const RETRY_AFTER_SECONDS: i64 = 2;

/// The same while the history is being counted.
const COUNTING_SECONDS: i64 = 10;

/// What is not there may be published at any moment: no cache may keep the refusal.
const NO_STORE: &str = "no-store";

/// Why a request is turned away at the door, whatever it asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TurnedAway {
    /// Its path and query have more than so many bytes.
    UriTooLong(usize),
    /// Its headers have more than so many bytes.
    HeadersTooLarge(usize),
    /// The address of its caller has sent its share, and should wait so long.
    TooMany(Duration),
    /// It would publish, from an address that may not.
    PublishFromElsewhere,
    /// The rest of it does not come.
    TooSlow,
}

/// The answer to a request that is turned away.
pub fn turned_away(reason: TurnedAway) -> Response {
    match reason {
        TurnedAway::UriTooLong(most) => {
            let detail = format!("A path with its query may have at most {most} bytes.");
            outside_of_documents(StatusCode::URI_TOO_LONG, problem(Kind::UriTooLong, detail))
        }
        TurnedAway::HeadersTooLarge(most) => {
            let detail = format!("The headers of a request may have at most {most} bytes, names and values together.");
            outside_of_documents(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, problem(Kind::HeadersTooLarge, detail))
        }
        TurnedAway::TooMany(wait) => {
            let detail = "Too much is sent from this address. Try again after the time in Retry-After.";
            too_many(detail, wait).into_response()
        }
        TurnedAway::PublishFromElsewhere => {
            let detail = "This server takes publications from certain networks alone, and this address is in none.";
            Forbidden { body: problem(Kind::Forbidden, detail) }.into_response()
        }
        TurnedAway::TooSlow => request_timeout(),
    }
}

/// A request that never reached its operation.
pub(super) fn rejected(rejection: Rejection) -> Response {
    match rejection {
        Rejection::NotJson(detail) => NotJson { body: problem(Kind::NotJson, detail) }.into_response(),
        Rejection::TooLarge(most) => {
            let detail = format!("A body may have at most {most} bytes.");
            TooLarge { body: problem(Kind::TooLarge, detail) }.into_response()
        }
        Rejection::UnsupportedMediaType { .. } => {
            let detail = "Send the body as Content-Type: application/json.".to_owned();
            UnsupportedMediaType { body: problem(Kind::UnsupportedMediaType, detail) }.into_response()
        }
        Rejection::Unauthorized { challenge, detail } => {
            Unauthorized { www_authenticate: challenge, body: problem(Kind::Unauthorized, detail) }.into_response()
        }
        Rejection::Forbidden(detail) => Forbidden { body: problem(Kind::Forbidden, detail) }.into_response(),
        Rejection::Unavailable { retry_after, detail } => {
            Unavailable { retry_after, body: problem(Kind::Unavailable, detail) }.into_response()
        }
        Rejection::Invalid(faults) => invalid(faults).into_response(),
    }
}

/// A request with one fault.
pub(super) fn fault(fault: Fault) -> Invalid {
    invalid(vec![fault])
}

/// A request with faults, of which a bounded number is listed.
pub(super) fn invalid(mut faults: Vec<Fault>) -> Invalid {
    faults.truncate(MAX_FAULTS);
    let detail = match faults.len() {
        1 => "The request has a fault; see errors.".to_owned(),
        count => format!("The request has {count} faults; see errors."),
    };
    Invalid { body: with_faults(problem(Kind::Invalid, detail), faults) }
}

/// A filter with bounds that exclude each other.
pub(super) fn impossible_filter(pairs: &[(&str, &str)]) -> Invalid {
    let sentences: Vec<String> =
        pairs.iter().map(|(one, other)| format!("Nothing satisfies both {one} and {other}.")).collect();
    let faults = pairs.iter().flat_map(|(one, other)| {
        [Fault::query(one, format!("excludes {other}")), Fault::query(other, format!("excludes {one}"))]
    });
    Invalid { body: with_faults(problem(Kind::ImpossibleFilter, sentences.join(" ")), faults.collect()) }
}

/// A thing that is not there.
pub(super) fn not_found(what: impl Into<String>) -> NotFound {
    NotFound { cache_control: NO_STORE.into(), body: problem(Kind::NotFound, what) }
}

/// A version that was published before with other content.
pub(super) fn conflict() -> Conflict {
    let detail = "This version was published before with other content, which stays. \
        Publish another version, or amend this one with PATCH.";
    Conflict { body: problem(Kind::Conflict, detail) }
}

/// A version that has changed since the caller saw it.
pub(super) fn precondition_failed() -> PreconditionFailed {
    let detail = "The version has changed since you read it. Read it again, and send its ETag as If-Match.";
    PreconditionFailed { body: problem(Kind::PreconditionFailed, detail) }
}

/// A change without the entity tag of what it changes.
pub(super) fn precondition_required() -> PreconditionRequired {
    let detail = "Send the ETag of the version that you read as If-Match.";
    PreconditionRequired { body: problem(Kind::PreconditionRequired, detail) }
}

/// A fault of the database. The log gets the error, the caller only that it may try again.
pub(super) fn unavailable(error: StoreError) -> Unavailable {
    tracing::error!(%error, "the database failed a request");
    unavailable_now()
}

/// Numbers that are not there yet.
pub(super) fn not_counted() -> Unavailable {
    let detail = "The history is being counted, which is done once after an update or an import. \
        Try again after the time in Retry-After.";
    Unavailable { retry_after: COUNTING_SECONDS, body: problem(Kind::Unavailable, detail) }
}

fn unavailable_now() -> Unavailable {
    Unavailable {
        retry_after: RETRY_AFTER_SECONDS,
        body: problem(
            Kind::Unavailable,
            "The service cannot answer just now. Try again after the time in Retry-After.",
        ),
    }
}

/// A check-in that was not recorded, or not known to be in time.
pub(super) fn not_recorded(error: IngestError) -> CheckInRefusal {
    match error {
        IngestError::TooOften(wait) => {
            too_many("This cluster checks in too often. Try again after the time in Retry-After.", wait).into()
        }
        IngestError::Claimed => {
            let detail = "This cluster is claimed: send the token that its first check-in was answered with. \
                A cluster that has lost its token goes on under another id.";
            Unauthorized { www_authenticate: auth::CHALLENGE.into(), body: problem(Kind::Unauthorized, detail) }.into()
        }
        IngestError::Store(error) => unavailable(error).into(),
        IngestError::Full | IngestError::Late => {
            tracing::warn!(%error, "refused a check-in");
            unavailable_now().into()
        }
    }
}

fn too_many(detail: &str, wait: Duration) -> TooManyRequests {
    TooManyRequests { retry_after: whole_seconds(wait), body: problem(Kind::TooManyRequests, detail) }
}

/// For `Retry-After`: rounded up, as whoever comes too early is refused again.
pub(super) fn whole_seconds(wait: Duration) -> i64 {
    wait.as_secs().saturating_add(1).try_into().unwrap_or(i64::MAX)
}

/// The answer to a path that is not of this service.
pub fn no_such_page() -> Response {
    not_found("There is nothing at this path. The operations are described at /docs.").into_response()
}

/// The answer to a method that a path does not have. The router adds `Allow`.
pub fn method_not_allowed() -> Response {
    let body = problem(Kind::MethodNotAllowed, "This path does not have this method; see Allow for those it has.");
    let content_type = [(header::CONTENT_TYPE, "application/problem+json")];
    (StatusCode::METHOD_NOT_ALLOWED, content_type, Json(body)).into_response()
}

/// The answer to a request of which the rest does not come (RFC 9110, 15.5.9).
pub fn request_timeout() -> Response {
    let detail = "The rest of this request did not come in time.";
    outside_of_documents(StatusCode::REQUEST_TIMEOUT, problem(Kind::RequestTimeout, detail))
}

/// The answer to a request that was passed to the old service, which failed.
pub fn bad_gateway() -> Response {
    let detail = "This request is passed to the old service, which cannot be reached or broke off.";
    outside_of_documents(StatusCode::BAD_GATEWAY, problem(Kind::BadGateway, detail))
}

/// The answer to a request that was passed to the old service, which did not answer in time.
pub fn gateway_timeout() -> Response {
    let detail = "This request is passed to the old service, which did not answer in time.";
    outside_of_documents(StatusCode::GATEWAY_TIMEOUT, problem(Kind::GatewayTimeout, detail))
}

/// A problem that no document names, as no operation is meant.
fn outside_of_documents(status: StatusCode, body: types::Problem) -> Response {
    (status, [(header::CONTENT_TYPE, "application/problem+json")], Json(body)).into_response()
}

/// The answer when a request met a fault of the program.
pub fn broken() -> Response {
    let body = problem(Kind::Unavailable, "The service met a fault of its own with this request.");
    Unavailable { retry_after: RETRY_AFTER_SECONDS, body }.into_response()
}

/// The kinds of problems. Each keeps its meaning for ever.
#[derive(Debug, Clone, Copy)]
enum Kind {
    NotJson,
    Unauthorized,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    RequestTimeout,
    Conflict,
    PreconditionFailed,
    TooLarge,
    UriTooLong,
    UnsupportedMediaType,
    Invalid,
    ImpossibleFilter,
    PreconditionRequired,
    TooManyRequests,
    HeadersTooLarge,
    BadGateway,
    Unavailable,
    GatewayTimeout,
}

impl Kind {
    /// The last part of the type's URI, the status and the title.
    fn described(self) -> (&'static str, i32, &'static str) {
        match self {
            Self::NotJson => ("not-json", 400, "The body is not JSON"),
            Self::Unauthorized => ("unauthorized", 401, "A valid token is needed"),
            Self::Forbidden => ("forbidden", 403, "The caller may not do this"),
            Self::NotFound => ("not-found", 404, "There is no such thing"),
            Self::MethodNotAllowed => ("method-not-allowed", 405, "The path does not have this method"),
            Self::RequestTimeout => ("request-timeout", 408, "The request did not come in time"),
            Self::Conflict => ("conflict", 409, "The version exists with other content"),
            Self::PreconditionFailed => ("precondition-failed", 412, "The version has changed"),
            Self::TooLarge => ("too-large", 413, "The body is too large"),
            Self::UriTooLong => ("uri-too-long", 414, "The path or query is too long"),
            Self::UnsupportedMediaType => ("unsupported-media-type", 415, "The body is not declared as JSON"),
            Self::Invalid => ("invalid", 422, "The request breaks a rule"),
            Self::ImpossibleFilter => ("impossible-filter", 422, "The bounds exclude each other"),
            Self::PreconditionRequired => ("precondition-required", 428, "If-Match is needed"),
            Self::TooManyRequests => ("too-many-requests", 429, "The caller sends more than its share"),
            Self::HeadersTooLarge => ("headers-too-large", 431, "The headers are too large"),
            Self::BadGateway => ("bad-gateway", 502, "The old service failed"),
            Self::GatewayTimeout => ("gateway-timeout", 504, "The old service is too slow"),
            Self::Unavailable => ("unavailable", 503, "The service cannot answer just now"),
        }
    }
}

fn problem(kind: Kind, detail: impl Into<String>) -> types::Problem {
    let (name, status, title) = kind.described();
    let r#type = format!("urn:stationmaster:problem:{name}");
    types::Problem { r#type, title: title.into(), status, detail: detail.into(), errors: None }
}

fn with_faults(problem: types::Problem, faults: Vec<Fault>) -> types::Problem {
    let errors = faults.into_iter().map(|Fault { location, pointer, detail }| types::Fault {
        r#in: match location {
            Location::Path => types::FaultLocation::Path,
            Location::Query => types::FaultLocation::Query,
            Location::Header => types::FaultLocation::Header,
            Location::Body => types::FaultLocation::Body,
        },
        pointer,
        detail,
    });
    types::Problem { errors: Some(errors.collect()), ..problem }
}
