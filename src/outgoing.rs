//! Calling other services over http and https.

use std::io;
use std::time::Duration;

use hyper::Request;
use hyper::body::Body;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client, ResponseFuture};
use hyper_util::rt::{TokioExecutor, TokioTimer};

/// How long connecting may take, to all addresses of a service together.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Connections to another service, which are kept for further requests. Redirects are not followed.
#[derive(Debug)]
pub struct Connections<B>(Clients<B>);

/// Certificates are only read for https, so that http does without any.
#[derive(Debug)]
enum Clients<B> {
    Http(Client<HttpConnector, B>),
    Https(Client<HttpsConnector<HttpConnector>, B>),
}

impl<B> Connections<B>
where
    B: Body<Data: Send, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + Unpin + 'static,
{
    /// No connections yet, for https or for http.
    ///
    /// # Errors
    /// If the system's certificates cannot be read, which are needed for https.
    pub fn new(https: bool) -> io::Result<Self> {
        let mut builder = Client::builder(TokioExecutor::new());
        // Connections that nobody uses any more are closed.
        builder.pool_timer(TokioTimer::new());
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(CONNECT_TIMEOUT));
        connector.set_nodelay(true);
        if !https {
            return Ok(Self(Clients::Http(builder.build(connector))));
        }
        connector.enforce_http(false);
        let tls = HttpsConnectorBuilder::new().with_native_roots()?;
        let connector = tls.https_only().enable_http1().wrap_connector(connector);
        Ok(Self(Clients::Https(builder.build(connector))))
    }

    /// Sends a request, whose URI names the service.
    pub fn send(&self, request: Request<B>) -> ResponseFuture {
        match &self.0 {
            Clients::Http(client) => client.request(request),
            Clients::Https(client) => client.request(request),
        }
    }
}
