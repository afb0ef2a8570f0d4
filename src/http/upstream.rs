//! The way across: requests that no document names are passed to the old service, and its answers passed back.

mod flow;
mod headers;
mod url;

use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, Version, header};
use axum::response::Response;
use hyper::body::{Body as _, Incoming};
use uuid::Uuid;

pub use url::UpstreamUrl;

use super::observe;
use crate::outgoing::Connections;
use crate::service;
use flow::{Answer, Sending, Stalled};

/// A client of the old service.
#[derive(Debug)]
pub struct Upstream {
    url: UpstreamUrl,
    timeout: Duration,
    connections: Connections<Body>,
    /// What each request has passed that was here (RFC 9110, 7.6.3): random, so that it tells nothing about anyone.
    via: HeaderValue,
}

/// Marks an answer of the old service to a method that its path does not have here, without an `Allow` of its own.
#[derive(Debug, Clone, Copy)]
struct WithoutAllow;

impl Upstream {
    /// A client of the service at `url`.
    ///
    /// Nothing moves for `timeout` at the longest: it bounds the time for connecting and for each part of a request to
    /// be taken, the time from its last part to the head of the answer, and the time between any two of its parts.
    ///
    /// # Errors
    /// If the system's certificates cannot be read, which are needed for https.
    pub fn new(url: UpstreamUrl, timeout: Duration) -> std::io::Result<Self> {
        let connections = Connections::new(url.is_https())?;
        let via = HeaderValue::try_from(format!("1.1 stationmaster-{}", Uuid::new_v4().simple()));
        Ok(Self { url, timeout, connections, via: via.expect("a UUID is ASCII") })
    }

    /// Passes a request on, and the answer back. What fails is answered with 502, what takes too long with 504.
    pub(super) async fn pass(&self, mut request: Request) -> Response {
        // It asks for a tunnel, to wherever it says.
        if request.method() == Method::CONNECT {
            return service::no_such_page();
        }
        if request.headers().get_all(header::VIA).iter().any(|via| headers::names(via, &self.via)) {
            tracing::error!(
                "a request that was passed to the old service came back; is --legacy-upstream this service?"
            );
            return service::bad_gateway();
        }
        tracing::info!(path = observe::told(request.uri().path()), "passed to the old service");
        let Some(target) = self.url.target(request.uri()) else { return service::bad_gateway() };
        *request.uri_mut() = target;
        *request.version_mut() = Version::HTTP_11;
        let codings = request.headers_mut().remove(header::TRANSFER_ENCODING);
        headers::remove_hop_by_hop(request.headers_mut());
        // The client names the old service instead.
        request.headers_mut().remove(header::HOST);
        request.headers_mut().append(header::VIA, self.via.clone());
        if let Some(codings) = codings.filter(|_| request.body().size_hint().exact().is_none()) {
            // Else the client sends no body with a GET. The codings before `chunked` are still on the body.
            request.headers_mut().remove(header::CONTENT_LENGTH);
            request.headers_mut().insert(header::TRANSFER_ENCODING, codings);
        }
        let (parts, body) = request.into_parts();
        let (body, progress) = Sending::new(body);
        tokio::select! {
            answer = self.connections.send(Request::from_parts(parts, Body::new(body))) => match answer {
                Ok(answer) if answer.status() == StatusCode::SWITCHING_PROTOCOLS => {
                    tracing::warn!("the old service changed the protocol, which nobody asked for");
                    service::bad_gateway()
                }
                Ok(answer) => self.pass_back(answer),
                Err(error) => {
                    let error = anyhow::Error::from(error);
                    tracing::warn!(error = format!("{error:#}"), "the old service cannot be reached, or broke off");
                    service::bad_gateway()
                }
            },
            stalled = progress.stalls(self.timeout) => match stalled {
                Stalled::Caller => service::request_timeout(),
                Stalled::Upstream => {
                    tracing::warn!("the old service did not answer in time");
                    service::gateway_timeout()
                }
            },
        }
    }

    fn pass_back(&self, answer: Response<Incoming>) -> Response {
        let mut answer = answer.map(|body| Body::new(Answer::new(body, self.timeout)));
        // That of HTTP/1.0 would make the end of the connection the end of the answer, even if it broke off.
        *answer.version_mut() = Version::HTTP_11;
        if answer.headers().contains_key(header::TRANSFER_ENCODING) {
            // It counts for nothing then (RFC 9112, 6.3), and would cut off the answer.
            answer.headers_mut().remove(header::CONTENT_LENGTH);
        }
        headers::remove_hop_by_hop(answer.headers_mut());
        if !answer.headers().contains_key(header::ALLOW) {
            answer.extensions_mut().insert(WithoutAllow);
        }
        answer
    }
}

/// Takes away the `Allow` that the router adds where a path does not have a method, when the old service knows better.
pub(super) fn as_it_came(mut answer: Response) -> Response {
    if answer.extensions_mut().remove::<WithoutAllow>().is_some() {
        answer.headers_mut().remove(header::ALLOW);
    }
    answer
}
