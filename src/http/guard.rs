//! What a request is refused for before anything is done for it: its size, who sends it, how much of it comes, how slowly.

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::{Arc, LazyLock};

use axum::body::Body;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::Response;
use hyper::body::Body as _;
use ipnet::IpNet;
use serde_json::Value;
use tokio::sync::Semaphore;

use super::callers::{CallerAddress, TrustedProxies, is_in};
use super::pace::Paced;
use super::shares::{HELD_BACK, Shares};
use crate::contract::{legacy, v4};
use crate::service::{self, TurnedAway};

/// The longest path with its query, in bytes. All that the documents allow fits, whatever it is in percent-encoding.
const MAX_TARGET: usize = 32 << 10;

/// How large all headers may be together, in bytes.
const MAX_HEADERS: usize = 32 << 10;

/// What is answered to anybody at any time: it is what tells that there is too much of something else.
const PROBES: [&str; 3] = ["/livez", "/healthz", "/metrics"];

/// How many refusals are held back at a time. Others are answered at once.
const MOST_HELD_BACK: usize = 1_000;

/// The scope of whatever changes what is published.
const PUBLISH: &str = "versions:publish";

/// The operations that change what is published, by method and path.
static PUBLISHING: LazyLock<HashSet<(Method, String)>> = LazyLock::new(|| {
    let documents = [v4::OPENAPI_JSON, legacy::OPENAPI_JSON];
    documents.into_iter().flat_map(publishing).collect()
});

/// Who sends a request, as the connection knows it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub(super) IpAddr);

/// What requests are held to.
#[derive(Debug)]
pub(super) struct Guard {
    proxies: Arc<TrustedProxies>,
    shares: Arc<Shares>,
    publish_from: Vec<IpNet>,
    held_back: Semaphore,
}

impl Guard {
    pub(super) fn new(proxies: Arc<TrustedProxies>, shares: Arc<Shares>, publish_from: Vec<IpNet>) -> Self {
        Self { proxies, shares, publish_from, held_back: Semaphore::new(MOST_HELD_BACK) }
    }

    /// Has a request answered, unless it is turned away.
    pub(super) async fn pass(&self, request: Request, next: Next) -> Response {
        let is_v4 = is_of_v4(request.uri());
        let answer = match self.look_at(&request) {
            Ok(()) => answer_in_time(request, next).await,
            Err(reason) => Err(reason),
        };
        let answer = answer.unwrap_or_else(|reason| match is_v4 {
            true => service::turned_away(reason),
            false => service::legacy::turned_away(reason),
        });
        if answer.status() == StatusCode::TOO_MANY_REQUESTS
            && let Ok(_held_back) = self.held_back.try_acquire()
        {
            tokio::time::sleep(HELD_BACK).await;
        }
        answer
    }

    fn look_at(&self, request: &Request) -> Result<(), TurnedAway> {
        if request.uri().path_and_query().is_some_and(|target| target.as_str().len() > MAX_TARGET) {
            return Err(TurnedAway::UriTooLong(MAX_TARGET));
        }
        if size(request.headers()) > MAX_HEADERS {
            return Err(TurnedAway::HeadersTooLarge(MAX_HEADERS));
        }
        if PROBES.contains(&request.uri().path()) {
            return Ok(());
        }
        let Peer(peer) = request.extensions().get().expect("every connection says whose it is");
        let caller = self.proxies.caller(*peer, request.headers());
        self.shares.take(caller).map_err(TurnedAway::TooMany)?;
        match self.may_publish(caller, request) {
            true => Ok(()),
            false => Err(TurnedAway::PublishFromElsewhere),
        }
    }

    fn may_publish(&self, caller: CallerAddress, request: &Request) -> bool {
        let is_publishing = || {
            let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
            path.is_some_and(|path| PUBLISHING.contains(&(request.method().clone(), path.to_owned())))
        };
        self.publish_from.is_empty() || is_in(&self.publish_from, caller.address) || !is_publishing()
    }
}

/// Whether a target is of v4. What is not is refused in the words of v2 and v3, as the old service did everywhere.
pub(super) fn is_of_v4(uri: &Uri) -> bool {
    uri.path().strip_prefix("/v4").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The answer, unless the body does not come in time.
async fn answer_in_time(request: Request, next: Next) -> Result<Response, TurnedAway> {
    // What is passed to the old service has limits of its own, as it may be large; and most requests have no body.
    if request.body().is_end_stream() || request.extensions().get::<MatchedPath>().is_none() {
        return Ok(next.run(request).await);
    }
    let (parts, body) = request.into_parts();
    let (body, too_slow) = Paced::new(body);
    let answer = next.run(Request::from_parts(parts, Body::new(body))).await;
    if too_slow.is_so() { Err(TurnedAway::TooSlow) } else { Ok(answer) }
}

fn size(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum()
}

/// The operations of a document that need the scope of publishing.
fn publishing(document: &str) -> Vec<(Method, String)> {
    let document: Value = serde_json::from_str(document).expect("the generator writes the document as JSON");
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let required = operation["security"].as_array().into_iter().flatten();
            let mut scopes = required.filter_map(Value::as_object).flat_map(|scheme| scheme.values());
            if scopes.any(|scopes| scopes.as_array().is_some_and(|scopes| scopes.iter().any(|scope| scope == PUBLISH)))
            {
                let method = method.to_ascii_uppercase().parse().expect("the document's methods are those of HTTP");
                found.push((method, path.clone()));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_publishes_is_what_the_documents_say() {
        let mut found: Vec<_> = PUBLISHING.iter().map(|(method, path)| format!("{method} {path}")).collect();
        found.sort_unstable();
        assert_eq!(
            found,
            [
                "DELETE /v4/versions/{component}/{train}/{version}/yank",
                "PATCH /v4/versions/{component}/{train}/{version}",
                "POST /v3/versions/{train}/{component}/{release}",
                "POST /v4/versions/{component}/{train}/{version}",
                "PUT /v4/versions/{component}/{train}/{version}/yank",
            ]
        );
    }
}
