//! A document at run time: finds every fault of an input that its type refused.
//!
//! Types stop at the first fault. They are the fast path; only an input that they refuse is held against the document's own JSON Schema.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{JsonType, ValidationError, Validator};
use serde_json::{Map, Value, json};

use super::fault::{Fault, Location, MAX_FAULTS, pointer_token};

/// An OpenAPI 3.1 document, for validating inputs against its schemas.
#[derive(Debug)]
pub struct Document {
    json: Value,
    pub(super) reading: Reading,
    /// By operation and location, compiled when first needed.
    validators: Mutex<HashMap<(&'static str, &'static str), Arc<Validator>>>,
}

/// How a document's requests are read, where its schemas do not say it.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    /// Whether query parameters that the document does not name are refused.
    pub closed: bool,
    /// The largest body that is read, in bytes.
    pub max_body_bytes: usize,
    /// Whether what follows the JSON of a body is left out of account, or else refused.
    pub ignores_rest: bool,
}

impl Document {
    /// Reads a document that was generated into the program.
    pub fn parse(json: &'static str, reading: Reading) -> Self {
        let json = serde_json::from_str(json).expect("the generator writes the document as JSON");
        Self { json, reading, validators: Mutex::default() }
    }

    /// The methods of a path, which is written with its parameters in braces. In upper case, in the document's order.
    pub fn methods(&self, path: &str) -> Vec<String> {
        let item = self.json["paths"][path].as_object();
        item.into_iter().flat_map(Map::keys).map(|method| method.to_ascii_uppercase()).collect()
    }

    /// The faults of the body of `operation` (a JSON pointer to it in the document).
    pub(super) fn body_faults(&self, operation: &'static str, body: &Value) -> Vec<Fault> {
        let validator = self.validator(operation, "body", || {
            let content = self.json.pointer(operation)?.get("requestBody")?.get("content")?;
            content.get("application/json")?.get("schema").cloned()
        });
        faults(&validator, body, Location::Body)
    }

    /// The faults of the parameters of `operation` that are in `place`, given as texts.
    pub(super) fn parameter_faults(
        &self,
        operation: &'static str,
        (place, location): (&'static str, Location),
        pairs: &[(String, String)],
    ) -> Vec<Fault> {
        let parameters: Vec<&Value> = self.parameters(operation, place).collect();
        let validator = self.validator(operation, place, || {
            let schemas: Map<String, Value> =
                parameters.iter().map(|parameter| (name(parameter).to_owned(), parameter["schema"].clone())).collect();
            let required: Vec<&str> = parameters
                .iter()
                .filter(|parameter| parameter["required"] == true)
                .map(|parameter| name(parameter))
                .collect();
            Some(json!({
                "type": "object",
                "properties": schemas,
                "required": required,
                "additionalProperties": !self.reading.closed,
            }))
        });
        let mut given = Map::new();
        let mut repeated = Vec::new();
        for (key, text) in pairs {
            let schema =
                parameters.iter().find(|parameter| name(parameter) == key).map(|parameter| &parameter["schema"]);
            if schema.is_some_and(|schema| schema["type"] == "array") {
                if let Value::Array(items) = given.entry(key.as_str()).or_insert_with(|| json!([])) {
                    items.push(json!(text));
                }
            } else if given.insert(key.clone(), typed(schema, text)).is_some() {
                repeated.push(Fault {
                    location,
                    pointer: format!("/{}", pointer_token(key)),
                    detail: "is given more than once".into(),
                });
            }
        }
        repeated.extend(faults(&validator, &Value::Object(given), location));
        repeated
    }

    /// The parameters of an operation in one place, references resolved.
    fn parameters(&self, operation: &str, place: &str) -> impl Iterator<Item = &Value> {
        let parameters = self.json.pointer(operation).and_then(|operation| operation["parameters"].as_array());
        parameters
            .into_iter()
            .flatten()
            .filter_map(|parameter| match parameter["$ref"].as_str() {
                Some(reference) => self.json.pointer(reference.trim_start_matches('#')),
                None => Some(parameter),
            })
            .filter(move |parameter| parameter["in"] == place)
    }

    /// The compiled schema, with the document's components beside it so that its references resolve.
    fn validator(
        &self,
        operation: &'static str,
        place: &'static str,
        schema: impl FnOnce() -> Option<Value>,
    ) -> Arc<Validator> {
        // A poisoned lock only means that another thread stopped between two insertions.
        let mut validators = self.validators.lock().unwrap_or_else(PoisonError::into_inner);
        let validator = validators.entry((operation, place)).or_insert_with(|| {
            let mut schema = schema().expect("the generator names operations that the document has");
            schema["components"] = self.json["components"].clone();
            let options = jsonschema::draft202012::options().should_validate_formats(true);
            Arc::new(options.build(&schema).expect("the document's schemas are linted"))
        });
        Arc::clone(validator)
    }
}

fn name(parameter: &Value) -> &str {
    parameter["name"].as_str().unwrap_or_default()
}

/// A parameter's text as the type that its schema asks for, where it can be read as one.
fn typed(schema: Option<&Value>, text: &str) -> Value {
    match schema.and_then(|schema| schema["type"].as_str()) {
        Some("integer") => text.parse::<i64>().map_or_else(|_| json!(text), Value::from),
        Some("boolean") => text.parse::<bool>().map_or_else(|_| json!(text), Value::from),
        _ => json!(text),
    }
}

fn faults(validator: &Validator, value: &Value, location: Location) -> Vec<Fault> {
    let found = validator.iter_errors(value).flat_map(|error| describe(&error));
    found.take(MAX_FAULTS).map(|(pointer, detail)| Fault { location, pointer, detail }).collect()
}

/// Where and what: one fault per missing or unknown property. Never repeats the caller's values.
fn describe(error: &ValidationError<'_>) -> Vec<(String, String)> {
    use ValidationErrorKind::{
        AdditionalProperties, Enum, Format, MaxItems, MaxLength, Maximum, MinItems, MinLength, Minimum, OneOfNotValid,
        Pattern, Required, Type,
    };
    let at = error.instance_path();
    let here = |detail: String| vec![(at.as_str().to_owned(), detail)];
    match error.kind() {
        AdditionalProperties { unexpected } => unexpected
            .iter()
            .map(|name| (at.join(name.as_str()).as_str().to_owned(), "is not known here".into()))
            .collect(),
        Required { property } => {
            let property = property.as_str().unwrap_or_default();
            vec![(at.join(property).as_str().to_owned(), "is missing".into())]
        }
        // In a document this is a reference or null, and of what is not null the reference says more.
        OneOfNotValid { context } => {
            let cases = context.iter().filter(|errors| !errors.iter().any(is_no_null));
            cases.flatten().flat_map(describe).collect()
        }
        MinLength { limit: 1 } => here("is empty".into()),
        MinLength { limit } => here(format!("is shorter than {limit} characters")),
        MaxLength { limit } => here(format!("is longer than {limit} characters")),
        MinItems { limit } => here(format!("has fewer than {limit} items")),
        MaxItems { limit } => here(format!("has more than {limit} items")),
        Minimum { limit } => here(format!("is less than {limit}")),
        Maximum { limit } => here(format!("is greater than {limit}")),
        Pattern { pattern } => here(format!("does not match {pattern}")),
        Format { format } => here(format!("is not a valid {format}")),
        Enum { options } => here(format!("is not one of {options}")),
        Type { kind } => here(match kind {
            TypeKind::Single(kind) => format!("is not of type {kind}"),
            TypeKind::Multiple(kinds) => {
                format!("is not of type {}", kinds.iter().map(|kind| kind.to_string()).collect::<Vec<_>>().join(" or "))
            }
        }),
        _ => here("breaks a rule of the document".into()),
    }
}

/// Whether the error says that a value should have been null.
fn is_no_null(error: &ValidationError<'_>) -> bool {
    matches!(error.kind(), ValidationErrorKind::Type { kind: TypeKind::Single(JsonType::Null) })
}
