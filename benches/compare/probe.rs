//! Asking once, to see that an answer is what it should be before it is asked for a million times.

use std::sync::LazyLock;

use anyhow::{Context, ensure};
use reqwest::header::HeaderMap;
use reqwest::{Client, Method, StatusCode};
use tokio::runtime::{Builder, Runtime};

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// A request; the body is JSON.
#[derive(Debug, Clone, Default)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Option<String>,
}

impl Answer {
    /// A header that must be there.
    pub(crate) fn header(&self, name: &str) -> anyhow::Result<String> {
        let value = self.headers.get(name).with_context(|| format!("the answer has no {name}"))?;
        Ok(value.to_str().with_context(|| format!("the answer's {name} is no text"))?.to_owned())
    }
}

/// Asks once, and expects this status.
pub(crate) fn ask(url: &str, call: &Call, expected: StatusCode) -> anyhow::Result<Answer> {
    let answer = try_ask(url, call)?;
    let Answer { status, body, .. } = &answer;
    ensure!(*status == expected, "{url} answered {status}, not {expected}: {}", String::from_utf8_lossy(body));
    Ok(answer)
}

/// Asks once.
pub(crate) fn try_ask(url: &str, call: &Call) -> anyhow::Result<Answer> {
    let asked = runtime()?.block_on(async {
        let mut request = CLIENT.request(call.method.clone(), url);
        for (name, value) in &call.headers {
            request = request.header(*name, value);
        }
        if let Some(body) = &call.body {
            request = request.header("content-type", "application/json").body(body.clone());
        }
        let mut answer = request.send().await?;
        let (status, headers) = (answer.status(), std::mem::take(answer.headers_mut()));
        reqwest::Result::Ok(Answer { status, headers, body: answer.bytes().await?.into() })
    });
    asked.with_context(|| format!("{url} does not answer"))
}

/// Made once: that takes longer than a server takes to start. It keeps no connections, since servers come and go.
static CLIENT: LazyLock<Client> = LazyLock::new(|| {
    Client::builder().pool_max_idle_per_host(0).build().expect("nothing is asked of it that could be missing")
});

/// Gets ready, so that the first call takes no longer than the next.
pub(crate) fn warm_up() {
    LazyLock::force(&CLIENT);
}

fn runtime() -> anyhow::Result<Runtime> {
    Builder::new_current_thread().enable_all().build().context("cannot start a runtime")
}
