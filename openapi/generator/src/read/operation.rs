//! Reads the operations, in the document's order.

use super::{naming::Scope, parameter, response, types};
use crate::{
    model::{Answer, Body, Operation, Refusal, Requirement, Security, Success},
    rules::Rules,
    source::Node,
    status::Status,
};

/// The methods of a path, as the document writes them.
const METHODS: &[&str] = &["get", "put", "post", "delete", "head", "patch"];

pub(super) fn all(root: &Node<'_>, rules: &Rules) -> Vec<Operation> {
    let tags: Vec<String> =
        root.items_of("tags").iter().filter_map(|tag| tag.get("name")?.value().as_str().map(str::to_owned)).collect();
    let mut operations = Vec::new();
    let mut scope = Scope::default();
    for (path, item) in root.members_of("paths") {
        item.only(METHODS);
        for (method, node) in item.members() {
            let Some(method) = METHODS.iter().find(|known| **known == method) else {
                continue;
            };
            let operation = operation(&node, method, path, &tags);
            if !operation.id.is_empty() {
                scope.function(&node, &operation.id);
            }
            obey(rules, &operation, &node);
            operations.push(operation);
        }
    }
    operations
}

/// Refuses an operation that lacks a status which the rules demand.
fn obey(rules: &Rules, operation: &Operation, node: &Node<'_>) {
    for demand in rules.demands.iter().filter(|demand| (demand.applies)(operation)) {
        for status in demand.statuses {
            if !operation.refusals.iter().any(|refusal| refusal.status == *status) {
                node.refuse(format!("an operation {} documents {}", demand.kind, status.0));
            }
        }
    }
}

fn operation(node: &Node<'_>, method: &'static str, path: &str, tags: &[String]) -> Operation {
    node.only(&[
        "tags",
        "operationId",
        "summary",
        "description",
        "deprecated",
        "security",
        "parameters",
        "requestBody",
        "responses",
    ]);
    // What is missing was refused, and then nothing is emitted: a placeholder will do.
    let text = |key| node.text(key).unwrap_or_default();
    let parameters = parameter::all(node, path);
    let body = node.get("requestBody").and_then(|body| self::body(&body));
    let (successes, refusals) = answers(node);
    Operation {
        id: text("operationId"),
        tag: tag(node, tags).unwrap_or_default(),
        method,
        path: path.to_owned(),
        pointer: node.pointer().to_owned(),
        summary: text("summary"),
        description: text("description"),
        deprecated: node.flag("deprecated").unwrap_or(false),
        security: security(node),
        path_parameters: parameters.path,
        query_parameters: parameters.query,
        header_parameters: parameters.header,
        body,
        successes,
        refusals,
    }
}

/// The one tag of the operation, which must be declared.
fn tag(node: &Node<'_>, declared: &[String]) -> Option<String> {
    let tags = node.items_of("tags");
    let [tag] = tags.as_slice() else {
        node.refuse("an operation has exactly one tag");
        return None;
    };
    let name = tag.value().as_str()?;
    if !declared.iter().any(|declared| declared == name) {
        tag.refuse("the document does not declare this tag");
        return None;
    }
    Some(name.to_owned())
}

/// What the caller needs; none if anyone may call.
fn security(node: &Node<'_>) -> Option<Security> {
    let security = node.get("security")?;
    let items = node.items_of("security");
    // utoipa can say of an operation that anyone may call it only in front of the rest.
    let (optional, items) = match items.split_first() {
        Some((first, rest)) if first.members().next().is_none() => (true, rest),
        _ => (false, items.as_slice()),
    };
    if items.is_empty() {
        security.refuse("names no security scheme; leave it out where anyone may call");
        return None;
    }
    let requirements = items.iter().filter_map(|item| requirement(node, item)).collect();
    Some(Security { optional, requirements })
}

/// One of the alternatives.
fn requirement(operation: &Node<'_>, node: &Node<'_>) -> Option<Requirement> {
    let members: Vec<_> = node.members().collect();
    let [(scheme, scopes)] = members.as_slice() else {
        node.refuse("a security requirement is one scheme with its scopes; the empty one comes first");
        return None;
    };
    if operation.component("securitySchemes", scheme).is_none() {
        scopes.refuse("the document has no security scheme of this name");
    }
    let texts = scopes.value().as_array().into_iter().flatten();
    let scopes = texts.filter_map(|scope| scope.as_str().map(str::to_owned));
    Some(Requirement { scheme: (*scheme).to_owned(), scopes: scopes.collect() })
}

fn body(node: &Node<'_>) -> Option<Body> {
    node.only(&["description", "required", "content"]);
    if node.flag("required") != Some(true) {
        node.refuse("the generator knows required bodies only: `required: true`");
    }
    let content = node.get("content");
    let content = content.and_then(|content| {
        content.only(&["application/json"]);
        content.get("application/json")
    });
    let Some(content) = content else {
        node.refuse("a body's \"content\" is \"application/json\"");
        return None;
    };
    content.only(&["schema", "example"]);
    let schema = content.get("schema");
    let nullable = schema.as_ref().is_some_and(|schema| schema.get("oneOf").is_some());
    let name = match &schema {
        // utoipa has no place for a description here.
        Some(schema) if nullable => types::nullable_reference(schema, &[])?,
        _ => response::named_schema(&content)?,
    };
    let is_object = |component: Node<'_>| component.get("type").is_some_and(|ty| *ty.value() == "object");
    if !node.component("schemas", &name).is_some_and(is_object) {
        schema?.refuse("the generator knows bodies of requests that are objects only");
    }
    Some(Body {
        schema: name,
        nullable,
        description: node.optional_text("description"),
        example: content.get("example").map(|example| example.value().clone()),
    })
}

/// The operation's responses: those that succeed, and those that refuse.
fn answers(node: &Node<'_>) -> (Vec<Success>, Vec<Refusal>) {
    let (mut successes, mut refusals) = (Vec::new(), Vec::new());
    for (code, answer) in node.members_of("responses") {
        let Some(status) = Status::parse(code) else {
            answer.refuse(format!("the generator has no name for the status {code}"));
            continue;
        };
        let shared = answer.reference("responses").map(str::to_owned);
        match (status.is_refusal(), shared) {
            (true, Some(response)) => refusals.push(Refusal { status, response }),
            (true, None) if answer.get("$ref").is_some() => {}
            (true, None) => answer.refuse("a refusal is one of components/responses"),
            (false, Some(response)) => successes.push(Success { status, answer: Answer::Shared(response) }),
            (false, None) => {
                if let Some(response) = response::response(&answer) {
                    let answer = Answer::Own(response);
                    successes.push(Success { status, answer });
                }
            }
        }
    }
    let codes = node.members_of("responses").into_iter();
    if !codes.filter_map(|(code, _)| Status::parse(code)).any(|status| !status.is_refusal()) {
        node.refuse("an operation documents an answer that is no refusal");
    }
    (successes, refusals)
}
