//! The way across: requests that no document names are passed to the old service, and its answers passed back.

use std::pin::Pin;
use std::str::FromStr;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::uri::{Authority, PathAndQuery, Scheme};
use axum::http::{HeaderMap, HeaderName, Uri, Version, header};
use axum::response::Response;
use hyper::body::{Body as HttpBody, Bytes, Frame, SizeHint};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::sync::oneshot;
use tower_http::timeout::TimeoutBody;

use crate::service;

/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// What concerns one connection only (RFC 9110, 7.6.1), beside what `Connection` names.
const HOP_BY_HOP: [HeaderName; 6] = [
    header::CONNECTION,
    HeaderName::from_static("proxy-connection"),
    HeaderName::from_static("keep-alive"),
    header::TE,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// Where the old service is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpstreamUrl {
    scheme: Scheme,
    authority: Authority,
    /// Comes before each path; without a slash at its end.
    base: String,
}

impl FromStr for UpstreamUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = text.parse::<Uri>().map_err(|_| "this is no URL")?.into_parts();
        let (Some(scheme), Some(authority)) = (parts.scheme, parts.authority) else {
            return Err("a URL begins with http:// or https://");
        };
        if scheme != Scheme::HTTP && scheme != Scheme::HTTPS {
            return Err("a URL begins with http:// or https://");
        }
        if authority.as_str().contains('@') {
            return Err("a URL with a user or password is not supported");
        }
        let path = parts.path_and_query.unwrap_or_else(|| PathAndQuery::from_static("/"));
        if path.query().is_some() {
            return Err("a URL with a query is not supported");
        }
        Ok(Self { scheme, authority, base: path.path().trim_end_matches('/').to_owned() })
    }
}

/// A client of the old service.
#[derive(Debug)]
pub struct Upstream {
    url: UpstreamUrl,
    timeout: Duration,
    client: Client<HttpsConnector<HttpConnector>, Body>,
}

impl Upstream {
    /// A client of the service at `url`, whose answers may take `timeout` to begin once a request was sent, and as long between any two parts.
    ///
    /// # Errors
    /// If the system's certificates cannot be read, which are needed for https.
    pub fn new(url: UpstreamUrl, timeout: Duration) -> std::io::Result<Self> {
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(CONNECT_TIMEOUT));
        connector.set_nodelay(true);
        connector.enforce_http(false);
        let tls = HttpsConnectorBuilder::new().with_native_roots()?;
        let connector = tls.https_or_http().enable_http1().wrap_connector(connector);
        Ok(Self { url, timeout, client: Client::builder(TokioExecutor::new()).build(connector) })
    }

    /// Passes a request on, and the answer back. What fails is answered with 502, what takes too long with 504.
    pub(super) async fn pass(&self, mut request: Request) -> Response {
        tracing::info!(path = request.uri().path(), "passed to the old service");
        match self.target(request.uri()) {
            Some(target) => *request.uri_mut() = target,
            None => return service::bad_gateway(),
        }
        *request.version_mut() = Version::HTTP_11;
        remove_hop_by_hop(request.headers_mut());
        // The client names the old service instead.
        request.headers_mut().remove(header::HOST);
        let (sent, is_sent) = oneshot::channel();
        let request = request.map(|body| Body::new(Sending { body, _sent: sent }));
        let too_late = async {
            // Ready when the other side is dropped, which is when the body has been sent.
            let _ = is_sent.await;
            tokio::time::sleep(self.timeout).await;
        };
        tokio::select! {
            answer = self.client.request(request) => match answer {
                Ok(answer) => {
                    let mut answer = answer.map(|body| Body::new(TimeoutBody::new(self.timeout, body)));
                    remove_hop_by_hop(answer.headers_mut());
                    answer
                }
                Err(error) => {
                    tracing::warn!(%error, "the old service cannot be reached, or broke off");
                    service::bad_gateway()
                }
            },
            () = too_late => {
                tracing::warn!("the old service did not answer in time");
                service::gateway_timeout()
            }
        }
    }

    fn target(&self, asked: &Uri) -> Option<Uri> {
        let path = asked.path_and_query().map_or("/", PathAndQuery::as_str);
        let target = Uri::builder().scheme(self.url.scheme.clone()).authority(self.url.authority.clone());
        target.path_and_query(format!("{}{path}", self.url.base)).build().ok()
    }
}

fn remove_hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|names| names.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named.iter().chain(&HOP_BY_HOP) {
        headers.remove(name);
    }
}

/// A body that is dropped when it has been sent, and with it a sender that somebody waits for.
struct Sending {
    body: Body,
    _sent: oneshot::Sender<()>,
}

impl HttpBody for Sending {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.get_mut().body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        for text in ["http://old", "https://old:8443/", "http://old/base/"] {
            assert!(text.parse::<UpstreamUrl>().is_ok(), "{text}");
        }
        for text in ["", "old", "/old", "ftp://old", "http://me:secret@old", "http://old/?a=b"] {
            assert!(text.parse::<UpstreamUrl>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_connection_names_is_removed_too() {
        let pairs = [("connection", "close, X-Mine"), ("x-mine", "1"), ("te", "trailers"), ("x-other", "2")];
        let mut headers: HeaderMap = pairs
            .into_iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().expect("a value")))
            .collect();
        remove_hop_by_hop(&mut headers);
        assert_eq!(headers.keys().map(HeaderName::as_str).collect::<Vec<_>>(), ["x-other"]);
    }
}
