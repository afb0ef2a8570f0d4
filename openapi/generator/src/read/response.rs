//! Reads responses and their headers.

use serde_json::json;

use super::{naming::Scope, types};
use crate::{
    model::{Answer, Content, Header, Operation, Response, ResponseHeader, SharedResponse},
    source::Node,
    status::Status,
};

/// `components/responses`, each with the one status that the operations use it for.
pub(super) fn shared(root: &Node<'_>, operations: &[Operation]) -> Vec<SharedResponse> {
    let responses = root.components("responses").into_iter();
    let mut scope = Scope::default();
    let shared = |(name, node): (&str, Node<'_>)| {
        scope.type_name(&node, name);
        let status = status_of(name, &node, operations)?;
        let response = response(&node)?;
        if response.is_table() {
            node.get("content")?.refuse("only an answer of the operation's own may also be CSV");
        }
        Some(SharedResponse { name: name.to_owned(), status, response })
    };
    responses.filter_map(shared).collect()
}

/// The one status that a shared response is used for. It becomes a type that carries its status.
fn status_of(name: &str, node: &Node<'_>, operations: &[Operation]) -> Option<Status> {
    let mut statuses: Vec<Status> = Vec::new();
    for operation in operations {
        let refusals = operation.refusals.iter();
        let refusals = refusals.map(|refusal| (refusal.status, &refusal.response));
        let successes = operation.successes.iter().filter_map(|success| match &success.answer {
            Answer::Shared(response) => Some((success.status, response)),
            Answer::Own(_) => None,
        });
        for (status, response) in refusals.chain(successes) {
            if response == name && !statuses.contains(&status) {
                statuses.push(status);
            }
        }
    }
    match statuses.as_slice() {
        [status] => Some(*status),
        [] => {
            node.refuse("no operation uses this response");
            None
        }
        several => {
            let codes: Vec<String> = several.iter().map(|status| status.0.to_string()).collect();
            node.refuse(format!("this response is used for several statuses: {}", codes.join(", ")));
            None
        }
    }
}

pub(super) fn response(node: &Node<'_>) -> Option<Response> {
    node.only(&["description", "headers", "content"]);
    let headers = node.members_of("headers");
    // A response's fields are its headers and its body.
    let mut scope = Scope::with(&["body"]);
    for (name, header) in &headers {
        scope.field(header, name);
    }
    let headers = headers.into_iter();
    let headers = headers.filter_map(|(name, header)| response_header(name, &header));
    let headers = headers.collect();
    let content = node.get("content").and_then(|content| self::content(&content));
    Some(Response { description: types::description(node)?, headers, content })
}

/// `components/headers`.
pub(super) fn shared_headers(root: &Node<'_>) -> Vec<(String, Header)> {
    let headers = root.components("headers").into_iter();
    headers.filter_map(|(name, node)| Some((name.to_owned(), header(&node)?))).collect()
}

fn response_header(name: &str, node: &Node<'_>) -> Option<ResponseHeader> {
    let shared = node.reference("headers");
    Some(ResponseHeader {
        name: name.to_owned(),
        shared: shared.map(str::to_owned),
        header: header(&node.resolve("headers")?)?,
    })
}

fn header(node: &Node<'_>) -> Option<Header> {
    node.only(&["description", "required", "schema"]);
    if node.flag("required") != Some(true) {
        node.refuse("the generator knows only response headers that are always there: `required: true`");
    }
    let Some(schema) = node.get("schema") else {
        node.refuse("\"schema\" is missing");
        return None;
    };
    let (description, ty) = (types::description(node), types::header(&schema));
    Some(Header { description: description?, ty: ty? })
}

/// The body of a response: JSON, whose schema has a name, perhaps also as CSV; or text.
fn content(node: &Node<'_>) -> Option<Content> {
    let media_types: Vec<_> = node.members().collect();
    match media_types.as_slice() {
        [(Content::TEXT, body)] => {
            is_text(body);
            Some(Content::Text)
        }
        [(media_type, body)] => {
            body.only(&["schema"]);
            if *media_type != Content::JSON && !media_type.ends_with("+json") {
                body.refuse(format!(
                    "the generator knows JSON and {} only, and {} beside {}",
                    Content::TEXT,
                    Content::CSV,
                    Content::JSON
                ));
            }
            Some(Content::Json { media_type: (*media_type).to_owned(), schema: named_schema(body)? })
        }
        [(Content::JSON, json), (Content::CSV, csv)] => {
            json.only(&["schema"]);
            is_text(csv);
            Some(Content::Table { schema: named_schema(json)? })
        }
        _ => {
            node.refuse(format!("a response has one media type, or {} and then {}", Content::JSON, Content::CSV));
            None
        }
    }
}

/// Refuses a body that is not described as text.
fn is_text(body: &Node<'_>) {
    body.only(&["schema"]);
    if body.get("schema").is_none_or(|schema| *schema.value() != json!({ "type": "string" })) {
        body.refuse("the schema of text is `{ type: string }`");
    }
}

/// The name of a body's schema, which must be a reference.
pub(super) fn named_schema(body: &Node<'_>) -> Option<String> {
    let reference = body.get("schema").and_then(|schema| {
        schema.only(&["$ref"]);
        schema.reference("schemas")
    });
    if reference.is_none() {
        body.refuse("a body's schema is a reference to components/schemas");
    }
    reference.map(str::to_owned)
}
