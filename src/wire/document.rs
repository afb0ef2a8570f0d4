//! A document at run time: finds every fault of an input that its type refused.
//!
//! Types stop at the first fault. They are the fast path; only an input that they refuse is held against the document's own JSON Schema.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value, json};

use super::fault::{Fault, Location, MAX_FAULTS, pointer_token};
use super::schema::Schema;

/// An OpenAPI 3.1 document, for validating inputs against its schemas.
#[derive(Debug)]
pub struct Document {
    json: Value,
    pub(super) reading: Reading,
    /// By their place in the document, compiled when first needed.
    schemas: Mutex<HashMap<String, Arc<Schema>>>,
}

/// How a document's requests are read, where its schemas do not say it.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    /// Whether query parameters are refused that the document does not name, or that come twice and are no lists.
    /// Otherwise the former do not count, and of the latter the last does.
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
        Self { json, reading, schemas: Mutex::default() }
    }

    /// The methods of a path, which is written with its parameters in braces. In upper case, in the document's order.
    pub fn methods(&self, path: &str) -> Vec<String> {
        let item = self.json["paths"][path].as_object();
        item.into_iter().flat_map(Map::keys).map(|method| method.to_ascii_uppercase()).collect()
    }

    /// The faults of the body of `operation` (a JSON pointer to it in the document).
    pub(super) fn body_faults(&self, operation: &str, body: &Value) -> Vec<Fault> {
        let schema = self.schema(&format!("{operation}/requestBody/content/application~1json/schema"));
        let mut faults = Vec::new();
        self.hold(&schema, body, "", &mut faults);
        faults.truncate(MAX_FAULTS);
        faults
    }

    /// Notes the faults of a part of a body that is `at` this place, until there are enough.
    fn hold(&self, schema: &Schema, value: &Value, at: &str, faults: &mut Vec<Fault>) {
        faults.extend(schema.faults(value, (Location::Body, at)));
        for list in &schema.lists {
            let Some(Value::Array(items)) = value.pointer(&list.at) else {
                continue;
            };
            let schema = self.schema(&list.items);
            for (index, item) in items.iter().enumerate() {
                if faults.len() >= MAX_FAULTS {
                    return;
                }
                self.hold(&schema, item, &format!("{at}{}/{index}", list.at), faults);
            }
        }
    }

    /// The faults of the parameters of `operation` that are in `place`, given as texts.
    pub(super) fn parameter_faults(
        &self,
        operation: &str,
        (place, location): (&str, Location),
        pairs: &[(String, String)],
    ) -> Vec<Fault> {
        let parameters: Vec<&Value> = self.parameters(operation, place).collect();
        let schema = self.compiled(format!("{operation}/{place}"), || {
            let schemas: Map<String, Value> =
                parameters.iter().map(|parameter| (name(parameter).to_owned(), parameter["schema"].clone())).collect();
            let required: Vec<&str> = parameters
                .iter()
                .filter(|parameter| parameter["required"] == true)
                .map(|parameter| name(parameter))
                .collect();
            let schema = json!({
                "type": "object",
                "properties": schemas,
                "required": required,
                "additionalProperties": !self.reading.closed,
            });
            Schema::whole(&self.json, schema)
        });
        let mut given = Map::new();
        let mut repeated = Vec::new();
        for (key, text) in pairs {
            let parameter = parameters.iter().find(|parameter| name(parameter) == key);
            if parameter.is_some_and(|parameter| is_list(parameter)) {
                if let Value::Array(items) = given.entry(key.as_str()).or_insert_with(|| json!([])) {
                    items.push(json!(text));
                }
            } else if given.insert(key.clone(), typed(parameter.map(|it| &it["schema"]), text)).is_some() {
                repeated.push(Fault {
                    location,
                    pointer: format!("/{}", pointer_token(key)),
                    detail: "is given more than once".into(),
                });
            }
        }
        repeated.extend(schema.faults(&Value::Object(given), (location, "")));
        repeated
    }

    /// A query with the last of each parameter alone, and with all of a list.
    pub(super) fn last_of_each(&self, operation: &str, query: &str) -> String {
        let mut pairs = pairs(query);
        let lists: Vec<&str> = self.parameters(operation, "query").filter(|it| is_list(it)).map(name).collect();
        let mut seen = HashSet::new();
        pairs.reverse();
        pairs.retain(|(key, _)| lists.contains(&key.as_str()) || seen.insert(key.clone()));
        pairs.reverse();
        serde_html_form::to_string(pairs).expect("pairs of texts make a query")
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

    /// The schema at this place of the document, without its lists.
    fn schema(&self, pointer: &str) -> Arc<Schema> {
        self.compiled(pointer.to_owned(), || Schema::without_lists(&self.json, pointer))
    }

    fn compiled(&self, place: String, compile: impl FnOnce() -> Schema) -> Arc<Schema> {
        // A poisoned lock only means that another thread stopped between two insertions.
        let mut schemas = self.schemas.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(schemas.entry(place).or_insert_with(|| Arc::new(compile())))
    }
}

/// The parameters of a query. Any text is a list of pairs, so this cannot fail.
pub(super) fn pairs(query: &str) -> Vec<(String, String)> {
    serde_html_form::from_str(query).unwrap_or_default()
}

fn name(parameter: &Value) -> &str {
    parameter["name"].as_str().unwrap_or_default()
}

fn is_list(parameter: &Value) -> bool {
    parameter["schema"]["type"] == "array"
}

/// A parameter's text as the type that its schema asks for, where it can be read as one.
fn typed(schema: Option<&Value>, text: &str) -> Value {
    match schema.and_then(|schema| schema["type"].as_str()) {
        Some("integer") => text.parse::<i64>().map_or_else(|_| json!(text), Value::from),
        Some("boolean") => text.parse::<bool>().map_or_else(|_| json!(text), Value::from),
        _ => json!(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPERATION: &str = "/paths/~1things/post";

    fn document() -> Document {
        let json = r##"{
            "paths": { "/things": { "post": {
                "parameters": [
                    { "in": "query", "name": "since", "schema": { "type": "string" } },
                    { "in": "query", "name": "label", "schema": { "type": "array", "items": { "type": "string" } } }
                ],
                "requestBody": { "content": { "application/json": { "schema": {
                    "oneOf": [{ "type": "null" }, { "$ref": "#/components/schemas/Thing" }]
                } } } }
            } } },
            "components": { "schemas": { "Thing": { "type": "object", "properties": {
                "name": { "type": ["string", "null"] },
                "inner": { "oneOf": [{ "type": "null" }, { "$ref": "#/components/schemas/Leaf" }] },
                "parts/all": { "type": ["array", "null"], "maxItems": 200, "items": {
                    "oneOf": [{ "type": "null" }, { "$ref": "#/components/schemas/Thing" }]
                } }
            } }, "Leaf": { "type": "object", "properties": { "items": { "type": "integer" } } } } }
        }"##;
        Document::parse(json, Reading { closed: false, max_body_bytes: 1 << 20, ignores_rest: true })
    }

    fn faults(body: &Value) -> Vec<String> {
        let faults = document().body_faults(OPERATION, body).into_iter();
        faults.map(|fault| format!("{} {}", fault.pointer, fault.detail)).collect()
    }

    #[test]
    fn what_may_be_null_is_searched_through() {
        assert!(faults(&json!(null)).is_empty());
        assert!(faults(&json!({"name": null, "inner": null, "parts/all": [null, {}]})).is_empty());
        assert_eq!(faults(&json!([])), [" is not of type object"]);
        assert_eq!(
            faults(&json!({"name": 1, "inner": {"items": "x"}, "parts/all": {}})),
            [
                "/name is not of type null or string",
                "/inner/items is not of type integer",
                "/parts~1all is not of type null or array",
            ]
        );
    }

    #[test]
    fn items_are_searched_however_deep() {
        let body = json!({"parts/all": [null, {"parts/all": [{}, {"name": 1}, 2]}, {"inner": 3}]});
        assert_eq!(
            faults(&body),
            [
                "/parts~1all/1/parts~1all/1/name is not of type null or string",
                "/parts~1all/1/parts~1all/2 is not of type object",
                "/parts~1all/2/inner is not of type object",
            ]
        );
    }

    #[test]
    fn of_many_faults_the_first_are_found() {
        let found = faults(&json!({"name": 1, "parts/all": vec![1; 1_000]}));
        assert_eq!(found.len(), MAX_FAULTS);
        assert_eq!(found[..2], ["/name is not of type null or string", "/parts~1all has more than 200 items"]);
        assert_eq!(found[MAX_FAULTS - 1], "/parts~1all/97 is not of type object");
    }

    #[test]
    fn of_a_parameter_that_comes_twice_the_last_counts() {
        let last = |query| document().last_of_each(OPERATION, query);
        assert_eq!(last("since=a&label=x&other&since=&label=y"), "label=x&other=&since=&label=y");
        assert_eq!(last("s%69nce=a&since=%26+b"), "since=%26+b");
        assert_eq!(last(""), "");
    }
}
