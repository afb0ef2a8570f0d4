//! Identifies each request, has it guarded, times it, and writes one line about it. No address, host name or user agent is written.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;
use uuid::Uuid;

use super::RequestTimes;
use super::guard::Guard;
use super::times::Route;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest request id that is taken over from a caller, in characters.
const MAX_ID: usize = 128;

/// The most of a path that a line tells, in bytes. What the documents allow fits; the rest is for filling logs.
const MAX_PATH: usize = 1 << 10;

/// As much of a path as a line tells.
pub(super) fn told(path: &str) -> &str {
    let end = (0..=MAX_PATH.min(path.len())).rev().find(|at| path.is_char_boundary(*at));
    &path[..end.unwrap_or_default()]
}

/// Gives the request an id, its log lines that id, and the answer the same.
pub(super) async fn requests(times: RequestTimes, guard: Arc<Guard>, mut request: Request, next: Next) -> Response {
    let id = callers_id(&request).unwrap_or_else(new_id);
    // For those who note who asked for what.
    request.headers_mut().insert(REQUEST_ID, id.clone());
    let span = tracing::info_span!("request", id = id.to_str().unwrap_or_default());
    let line = AccessLine::new(&request, times.route(request.extensions().get::<MatchedPath>()));
    let mut response = async {
        let response = guard.pass(request, next).await;
        line.answered(&response);
        response
    }
    .instrument(span)
    .await;
    response.headers_mut().insert(REQUEST_ID, id);
    response
}

/// The caller's id, unless it could break a log or a header: it is written to both.
fn callers_id(request: &Request) -> Option<HeaderValue> {
    let id = request.headers().get(&REQUEST_ID)?;
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
    ((1..=MAX_ID).contains(&id.len()) && id.as_bytes().iter().all(fits)).then(|| id.clone())
}

fn new_id() -> HeaderValue {
    HeaderValue::try_from(Uuid::new_v4().to_string()).expect("a UUID is ASCII")
}

/// The line about a request: written when it is answered, or when the caller has gone before that.
struct AccessLine<'t> {
    times: &'t Route,
    method: Method,
    path: String,
    started: Instant,
    answered: bool,
}

impl<'t> AccessLine<'t> {
    fn new(request: &Request, times: &'t Route) -> Self {
        // Without the query: filters belong to who asks. The path is as it was sent, percent-encoded, so it cannot break the line.
        let path = told(request.uri().path()).to_owned();
        Self { times, method: request.method().clone(), path, started: Instant::now(), answered: false }
    }

    fn answered(mut self, response: &Response) {
        self.answered = true;
        let ms = self.finished(Some(response.status()));
        let status = response.status().as_u16();
        tracing::info!(target: "stationmaster::access", method = %self.method, path = self.path, status, ms, "answered");
    }

    /// Notes how long it took; answers that in milliseconds.
    fn finished(&self, status: Option<StatusCode>) -> f64 {
        let took = self.started.elapsed();
        self.times.note(&self.method, status, took);
        (took.as_secs_f64() * 1e6).round() / 1e3
    }
}

impl Drop for AccessLine<'_> {
    fn drop(&mut self) {
        if !self.answered {
            let ms = self.finished(None);
            tracing::info!(target: "stationmaster::access", method = %self.method, path = self.path, ms, "the caller has gone");
        }
    }
}
