//! What the server's code says of itself, through utoipa, is what the document says.
//!
//! The code is generated from the document, so this holds the generator to account: whatever it
//! dropped on the way is missing here. That the document in the program is the one in `openapi/`
//! is checked by `make check-contract`, which also generates everything again.

use serde_json::{Map, Value, json};
use stationmaster::contract::{legacy, v4};
use utoipa::openapi::OpenApi;

#[test]
fn the_code_says_what_the_documents_say() {
    for (document, described) in [(v4(), v4::openapi()), (legacy(), legacy::openapi())] {
        let served = serde_json::to_value(described).expect("a description is JSON");
        assert_same(&document, &served);
    }
}

/// A keyword that utoipa's model does not have would vanish here; then utoipa could not say it either.
#[test]
fn the_documents_survive_utoipas_model() {
    for mut document in [v4(), legacy()] {
        leave_out_untyped(&mut document);
        let model: OpenApi = serde_json::from_value(document.clone()).expect("utoipa reads the document");
        let survived = serde_json::to_value(model).expect("a description is JSON");
        assert_same(&document, &survived);
    }
}

#[test]
fn a_difference_is_seen() {
    let places = [
        "/info/version",
        "/paths/~1v4~1versions/get/responses/200/description",
        "/components/parameters/Limit/schema/maximum",
        "/components/schemas/CheckIn/properties/labels/items/pattern",
        "/components/schemas/TrainSummary/properties/latest/description",
        "/components/responses/TooManyRequests/headers/Retry-After/$ref",
    ];
    for place in places {
        let mut changed = v4();
        *changed.pointer_mut(place).expect(place) = json!("something else");
        assert_ne!(canonical(&v4()), canonical(&changed), "{place}");
    }
}

fn v4() -> Value {
    serde_json::from_str(v4::OPENAPI_JSON).expect("the document is JSON")
}

fn legacy() -> Value {
    serde_json::from_str(legacy::OPENAPI_JSON).expect("the document is JSON")
}

/// Leaves out properties of any type, which utoipa writes and cannot read.
fn leave_out_untyped(node: &mut Value) {
    match node {
        Value::Object(members) => {
            if let Some(Value::Object(properties)) = members.get_mut("properties") {
                let is_typed = |schema: &Value| ["type", "$ref", "oneOf"].iter().any(|key| schema.get(key).is_some());
                properties.retain(|_, schema| is_typed(schema));
                if properties.is_empty() {
                    members.remove("properties");
                }
            }
            members.values_mut().for_each(leave_out_untyped);
        }
        Value::Array(items) => items.iter_mut().for_each(leave_out_untyped),
        _ => {}
    }
}

fn assert_same(document: &Value, other: &Value) {
    let mut differences = Vec::new();
    compare(&canonical(document), &canonical(other), "#", &mut differences);
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
}

/// A document in the one form that utoipa can write. It evens out these limits of utoipa, and nothing else:
///
/// - parameters cannot refer to `components/parameters`: they are compared by value;
/// - a response header cannot say that it is `required`, so nobody says it;
/// - the `required` of an object lists its names in the order of the struct's fields;
/// - a reference that may be null has its description on the reference, and null last.
fn canonical(document: &Value) -> Value {
    let mut canonical = inlined(document, document);
    if let Some(components) = canonical["components"].as_object_mut() {
        components.remove("parameters");
    }
    even(&mut canonical);
    canonical
}

/// The document with every parameter in place of the reference to it.
fn inlined(document: &Value, node: &Value) -> Value {
    match node {
        Value::Object(members) => match members.get("$ref").and_then(Value::as_str) {
            Some(place) if place.starts_with("#/components/parameters/") => {
                document.pointer(&place[1..]).expect(place).clone()
            }
            _ => members.iter().map(|(key, member)| (key.clone(), inlined(document, member))).collect(),
        },
        Value::Array(items) => items.iter().map(|item| inlined(document, item)).collect(),
        other => other.clone(),
    }
}

fn even(node: &mut Value) {
    match node {
        Value::Object(members) => {
            if let Some(Value::Object(headers)) = members.get_mut("headers") {
                headers.values_mut().filter_map(Value::as_object_mut).for_each(|header| {
                    header.remove("required");
                });
            }
            if let Some(Value::Array(names)) = members.get_mut("required") {
                names.sort_by_key(Value::to_string);
            }
            even_nullable_reference(members);
            members.values_mut().for_each(even);
        }
        Value::Array(items) => items.iter_mut().for_each(even),
        _ => {}
    }
}

fn even_nullable_reference(schema: &mut Map<String, Value>) {
    let null = json!({ "type": "null" });
    let Some(Value::Array(cases)) = schema.get_mut("oneOf") else {
        return;
    };
    if !cases.contains(&null) {
        return;
    }
    cases.sort_by_key(|case| *case != null);
    let references = cases.iter_mut().filter_map(Value::as_object_mut);
    let descriptions: Vec<Value> = references.filter_map(|case| case.remove("description")).collect();
    for description in descriptions {
        schema.insert("description".into(), description);
    }
}

/// Notes every place where the two differ.
fn compare(document: &Value, other: &Value, place: &str, differences: &mut Vec<String>) {
    match (document, other) {
        (Value::Object(left), Value::Object(right)) => {
            let only_right = right.keys().filter(|key| !left.contains_key(*key));
            for key in left.keys().chain(only_right) {
                let place = format!("{place}/{}", key.replace('~', "~0").replace('/', "~1"));
                match (left.get(key), right.get(key)) {
                    (Some(left), Some(right)) => compare(left, right, &place, differences),
                    (Some(left), None) => differences.push(format!("{place}: {left} is lost")),
                    (None, right) => differences.push(format!("{place}: {} is made up", right.unwrap_or(&Value::Null))),
                }
            }
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            for (index, (left, right)) in left.iter().zip(right).enumerate() {
                compare(left, right, &format!("{place}/{index}"), differences);
            }
        }
        (left, right) if left == right => {}
        (left, right) => differences.push(format!("{place}: {left} became {right}")),
    }
}
