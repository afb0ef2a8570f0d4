//! Whatever is sent, the answer is one that the document names.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use hyper::body::Bytes;
use hyper::header::HeaderName;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};

use crate::support::{Answer, Call, Operation, Parameter, Server};

const CASES: u32 = 48;

/// What is sent to each operation.
#[derive(Debug, Clone)]
struct Attack {
    /// In place of path parameters, in order; the document's example where there is none.
    segments: Vec<Option<Vec<u8>>>,
    /// Query parameters and their values.
    query: Vec<(Name, Vec<u8>)>,
    /// In place of the header parameters.
    header: Vec<u8>,
    body: Tampering,
}

/// The name of a query parameter.
#[derive(Debug, Clone)]
enum Name {
    /// One that the operation has, if it has any.
    Documented(Index),
    Arbitrary(Vec<u8>),
}

/// What becomes of an example body.
#[derive(Debug, Clone)]
enum Tampering {
    /// Nothing.
    Nothing,
    /// Other bytes in its place.
    Replaced(Vec<u8>),
    /// Some of its bytes are cut out at a place, and others put in.
    Spliced(Index, usize, Vec<u8>),
    /// Another value in the place of one of its leaves or members.
    Member(Index, String),
}

fn attacks() -> impl Strategy<Value = Attack> {
    let bytes = |most: usize| prop::collection::vec(any::<u8>(), 0..most);
    let segment = prop_oneof![
        4 => Just(None),
        1 => prop::collection::vec(any::<u8>(), 1..24).prop_map(Some),
        1 => "[a-z0-9._+-]{1,130}".prop_map(|text| Some(text.into_bytes())),
        1 => prop::sample::select(vec!["latest", ".", "..", "age", "count", "yank", "\0", "/"])
            .prop_map(|text| Some(text.into())),
    ];
    let name = prop_oneof![3 => any::<Index>().prop_map(Name::Documented), 1 => bytes(8).prop_map(Name::Arbitrary)];
    let value = prop_oneof![
        bytes(24),
        any::<i64>().prop_map(|number| number.to_string().into_bytes()),
        "[0-9A-Za-z_-]{1,64}".prop_map(String::into_bytes),
        r"[\^~<>=]{0,2}[0-9]{1,20}(\.[0-9*x]{1,3}){0,3}(, ?[<>]=?[0-9]+)?".prop_map(String::into_bytes),
        r"P(T)?[0-9]{1,7}[WDHMSY]".prop_map(String::into_bytes),
        r"[0-9+-]{1,6}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](Z|[+-][01][0-9]:00)"
            .prop_map(String::into_bytes),
    ];
    let member = prop_oneof![
        Just("null".to_owned()),
        Just("[]".to_owned()),
        Just("{}".to_owned()),
        Just("\"\\u0000\"".to_owned()),
        Just("\"\\ud800\"".to_owned()),
        Just("1e400".to_owned()),
        any::<f64>().prop_map(|number| format!("{number:e}")),
        "\\PC{0,40}".prop_map(|text| serde_json::json!(text).to_string()),
    ];
    let body = prop_oneof![
        bytes(256).prop_map(Tampering::Replaced),
        (any::<Index>(), 0..16usize, bytes(16)).prop_map(|(at, cut, put)| Tampering::Spliced(at, cut, put)),
        (any::<Index>(), member).prop_map(|(at, value)| Tampering::Member(at, value)),
    ];
    // What a header can carry: visible ASCII, spaces, and bytes beyond ASCII.
    let header =
        prop::collection::vec(any::<u8>().prop_filter("no control", |byte| *byte >= 32 && *byte != 127), 0..40);
    let header = prop_oneof![header, r#"(W/)?"[a-z0-9]{0,16}"(, ?\*)?"#.prop_map(String::into_bytes)];
    let segments = prop::collection::vec(segment, 3);
    let query = prop::collection::vec((name, value), 0..4);
    (segments, query, header, body).prop_map(|(segments, query, header, body)| Attack { segments, query, header, body })
}

impl Attack {
    /// No attack at all: the document's own examples.
    fn none() -> Self {
        Self { segments: vec![None; 3], query: Vec::new(), header: b"*".to_vec(), body: Tampering::Nothing }
    }

    fn call(&self, operation: &Operation) -> Call {
        let names = operation.parameters("path").map(|parameter| parameter.name.as_str());
        let segments = names.zip(&self.segments);
        let values = segments.filter_map(|(name, segment)| Some((name, percent_encoded(segment.as_ref()?))));
        let path = operation.target(&values.collect::<BTreeMap<_, _>>());
        let call = Call::new(operation.method.clone(), format!("{path}{}", self.query(operation)));
        let headers = operation.parameters("header");
        let call = headers.fold(call, |call, parameter: &Parameter| {
            let name: HeaderName = parameter.name.parse().expect("a header's name");
            call.header(name, &self.header)
        });
        match &operation.body {
            Some(example) => call.json(self.body.of(example)),
            None => call,
        }
    }

    fn query(&self, operation: &Operation) -> String {
        let known: Vec<_> = operation.parameters("query").map(|parameter| parameter.name.as_bytes()).collect();
        let pairs = self.query.iter().enumerate().map(|(at, (name, value))| {
            let name = match name {
                Name::Documented(index) if !known.is_empty() => known[index.index(known.len())],
                Name::Documented(_) => b"unknown",
                Name::Arbitrary(name) => name,
            };
            let separator = if at == 0 { '?' } else { '&' };
            format!("{separator}{}={}", percent_encoded(name), percent_encoded(value))
        });
        pairs.collect()
    }
}

impl Tampering {
    fn of(&self, example: &serde_json::Value) -> Bytes {
        let text = example.to_string();
        match self {
            Self::Nothing => text.into(),
            Self::Replaced(bytes) => bytes.clone().into(),
            Self::Spliced(at, cut, put) => {
                let mut bytes = text.into_bytes();
                let at = at.index(bytes.len());
                let end = (at + cut).min(bytes.len());
                bytes.splice(at..end, put.iter().copied());
                bytes.into()
            }
            Self::Member(at, value) => {
                let members = example.as_object().expect("an object");
                let chosen = at.index(members.len());
                let members = members.iter().enumerate().map(|(at, (name, member))| {
                    let value = if at == chosen { value.clone() } else { member.to_string() };
                    format!("{}:{value}", serde_json::json!(name))
                });
                format!("{{{}}}", members.collect::<Vec<_>>().join(",")).into()
            }
        }
    }
}

/// Every byte encoded, so that no client, router or proxy resolves dots or splits at slashes.
fn percent_encoded(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("%{byte:02X}")).collect()
}

/// Checks an answer, and gives its status.
fn check(operation: &Operation, answer: Answer) -> u16 {
    let status = operation.documented(&answer);
    assert!(status < 500 && ![401, 403].contains(&status), "{}: {answer:?}", operation.id);
    if status >= 400 {
        let refusal = answer.refusal();
        assert_eq!(status == 422, !refusal.faults().is_empty(), "{refusal:?}");
        assert!(refusal.faults().len() <= 100);
    }
    status
}

#[test]
fn whatever_is_sent_is_answered_as_the_document_says() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let server = Server::start();
    let operations = Operation::all();
    let config = Config { cases: CASES, max_shrink_iters: 256, failure_persistence: None, ..Config::default() };
    let met = RefCell::new(BTreeSet::new());
    let launch = |attack: &Attack| {
        for operation in &operations {
            let call = operation.allow(attack.call(operation));
            let status = check(operation, runtime.block_on(call.send(&server)));
            met.borrow_mut().insert(status);
        }
    };
    // First the requests that all attacks are made from: they reach what the attacks are to break.
    launch(&Attack::none());
    let found = TestRunner::new(config).run(&attacks(), |attack| {
        launch(&attack);
        Ok(())
    });
    if let Err(found) = found {
        panic!("{found}\n{}", server.log());
    }
    assert!(!server.log().contains("panicked"), "{}", server.log());
    // Attacks that are all turned away at the first door would find nothing.
    let expected = BTreeSet::from([200, 201, 400, 404, 422]);
    assert!(met.borrow().is_superset(&expected), "{met:?}");
}
