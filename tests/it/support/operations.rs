//! The operations that the document names, so that a new one is covered by itself.

use std::collections::{BTreeMap, BTreeSet};

use hyper::Method;
use hyper::header::HeaderName;
use serde_json::Value;
use stationmaster::contract::v4::OPENAPI_JSON;

use super::{Answer, Call, token};

/// An operation, with the document's own examples of how to call it.
#[derive(Debug, Clone)]
pub(crate) struct Operation {
    pub(crate) id: String,
    pub(crate) method: Method,
    path: String,
    parameters: Vec<Parameter>,
    /// The scopes that its token needs; none when anyone may call it.
    pub(crate) scopes: Option<Vec<String>>,
    /// Whether it may be called with the token of a cluster.
    pub(crate) takes_cluster_tokens: bool,
    /// An example of its body, if it has one.
    pub(crate) body: Option<Value>,
    /// What it may be answered: statuses, with the headers of each.
    answers: BTreeMap<u16, Vec<String>>,
}

#[derive(Debug, Clone)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    /// `path`, `query` or `header`.
    pub(crate) place: String,
    example: Option<String>,
    is_required: bool,
}

impl Operation {
    /// Every operation of the document.
    pub(crate) fn all() -> Vec<Self> {
        let document: Value = serde_json::from_str(OPENAPI_JSON).expect("the document is JSON");
        let paths = document["paths"].as_object().expect("paths");
        let operations = paths
            .iter()
            .flat_map(|(path, item)| item.as_object().expect("a path item").iter().map(move |it| (path, it)));
        let operations: Vec<_> =
            operations.map(|(path, (method, operation))| Self::read(&document, path, method, operation)).collect();
        assert!(operations.len() >= 17, "{operations:?}");
        operations
    }

    /// Those that need a token, with the scopes that they need.
    pub(crate) fn secured() -> Vec<(Self, Vec<String>)> {
        let secured = Self::all().into_iter().filter_map(|operation| {
            let scopes = operation.scopes.clone()?;
            Some((operation, scopes))
        });
        secured.collect()
    }

    /// Those that look at a token if there is one.
    pub(crate) fn taking_tokens() -> Vec<Self> {
        let mut operations = Self::all();
        operations.retain(|operation| operation.scopes.is_some() || operation.takes_cluster_tokens);
        operations
    }

    /// Those that document this refusal.
    pub(crate) fn documenting(status: u16) -> Vec<Self> {
        let mut operations = Self::all();
        operations.retain(|operation| operation.answers.contains_key(&status));
        assert!(!operations.is_empty(), "no operation documents {status}");
        operations
    }

    fn read(document: &Value, path: &str, method: &str, operation: &Value) -> Self {
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let responses = operation["responses"].as_object().expect("responses").iter();
        let answers = responses.map(|(status, response)| {
            let headers = resolve(document, response)["headers"].as_object().expect("headers");
            (status.parse().expect("a status"), headers.keys().cloned().collect())
        });
        let requirements: Vec<&Value> = operation["security"].as_array().into_iter().flatten().collect();
        let scopes = requirements.iter().find_map(|requirement| requirement.get("bearer"));
        Self {
            id: text(&operation["operationId"]),
            method: method.to_uppercase().parse().expect("a method"),
            path: path.to_owned(),
            parameters: parameters.map(|it| Parameter::read(resolve(document, it))).collect(),
            scopes: scopes.map(|scopes| serde_json::from_value(scopes.clone()).expect("scopes of bearer")),
            takes_cluster_tokens: requirements.iter().any(|requirement| requirement.get("cluster").is_some()),
            body: operation.get("requestBody").map(|body| {
                let example = &body["content"]["application/json"]["example"];
                assert!(example.is_object(), "{path} has an example");
                example.clone()
            }),
            answers: answers.collect(),
        }
    }

    /// The status of an answer, which must be as the document says, with all its headers.
    #[track_caller]
    pub(crate) fn documented(&self, answer: &Answer) -> u16 {
        let headers = self.answers.get(&answer.status);
        let headers = headers.unwrap_or_else(|| panic!("{} may not be answered with {answer:?}", self.id));
        for header in headers {
            answer.header(header);
        }
        answer.status
    }

    /// The parameters in this place: `path`, `query` or `header`.
    pub(crate) fn parameters(&self, place: &str) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().filter(move |parameter| parameter.place == place)
    }

    /// Its path, with these values for parameters and the document's examples for the others. The values are taken as they are.
    pub(crate) fn target(&self, values: &BTreeMap<&str, String>) -> String {
        self.parameters("path").fold(self.path.clone(), |path, parameter| {
            let name = parameter.name.as_str();
            let value = values.get(name).or(parameter.example.as_ref());
            path.replace(&format!("{{{name}}}"), value.expect("path parameters have examples"))
        })
    }

    /// Its path with what it needs in its query, as the document has them in its examples, and with these besides.
    pub(crate) fn target_with(&self, more: &[&str]) -> String {
        let needed = self.parameters("query").filter(|parameter| parameter.is_required).map(|parameter| {
            let example = parameter.example.as_ref().expect("what is needed has an example");
            format!("{}={example}", parameter.name)
        });
        let query: Vec<String> = needed.chain(more.iter().map(|pair| (*pair).to_owned())).collect();
        let separator = if query.is_empty() { "" } else { "?" };
        format!("{}{separator}{}", self.target(&BTreeMap::new()), query.join("&"))
    }

    /// A call without its body or a token, to the path, and with the headers and whatever it needs in its query, that the
    /// document has as examples.
    pub(crate) fn bare_call(&self) -> Call {
        let call = Call::new(self.method.clone(), self.target_with(&[]));
        self.parameters("header").fold(call, |call, parameter| {
            let name: HeaderName = parameter.name.parse().expect("a header's name");
            call.header(name, parameter.example.as_ref().expect("headers have examples"))
        })
    }

    /// A call without a token, as the document has it in its examples.
    pub(crate) fn call(&self) -> Call {
        self.with_body(self.bare_call())
    }

    /// The call with a token that allows it, where it needs one.
    pub(crate) fn allow(&self, call: Call) -> Call {
        match self.takes_cluster_tokens && self.scopes.is_none() {
            true => call,
            false => call.token(&token_for_all()),
        }
    }

    /// A call to another target, with the body that the document has as example and nothing else.
    pub(crate) fn call_at(&self, target: impl Into<String>) -> Call {
        self.with_body(Call::new(self.method.clone(), target))
    }

    fn with_body(&self, call: Call) -> Call {
        match &self.body {
            Some(body) => call.json(body.to_string()),
            None => call,
        }
    }
}

impl Parameter {
    fn read(parameter: &Value) -> Self {
        Self {
            name: text(&parameter["name"]),
            place: text(&parameter["in"]),
            example: parameter.get("example").map(text),
            is_required: parameter["required"] == true,
        }
    }
}

/// A token that allows every operation.
pub(crate) fn token_for_all() -> String {
    token(&all_scopes().join(" "))
}

/// Every scope that an operation needs.
pub(crate) fn all_scopes() -> Vec<String> {
    let secured = Operation::secured().into_iter();
    let scopes: BTreeSet<_> = secured.flat_map(|(_, scopes)| scopes).collect();
    scopes.into_iter().collect()
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(reference) => document.pointer(&reference[1..]).expect("a reference that resolves"),
        None => value,
    }
}
