//! Recorded exchanges with the service that v2 and v3 stand in for: sent as they were, and judged by what was answered.

use std::io::{Read, Write};
use std::net::TcpStream;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{PATIENCE, Server, token};

/// The credentials in the recordings that may read doctor reports.
pub(crate) const DOCTOR: [(&str, &str); 2] = [("DOCTOR_AUTH_USER", "doc"), ("DOCTOR_AUTH_PASS", "secret")];

/// A recorded request, and what to expect of its answer.
#[derive(Debug, Deserialize)]
pub(crate) struct Case {
    name: String,
    /// What to load into the old database before the requests are sent.
    #[serde(default)]
    pub(crate) seed_sql: Option<String>,
    request: Option<Recorded>,
    expect: Option<Expected>,
}

#[derive(Debug, Deserialize)]
struct Recorded {
    method: String,
    path: String,
    headers: Map<String, Value>,
    body: Option<String>,
    body_encoding: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Expected {
    rule: Rule,
    status: Option<u16>,
    body: Option<Value>,
    /// Where the body may say something else, such as `data[].lastCheckin`.
    #[serde(default)]
    volatile: Vec<String>,
    /// Lists that may come in another order.
    #[serde(default)]
    unordered: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Rule {
    /// The same status and body.
    Same,
    /// The same status, and a refusal.
    Status,
    /// A refusal: the recorded service crashed.
    Refused,
    /// 200: the recorded service crashed.
    Answered,
    /// 503.
    Unavailable,
    /// Not judged: sent for what it leaves behind.
    Step,
}

/// The recordings of one section.
pub(crate) fn recorded(section: &str) -> Vec<Case> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/legacy-wire.json");
    let text = std::fs::read_to_string(file).expect("the recordings");
    let mut sections: Value = serde_json::from_str(&text).expect("JSON");
    serde_json::from_value(sections[section].take()).expect("cases")
}

/// Sends all of these in their order; answers how many were judged. Panics with all that are wrong.
pub(crate) fn replay(server: &Server, cases: &[Case]) -> usize {
    let token = token("versions:publish");
    let mut judged = 0;
    let mut wrong = Vec::new();
    for case in cases {
        let (Some(request), Some(expected)) = (&case.request, &case.expect) else { continue };
        let (status, body) = send(server, request, &token);
        if expected.rule != Rule::Step {
            judged += 1;
            if let Err(why) = expected.judge(status, body) {
                wrong.push(format!("{} | {} {}: {why}", case.name, request.method, request.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {judged} differ:\n{}\n{}", wrong.len(), wrong.join("\n"), server.log());
    judged
}

impl Expected {
    fn judge(&self, status: u16, body: Value) -> Result<(), String> {
        let is_refusal = body["code"] == status && body["message"].as_str().is_some_and(|message| !message.is_empty());
        let holds = match self.rule {
            Rule::Step => true,
            Rule::Refused => (400..500).contains(&status) && is_refusal,
            Rule::Status | Rule::Unavailable => Some(status) == self.status && is_refusal,
            Rule::Answered => Some(status) == self.status,
            Rule::Same => {
                let expected = self.body.clone().unwrap_or_default();
                Some(status) == self.status && self.comparable(body.clone()) == self.comparable(expected)
            }
        };
        holds
            .then_some(())
            .ok_or_else(|| format!("want {:?} {:?} {:?}, got {status} {body}", self.rule, self.status, self.body))
    }

    /// The body with what may differ taken out.
    fn comparable(&self, mut body: Value) -> Value {
        let Some(rows) = body.get_mut("data").and_then(Value::as_array_mut) else { return body };
        for name in self.volatile.iter().filter_map(|path| path.strip_prefix("data[].")) {
            for row in rows.iter_mut().filter(|row| row.get(name).is_some()) {
                row[name] = json!("whenever");
            }
        }
        if self.unordered.iter().any(|path| path == "data") {
            // By what names a row: the order of an object's keys depends on how the tests are built.
            rows.sort_by_key(|row| {
                [&row["id"], &row["component"]["name"], &row["version"]["train"], &row["version"]["version"]]
                    .map(Value::to_string)
            });
        }
        body
    }
}

/// Sends a request byte by byte, as some of them are none that an HTTP client would send.
fn send(server: &Server, request: &Recorded, token: &str) -> (u16, Value) {
    let body = match (&request.body, request.body_encoding.as_deref()) {
        (None, _) => Vec::new(),
        (Some(body), Some("base64")) => STANDARD.decode(body).expect("base64"),
        (Some(body), _) => body.clone().into_bytes(),
    };
    let address = server.url.strip_prefix("http://").expect("an HTTP URL");
    let mut head = format!("{} {} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n", request.method, request.path);
    for (name, value) in &request.headers {
        head += &format!("{name}: {}\r\n", value.as_str().expect("a text"));
    }
    if request.method != "GET" && !request.headers.contains_key("Authorization") {
        head += &format!("Authorization: Bearer {token}\r\n");
    }
    // A recorded stream of chunks says its own length.
    if !request.headers.contains_key("Transfer-Encoding") {
        head += &format!("Content-Length: {}\r\n", body.len());
    }
    let mut stream = TcpStream::connect(address).expect("connect to the server");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time limit");
    stream.write_all(&[head.as_bytes(), b"\r\n", &body].concat()).expect("send");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer to {request:?}: {answer}"));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    (status, serde_json::from_str(body).unwrap_or_else(|_| json!(body)))
}
