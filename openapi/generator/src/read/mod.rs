//! Reads a document into the model, and refuses every place that the model cannot hold.
//!
//! A reader answers `None` for what it refused, and reads on: one run names every refusal.

mod bounds;
mod info;
mod naming;
mod operation;
mod parameter;
mod reach;
mod response;
mod schema;
mod types;

use crate::{
    model::{Api, Tag},
    rules,
    source::{Node, Source},
};

/// The document's model; `None` if anything essential of it was refused.
pub(crate) fn api(source: &Source) -> Option<Api> {
    let root = source.root();
    root.only(&["openapi", "info", "servers", "tags", "paths", "components"]);
    if root.text("openapi").is_some_and(|version| version != "3.1.0") {
        root.refuse("the generator reads OpenAPI 3.1.0");
    }
    if let Some(components) = root.get("components") {
        components.only(&["securitySchemes", "parameters", "headers", "responses", "schemas"]);
    }

    let rules = rules::of(source.name());
    let operations = operation::all(&root, rules);
    let responses = response::shared(&root, &operations);
    let schemas = schema::all(&root, rules);
    let tags = tags(&root, operations);
    let api = Api {
        name: source.name().to_owned(),
        rules,
        json: root.value().clone(),
        info: info::info(&root)?,
        servers: info::servers(&root),
        tags,
        security_schemes: info::security_schemes(&root),
        headers: response::shared_headers(&root),
        responses,
        schemas,
    };
    Some(api)
}

/// The tags, each with its operations; an operation under no declared tag was refused before.
fn tags(root: &Node<'_>, operations: Vec<crate::model::Operation>) -> Vec<Tag> {
    let mut tags: Vec<Tag> = info::tags(root);
    for operation in operations {
        if let Some(tag) = tags.iter_mut().find(|tag| tag.name == operation.tag) {
            tag.operations.push(operation);
        }
    }
    tags
}
