//! Bodies: what is read is what the document's JSON Schema allows.

use std::sync::LazyLock;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use jsonschema::Validator;
use proptest::prelude::*;
use proptest::sample::Index;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use stationmaster::contract::v4::OPENAPI_JSON;
use stationmaster::contract::v4::types::{CheckIn, LatestQuery, NewVersion, VersionChanges, Yank};
use stationmaster::wire::{Input, Rejection};
use validator::Validate;

use crate::DOCUMENT;
use crate::texts::{bytes, text};

/// An operation with a body.
struct Operation {
    pointer: &'static str,
    schema: Validator,
    example: Value,
}

static CHECK_IN: LazyLock<Operation> = LazyLock::new(|| Operation::of("/paths/~1v4~1clusters~1{id}~1checkins/post"));
static LATEST: LazyLock<Operation> = LazyLock::new(|| Operation::of("/paths/~1v4~1versions~1latest/post"));
static PUBLISH: LazyLock<Operation> =
    LazyLock::new(|| Operation::of("/paths/~1v4~1versions~1{component}~1{train}~1{version}/post"));
static AMEND: LazyLock<Operation> =
    LazyLock::new(|| Operation::of("/paths/~1v4~1versions~1{component}~1{train}~1{version}/patch"));
static YANK: LazyLock<Operation> =
    LazyLock::new(|| Operation::of("/paths/~1v4~1versions~1{component}~1{train}~1{version}~1yank/put"));

impl Operation {
    fn of(pointer: &'static str) -> Self {
        let document: Value = serde_json::from_str(OPENAPI_JSON).expect("the document is JSON");
        let content = document.pointer(&format!("{pointer}/requestBody/content/application~1json")).expect("a body");
        let schema = json!({"$ref": content["schema"]["$ref"], "components": document["components"]});
        let options = jsonschema::options().should_validate_formats(true);
        Self { pointer, schema: options.build(&schema).expect("a schema"), example: content["example"].clone() }
    }
}

/// What becomes of an example.
#[derive(Debug, Clone)]
enum Tampering {
    /// Other bytes in its place.
    Replaced(Vec<u8>),
    /// Bytes are cut out, and others put in.
    Spliced(Index, usize, Vec<u8>),
    /// A value somewhere in it is another one.
    Changed(Index, Value),
    /// A value somewhere in it has one more member.
    Added(Index, String, Value),
    /// A member somewhere in it is gone.
    Removed(Index),
    /// A member somewhere in it comes twice.
    Repeated(Index),
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(text(), inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn tampering() -> impl Strategy<Value = Tampering> {
    let at = any::<Index>;
    let name =
        prop_oneof![text(), prop::sample::select(vec!["labels", "metadata", "released"]).prop_map(str::to_owned)];
    prop_oneof![
        bytes().prop_map(Tampering::Replaced),
        (at(), 0..8_usize, bytes()).prop_map(|(at, cut, put)| Tampering::Spliced(at, cut, put)),
        (at(), value()).prop_map(|(at, value)| Tampering::Changed(at, value)),
        (at(), name, value()).prop_map(|(at, name, value)| Tampering::Added(at, name, value)),
        at().prop_map(Tampering::Removed),
        at().prop_map(Tampering::Repeated),
    ]
}

/// The pointers to all values in a value.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| pointers(item, &format!("{at}/{index}"), found))
        }
        Value::Object(members) => {
            for (name, member) in members {
                pointers(member, &format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")), found);
            }
        }
        _ => {}
    }
}

impl Tampering {
    fn of(&self, example: &Value) -> Vec<u8> {
        let mut found = Vec::new();
        pointers(example, "", &mut found);
        let chosen = |at: &Index| &found[at.index(found.len())];
        let mut value = example.clone();
        match self {
            Self::Replaced(bytes) => return bytes.clone(),
            Self::Spliced(at, cut, put) => {
                let mut bytes = example.to_string().into_bytes();
                let at = at.index(bytes.len());
                let end = (at + cut).min(bytes.len());
                bytes.splice(at..end, put.iter().copied());
                return bytes;
            }
            Self::Changed(at, other) => *value.pointer_mut(chosen(at)).expect("it is there") = other.clone(),
            Self::Added(at, name, other) => match value.pointer_mut(chosen(at)).expect("it is there") {
                Value::Array(items) => items.push(other.clone()),
                Value::Object(members) => drop(members.insert(name.clone(), other.clone())),
                leaf => *leaf = other.clone(),
            },
            Self::Removed(at) => {
                let (parent, name) = chosen(at).rsplit_once('/').unwrap_or_default();
                match value.pointer_mut(parent).expect("it is there") {
                    Value::Array(items) => drop(name.parse().map(|at: usize| items.remove(at))),
                    Value::Object(members) => drop(members.shift_remove(name)),
                    _ => {}
                }
            }
            Self::Repeated(at) => {
                let name = chosen(at).rsplit('/').next().unwrap_or_default();
                let text = example.to_string();
                return text.replacen(&format!("\"{name}\":"), &format!("\"{name}\":null,\"{name}\":"), 1).into_bytes();
            }
        }
        value.to_string().into_bytes()
    }
}

/// Reads a body; it must be read only if its schema allows it, and be refused for reasons that are told.
fn check<T: DeserializeOwned + Validate>(operation: &Operation, body: &[u8]) {
    let request = Request::post("/").header(CONTENT_TYPE, "application/json").body(Body::from(body.to_vec()));
    let mut input = Input::new(request.expect("a request"), &DOCUMENT, operation.pointer);
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let json: Option<Value> = serde_json::from_slice(body).ok();
    match runtime.block_on(input.body::<T>()) {
        Ok(Some(_)) => {
            let json = json.expect("what is read is JSON");
            let errors: Vec<String> = operation.schema.iter_errors(&json).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{errors:?}");
        }
        Ok(None) => match input.refuse() {
            Rejection::Invalid(faults) => assert!((1..=100).contains(&faults.len()), "{faults:?}"),
            other => panic!("{other:?}"),
        },
        Err(Rejection::NotJson(detail)) => {
            assert!(!detail.is_empty());
            assert!(json.is_none(), "{json:?}");
        }
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn the_examples_are_read() {
    let body = |operation: &Operation| operation.example.to_string().into_bytes();
    for operation in [&*CHECK_IN, &LATEST, &PUBLISH, &AMEND, &YANK] {
        assert!(operation.schema.is_valid(&operation.example), "{}", operation.pointer);
    }
    check::<CheckIn>(&CHECK_IN, &body(&CHECK_IN));
    check::<LatestQuery>(&LATEST, &body(&LATEST));
    check::<NewVersion>(&PUBLISH, &body(&PUBLISH));
    check::<VersionChanges>(&AMEND, &body(&AMEND));
    check::<Yank>(&YANK, &body(&YANK));
}

proptest! {
    #[test]
    fn a_body_is_read_only_if_the_document_allows_it(tampering in tampering()) {
        check::<CheckIn>(&CHECK_IN, &tampering.of(&CHECK_IN.example));
        check::<LatestQuery>(&LATEST, &tampering.of(&LATEST.example));
        check::<NewVersion>(&PUBLISH, &tampering.of(&PUBLISH.example));
        check::<VersionChanges>(&AMEND, &tampering.of(&AMEND.example));
        check::<Yank>(&YANK, &tampering.of(&YANK.example));
    }
}
