//! Callers: clusters that check in and jobs that publish. What they are told to keep, they keep and send.

use std::error::Error;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::token;

/// When to take a server for hanging.
const PATIENCE: Duration = Duration::from_secs(10);

/// A cluster, with the token that its first receipt brought, if it did.
#[derive(Debug)]
pub(crate) struct Cluster {
    pub(crate) id: Uuid,
    token: OnceLock<String>,
}

impl Cluster {
    pub(crate) fn new(random: &mut fastrand::Rng) -> Self {
        let id = uuid::Builder::from_random_bytes(random.u128(..).to_be_bytes()).into_uuid();
        Self { id, token: OnceLock::new() }
    }
}

/// Somebody who asks one server.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    server: String,
    http: reqwest::Client,
    publisher: String,
}

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
    pub(crate) fn new(server: &str, keeps_connection: bool) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder().timeout(PATIENCE);
        let http = http.pool_max_idle_per_host(if keeps_connection { 1 } else { 0 }).build()?;
        Ok(Self { server: server.into(), http, publisher: token("versions:publish") })
    }

    /// Reports one component at this version.
    pub(crate) async fn check_in(&self, cluster: &Cluster, version: &str) -> Outcome {
        let body = json!({"components": [{"component": "load", "train": "stable", "version": version}]});
        let path = format!("/v4/clusters/{}/checkins", cluster.id);
        let outcome = self.send(Method::POST, &path, cluster.token.get(), Some(body.to_string().into())).await;
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
        self.send(Method::POST, &path, cluster.token.get(), Some(body)).await
    }

    /// Publishes on the train `stable`.
    pub(crate) async fn publish(&self, component: &str, version: &str, description: &str) -> Outcome {
        let body = json!({"description": description}).to_string().into();
        let path = format!("/v4/versions/{component}/stable/{version}");
        self.send(Method::POST, &path, Some(&self.publisher), Some(body)).await
    }

    pub(crate) async fn get(&self, path: &str) -> Outcome {
        self.send(Method::GET, path, None, None).await
    }

    async fn send(&self, method: Method, path: &str, token: Option<&String>, body: Option<Vec<u8>>) -> Outcome {
        let mut request = self.http.request(method, format!("{}{path}", self.server));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json").body(body);
        }
        let began = Instant::now();
        let answered = async { read(request.send().await?, began).await };
        answered.await.map_err(|error| match error.is_timeout() {
            true => NoAnswer::TimedOut(began.elapsed()),
            false => NoAnswer::Broken(with_causes(&error)),
        })
    }
}

async fn read(response: Response, began: Instant) -> reqwest::Result<Answer> {
    let status = response.status().as_u16();
    let has_retry_after = response.headers().contains_key(RETRY_AFTER);
    let body = response.bytes().await?;
    let body = serde_json::from_slice(&body).unwrap_or_default();
    Ok(Answer { status, has_retry_after, body, took: began.elapsed() })
}

fn with_causes(error: &dyn Error) -> String {
    let causes = std::iter::successors(Some(error), |error| Error::source(*error));
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
