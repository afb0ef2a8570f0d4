//! Asking an issuer for its keys (OpenID Connect Discovery 1.0).

use std::io;
use std::time::Duration;

use http_body_util::{BodyExt, Empty, LengthLimitError, Limited};
use hyper::body::Bytes;
use hyper::header::{ACCEPT, USER_AGENT};
use hyper::{Request, StatusCode, Uri};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::keys::{KeySet, Keys};
use super::url::{self, IssuerUrl};
use crate::outgoing::Connections;

/// How long an issuer may take for all of it.
const LIMIT: Duration = Duration::from_secs(5);

/// The most bytes that an answer may have.
const MAX_BYTES: usize = 1_048_576;

/// Why the keys of an issuer are not known.
#[derive(Debug, thiserror::Error)]
pub(super) enum DiscoveryError {
    #[error("it took longer than {} s", LIMIT.as_secs())]
    TooSlow,
    #[error("cannot use the system's certificates: {0}")]
    Certificates(io::Error),
    #[error("cannot reach {uri}: {error:#}")]
    NotReached { uri: Uri, error: anyhow::Error },
    #[error("{uri} answered {status}")]
    Refused { uri: Uri, status: StatusCode },
    #[error("the answer of {uri} has more than {MAX_BYTES} bytes")]
    TooLarge { uri: Uri },
    #[error("the answer of {uri} cannot be read: {error}")]
    NotRead { uri: Uri, error: serde_json::Error },
    #[error("it says that it is the issuer {0:?}")]
    OtherIssuer(String),
    #[error("{uri:?} cannot be asked: {reason}")]
    BadUrl { uri: String, reason: &'static str },
}

/// What an issuer tells about itself, as far as it matters here.
#[derive(Debug, Deserialize)]
struct Configuration {
    issuer: String,
    jwks_uri: String,
}

/// Asks an issuer for its keys.
///
/// # Errors
/// If it does not answer in time, with what it should.
pub(super) async fn keys_of(issuer: &IssuerUrl) -> Result<Keys, DiscoveryError> {
    tokio::time::timeout(LIMIT, ask(issuer)).await.unwrap_or(Err(DiscoveryError::TooSlow))
}

async fn ask(issuer: &IssuerUrl) -> Result<Keys, DiscoveryError> {
    let discovery = trusted(&issuer.discovery())?;
    let connections = connections(discovery.scheme_str() == Some("https")).await?;
    let Configuration { issuer: named, jwks_uri } = get(&connections, discovery).await?;
    if named != issuer.as_str() {
        return Err(DiscoveryError::OtherIssuer(named));
    }
    // Over the same connections, which are either for https or for http: what is on this machine, only an issuer that is
    // there too can name.
    let uri = trusted(&jwks_uri)?;
    let set: KeySet = get(&connections, uri).await?;
    Ok(set.into())
}

fn trusted(text: &str) -> Result<Uri, DiscoveryError> {
    url::trusted(text).map_err(|reason| DiscoveryError::BadUrl { uri: text.into(), reason })
}

/// Made anew each time: it is rare, and the system's certificates, which are files, may have changed.
async fn connections(https: bool) -> Result<Connections<Empty<Bytes>>, DiscoveryError> {
    let made = tokio::task::spawn_blocking(move || Connections::new(https)).await;
    made.unwrap_or_else(|error| Err(error.into())).map_err(DiscoveryError::Certificates)
}

async fn get<T: DeserializeOwned>(connections: &Connections<Empty<Bytes>>, uri: Uri) -> Result<T, DiscoveryError> {
    let not_reached = |error| DiscoveryError::NotReached { uri: uri.clone(), error };
    let mut request = Request::new(Empty::new());
    *request.uri_mut() = uri.clone();
    request.headers_mut().insert(ACCEPT, hyper::header::HeaderValue::from_static("application/json"));
    request.headers_mut().insert(USER_AGENT, hyper::header::HeaderValue::from_static("stationmaster"));
    let answer = connections.send(request).await.map_err(|error| not_reached(error.into()))?;
    if answer.status() != StatusCode::OK {
        return Err(DiscoveryError::Refused { uri, status: answer.status() });
    }
    let body = Limited::new(answer.into_body(), MAX_BYTES).collect().await;
    let body = body.map_err(|error| match error.is::<LengthLimitError>() {
        true => DiscoveryError::TooLarge { uri: uri.clone() },
        false => not_reached(anyhow::Error::from_boxed(error)),
    })?;
    serde_json::from_slice(&body.to_bytes()).map_err(|error| DiscoveryError::NotRead { uri, error })
}
