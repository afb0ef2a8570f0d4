//! Callers: clusters that check in and jobs that publish. What they are told to keep, they keep and send.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderName, RETRY_AFTER};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::patience::LENIENCE;
use crate::support::token;

/// When to take a server for hanging.
const PATIENCE: Duration = Duration::from_secs(10 * LENIENCE);

/// A cluster, with the token that its first receipt brought. Until then it sends a key of its own instead.
#[derive(Debug)]
pub(crate) struct Cluster {
    pub(crate) id: Uuid,
    claim_key: String,
    token: OnceLock<String>,
}

impl Cluster {
    pub(crate) fn new(random: &mut fastrand::Rng) -> Self {
        let mut uuid = || uuid::Builder::from_random_bytes(random.u128(..).to_be_bytes()).into_uuid();
        Self { id: uuid(), claim_key: uuid().to_string(), token: OnceLock::new() }
    }

    /// The same one, in the eyes of somebody who has no token yet.
    pub(crate) fn before_its_token(&self) -> Self {
        Self { id: self.id, claim_key: self.claim_key.clone(), token: OnceLock::new() }
    }

    fn proof(&self) -> (HeaderName, String) {
        match self.token.get() {
            Some(token) => (AUTHORIZATION, format!("Bearer {token}")),
            None => (HeaderName::from_static("claim-key"), self.claim_key.clone()),
        }
    }
}

/// Somebody who asks one server, one question after the other. Nothing is ever sent again unasked.
#[derive(Debug)]
pub(crate) struct Client {
    /// With the port.
    address: String,
    keeps_connection: bool,
    kept: Mutex<Option<Connection>>,
    publisher: String,
}

type Connection = SendRequest<Full<Bytes>>;

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) has_retry_after: bool,
    /// Null if it is not JSON.
    pub(crate) body: Value,
    pub(crate) took: Duration,
}

/// Why nothing did. Whether the request was carried out is not known.
#[derive(Debug)]
pub(crate) enum NoAnswer {
    TimedOut(Duration),
    Broken(String),
}

pub(crate) type Outcome = Result<Answer, NoAnswer>;

impl Answer {
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

impl Client {
    /// A caller who keeps its connection, as jobs do, or makes one for each call, as clusters do.
    pub(crate) fn new(address: &str, keeps_connection: bool) -> Self {
        let publisher = token("versions:publish");
        Self { address: address.into(), keeps_connection, kept: Mutex::default(), publisher }
    }

    /// Reports one component at this version.
    pub(crate) async fn check_in(&self, cluster: &Cluster, version: &str) -> Outcome {
        let body = json!({"components": [{"component": "load", "train": "stable", "version": version}]});
        let outcome = self.check_in_with(cluster, body.to_string().into()).await;
        if let Ok(answer) = &outcome
            && let Some(token) = answer.body["token"].as_str()
        {
            cluster.token.get_or_init(|| token.to_owned());
        }
        outcome
    }

    /// Reports whatever these bytes are.
    pub(crate) async fn check_in_with(&self, cluster: &Cluster, body: Vec<u8>) -> Outcome {
        let path = format!("/v4/clusters/{}/checkins", cluster.id);
        self.send(Method::POST, &path, Some(cluster.proof()), Some(body)).await
    }

    /// Publishes on the train `stable`.
    pub(crate) async fn publish(&self, component: &str, version: &str, description: &str) -> Outcome {
        let body = json!({"description": description}).to_string().into();
        let path = format!("/v4/versions/{component}/stable/{version}");
        let token = (AUTHORIZATION, format!("Bearer {}", self.publisher));
        self.send(Method::POST, &path, Some(token), Some(body)).await
    }

    pub(crate) async fn get(&self, path: &str) -> Outcome {
        self.send(Method::GET, path, None, None).await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        proof: Option<(HeaderName, String)>,
        body: Option<Vec<u8>>,
    ) -> Outcome {
        let began = Instant::now();
        let mut request = Request::builder().method(method).uri(path).header(HOST, &self.address);
        if let Some((name, value)) = proof {
            request = request.header(name, value);
        }
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let request = request.body(Full::from(body.unwrap_or_default())).expect("all of it is as HTTP wants it");
        let exchange = self.exchange(request, began);
        match tokio::time::timeout(PATIENCE, exchange).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(NoAnswer::Broken(format!("{error:#}"))),
            Err(_) => Err(NoAnswer::TimedOut(began.elapsed())),
        }
    }

    async fn exchange(&self, request: Request<Full<Bytes>>, began: Instant) -> anyhow::Result<Answer> {
        let mut connection = self.connection().await?;
        let answer = connection.send_request(request).await?;
        let status = answer.status().as_u16();
        let has_retry_after = answer.headers().contains_key(RETRY_AFTER);
        let body = answer.into_body().collect().await?.to_bytes();
        let body = serde_json::from_slice(&body).unwrap_or_default();
        if self.keeps_connection {
            *self.kept.lock().await = Some(connection);
        }
        Ok(Answer { status, has_retry_after, body, took: began.elapsed() })
    }

    /// The connection that was kept, if the server has not closed it, or a new one.
    async fn connection(&self) -> anyhow::Result<Connection> {
        if let Some(mut kept) = self.kept.lock().await.take()
            && kept.ready().await.is_ok()
        {
            return Ok(kept);
        }
        let stream = TcpStream::connect(&self.address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        // How it ends, whoever sends over it is told.
        tokio::spawn(connection);
        Ok(sender)
    }
}
