//! Lowers a document of OpenAPI 3.1 to the part of 3.0 that progenitor reads.
//!
//! What 3.0 can say only in other words is said in those; what it cannot say and no client needs
//! is dropped. The client is checked against the server by the server's own tests.

use serde_json::{Map, Value, json};

use crate::source::{Node, Source};

/// The document in 3.0; `None` if it was refused.
pub(crate) fn lowered(source: &Source) -> Option<Value> {
    let mut document = source.root().value().clone();
    document["openapi"] = json!("3.0.3");
    if let Some(license) = document.pointer_mut("/info/license").and_then(Value::as_object_mut) {
        license.remove("identifier");
    }
    for (path, item) in source.root().members_of("paths") {
        for (method, operation) in item.members() {
            let responses = &mut document["paths"][path][method]["responses"];
            *responses = share_error(&operation)?;
            if operation.items_of("security").len() > 1 {
                take_credentials(&mut document["paths"][path][method]);
            }
        }
    }
    lower(&mut document);
    Some(document)
}

/// The responses of an operation. progenitor takes one type of error per operation: where all
/// refusals have the same body they become `4XX` and `5XX`, which also covers a status that a
/// proxy adds.
fn share_error(operation: &Node<'_>) -> Option<Value> {
    let mut responses = Map::new();
    let mut errors: Vec<(Node<'_>, Value)> = Vec::new();
    for (status, response) in operation.members_of("responses") {
        if status < "400" {
            responses.insert(status.to_owned(), response.value().clone());
            continue;
        }
        let content = response.resolve("responses")?.get("content")?;
        errors.push((response, content.value().clone()));
    }
    if let Some(((first, content), rest)) = errors.split_first() {
        if let Some((other, _)) = rest.iter().find(|(_, other)| other != content) {
            other.refuse("the client takes one type of error per operation, and this is another");
        }
        for range in ["4XX", "5XX"] {
            responses.insert(range.to_owned(), first.value().clone());
        }
    }
    Some(Value::Object(responses))
}

/// Lets each call of an operation show what it has to show: of several kinds of callers one client may speak for many.
/// progenitor leaves credentials to the HTTP client, which shows the same with every call.
fn take_credentials(operation: &mut Value) {
    let parameter = json!({
        "name": "Authorization",
        "in": "header",
        "description": "`Bearer`, a space, and the token of the caller.",
        "schema": { "type": "string" },
    });
    match &mut operation["parameters"] {
        Value::Array(parameters) => parameters.push(parameter),
        none => *none = json!([parameter]),
    }
}

fn lower(node: &mut Value) {
    match node {
        Value::Object(object) => {
            lower_schema(object);
            lower_content(object);
            object.values_mut().for_each(lower);
        }
        Value::Array(items) => items.iter_mut().for_each(lower),
        _ => {}
    }
}

/// Null is no type in 3.0, but a property of one; and a schema has no `examples`.
fn lower_schema(schema: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = schema.get("type") {
        let ty = types.iter().find(|ty| *ty != "null").cloned();
        schema.insert("type".to_owned(), ty.unwrap_or_default());
        schema.insert("nullable".to_owned(), json!(true));
    }
    if let Some(Value::Array(cases)) = schema.remove("oneOf") {
        let null = json!({ "type": "null" });
        let others: Vec<Value> = cases.into_iter().filter(|case| *case != null).collect();
        schema.insert("allOf".to_owned(), Value::Array(others));
        schema.insert("nullable".to_owned(), json!(true));
    }
    if schema.get("examples").is_some_and(Value::is_array) {
        schema.remove("examples");
    }
    schema.remove("propertyNames");
}

/// A problem document is JSON, which is all that progenitor looks for; what is also there as CSV is read as JSON.
fn lower_content(object: &mut Map<String, Value>) {
    let Some(Value::Object(content)) = object.get_mut("content") else {
        return;
    };
    if let Some(problem) = content.remove("application/problem+json") {
        content.insert("application/json".to_owned(), problem);
    }
    content.remove("text/csv");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Document;

    fn lowered_from(text: &str) -> Value {
        let document = Document { name: "v4".to_owned(), text: text.to_owned() };
        let source = Source::parse(&document).expect("YAML");
        lowered(&source).expect("a document that is taken")
    }

    #[test]
    fn null_becomes_nullable() {
        let document = lowered_from(
            "components: { schemas: { Thing: { properties: {
               name: { type: [string, 'null'], maxLength: 9 },
               other: { description: Another., oneOf: [{ type: 'null' }, { $ref: '#/components/schemas/Other' }] }
             } } } }",
        );
        assert_eq!(
            document["components"]["schemas"]["Thing"]["properties"],
            json!({
                "name": { "type": "string", "maxLength": 9, "nullable": true },
                "other": {
                    "description": "Another.",
                    "allOf": [{ "$ref": "#/components/schemas/Other" }],
                    "nullable": true,
                },
            })
        );
    }

    #[test]
    fn refusals_with_one_body_become_ranges() {
        let document = lowered_from(
            "paths: { /things: { get: { responses: {
               '204': { description: None. },
               '404': { $ref: '#/components/responses/NotFound' },
               '503': { $ref: '#/components/responses/Unavailable' }
             } } } }
components:
  responses:
    NotFound: { content: { application/problem+json: { schema: { $ref: '#/components/schemas/Problem' } } } }
    Unavailable: { content: { application/problem+json: { schema: { $ref: '#/components/schemas/Problem' } } } }
  schemas: { Problem: {} }",
        );
        let reference = json!({ "$ref": "#/components/responses/NotFound" });
        assert_eq!(
            document["paths"]["/things"]["get"]["responses"],
            json!({ "204": { "description": "None." }, "4XX": reference, "5XX": reference })
        );
        assert_eq!(
            document["components"]["responses"]["NotFound"]["content"],
            json!({ "application/json": { "schema": { "$ref": "#/components/schemas/Problem" } } })
        );
    }

    #[test]
    fn a_table_is_read_as_json() {
        let document = lowered_from(
            "paths: { /things: { get: { responses: { '200': { content: {
               application/json: { schema: { $ref: '#/components/schemas/Things' } },
               text/csv: { schema: { type: string } }
             } } } } } }",
        );
        assert_eq!(
            document["paths"]["/things"]["get"]["responses"]["200"]["content"],
            json!({ "application/json": { "schema": { "$ref": "#/components/schemas/Things" } } })
        );
    }

    #[test]
    fn a_call_shows_credentials_of_its_own_where_there_are_several_kinds() {
        let document = lowered_from(
            "paths: { /things: {
               get: { security: [{ bearer: [] }, { thing: [] }], responses: { '204': { description: None. } } },
               put: { security: [{ bearer: [] }], responses: { '204': { description: None. } } }
             } }",
        );
        let path = &document["paths"]["/things"];
        assert_eq!(path["get"]["parameters"][0]["name"], "Authorization");
        assert_eq!(path["put"].get("parameters"), None);
    }

    #[test]
    fn what_3_0_does_not_know_is_dropped() {
        let document = lowered_from(
            "openapi: 3.1.0
info: { title: Sample, license: { name: MIT, identifier: MIT } }
components: { schemas: { Thing: { properties: { size: { type: string, examples: [large] } } } } }",
        );
        assert_eq!(
            document,
            json!({
                "openapi": "3.0.3",
                "info": { "title": "Sample", "license": { "name": "MIT" } },
                "components": { "schemas": { "Thing": { "properties": { "size": { "type": "string" } } } } },
            })
        );
    }
}
