//! Plain HTTP, for requests that the generated client cannot make: nothing is normalised, completed or refused on the way.

use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::body::{Body, Bytes, Frame, SizeHint};
use hyper::client::conn::http1;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request, Uri};
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::net::TcpSocket;

use super::{PATIENCE, Refusal, Server};

/// A request, as it is to be sent.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    method: Method,
    target: String,
    headers: HeaderMap,
    body: Payload,
    /// The address that it is sent from.
    from: Ipv4Addr,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

#[derive(Debug, Clone)]
enum Payload {
    Sent(Option<Bytes>),
    /// Announced with this many bytes, of which none is ever sent.
    Withheld(u64),
}

impl Call {
    pub(crate) fn new(method: Method, target: impl Into<String>) -> Self {
        Self {
            method,
            target: target.into(),
            headers: HeaderMap::new(),
            body: Payload::Sent(None),
            from: Ipv4Addr::LOCALHOST,
        }
    }

    pub(crate) fn get(target: impl Into<String>) -> Self {
        Self::new(Method::GET, target)
    }

    /// Adds a header; one of the same name that is there stays.
    pub(crate) fn header(mut self, name: HeaderName, value: impl AsRef<[u8]>) -> Self {
        let value = HeaderValue::from_bytes(value.as_ref()).expect("a header's value");
        self.headers.append(name, value);
        self
    }

    /// Sends it from another address of this machine.
    pub(crate) fn from(mut self, address: Ipv4Addr) -> Self {
        self.from = address;
        self
    }

    /// Says that it is passed on for this address, as a proxy does.
    pub(crate) fn forwarded_for(self, address: &str) -> Self {
        self.header(HeaderName::from_static("x-forwarded-for"), address)
    }

    pub(crate) fn token(self, token: &str) -> Self {
        self.header(AUTHORIZATION, format!("Bearer {token}"))
    }

    /// Sends these bytes and declares them as JSON, which they need not be.
    pub(crate) fn json(self, body: impl Into<Bytes>) -> Self {
        self.header(CONTENT_TYPE, "application/json").bytes(body)
    }

    /// Sends these bytes without saying what they are.
    pub(crate) fn bytes(mut self, body: impl Into<Bytes>) -> Self {
        self.body = Payload::Sent(Some(body.into()));
        self
    }

    /// Announces a body of JSON and never sends it.
    pub(crate) fn withhold(mut self, bytes: u64) -> Self {
        self.body = Payload::Withheld(bytes);
        self.header(CONTENT_TYPE, "application/json")
    }

    pub(crate) async fn send(self, server: &Server) -> Answer {
        let what = format!("{} {}", self.method, self.target);
        tokio::time::timeout(PATIENCE, self.exchange(server)).await.unwrap_or_else(|_| panic!("no answer to {what}"))
    }

    async fn exchange(self, server: &Server) -> Answer {
        let base: Uri = server.url.parse().expect("the server's URL");
        let authority = base.authority().expect("an address").as_str();
        let mut request = Request::new(self.body);
        *request.method_mut() = self.method;
        *request.uri_mut() = self.target.parse().expect("a target that HTTP can carry");
        *request.headers_mut() = self.headers;
        let host = HeaderValue::try_from(authority).expect("an address is ASCII");
        request.headers_mut().insert(HOST, host);
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind((self.from, 0).into()).expect("an address of this machine");
        let address = authority.parse().expect("an address and a port");
        let stream = socket.connect(address).await.expect("connect to the server");
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.expect("a connection");
        // It ends with an error when the server gives up on a body that is withheld; the answer has arrived by then.
        let connection = tokio::spawn(connection);
        let response = sender.send_request(request).await.expect("an answer");
        let (head, body) = response.into_parts();
        let body = axum::body::to_bytes(axum::body::Body::new(body), usize::MAX).await;
        connection.abort();
        Answer { status: head.status.as_u16(), headers: head.headers, body: body.expect("the whole answer") }
    }
}

impl Answer {
    #[track_caller]
    pub(crate) fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    /// The value of a header that the answer must have.
    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).unwrap_or_else(|| panic!("{name} in {self:?}"));
        value.to_str().expect("ASCII")
    }

    /// The answer as a refusal, which it must be.
    #[track_caller]
    pub(crate) fn refusal(self) -> Refusal {
        assert!(self.status >= 400, "not refused: {self:?}");
        let problem = self.json();
        Refusal::new(self.status, self.headers, problem)
    }

    /// The body of an answer with this status, which it must have.
    #[track_caller]
    pub(crate) fn value(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        self.json()
    }
}

impl Body for Payload {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.get_mut() {
            Self::Sent(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Withheld(_) => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Sent(None))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(match self {
            Self::Sent(bytes) => bytes.as_ref().map_or(0, |bytes| bytes.len() as u64),
            Self::Withheld(bytes) => *bytes,
        })
    }
}
