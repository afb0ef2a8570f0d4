//! What a document says of itself: its title and licence, servers, tags, and security schemes.

use super::naming::Scope;
use crate::{
    model::{Info, License, SecurityKind, SecurityScheme, Server, Tag},
    source::Node,
};

/// Names of modules that every contract has besides those of its tags.
const TAKEN: &[&str] = &["patterns", "responses", "types"];

pub(super) fn info(root: &Node<'_>) -> Option<Info> {
    let Some(info) = root.get("info") else {
        root.refuse("\"info\" is missing");
        return None;
    };
    info.only(&["title", "version", "description", "license"]);
    Some(Info {
        title: info.text("title")?,
        version: info.text("version")?,
        description: info.text("description")?,
        license: license(&info)?,
    })
}

fn license(info: &Node<'_>) -> Option<License> {
    let Some(license) = info.get("license") else {
        info.refuse("\"license\" is missing, and utoipa would make up one");
        return None;
    };
    license.only(&["name", "identifier"]);
    Some(License { name: license.text("name")?, identifier: license.optional_text("identifier") })
}

pub(super) fn servers(root: &Node<'_>) -> Vec<Server> {
    let servers = root.items_of("servers").into_iter();
    let server = |server: Node<'_>| {
        server.only(&["url", "description"]);
        Some(Server { url: server.text("url")?, description: server.optional_text("description") })
    };
    servers.filter_map(server).collect()
}

/// The declared tags, still without operations.
pub(super) fn tags(root: &Node<'_>) -> Vec<Tag> {
    let tags = root.items_of("tags").into_iter();
    let mut scope = Scope::with(TAKEN);
    let tag = |tag: Node<'_>| {
        tag.only(&["name", "description"]);
        let name = tag.text("name")?;
        scope.function(&tag, &name);
        Some(Tag { name, description: tag.text("description")?, operations: Vec::new() })
    };
    tags.filter_map(tag).collect()
}

pub(super) fn security_schemes(root: &Node<'_>) -> Vec<SecurityScheme> {
    let schemes = root.components("securitySchemes").into_iter();
    let scheme = |(name, scheme): (&str, Node<'_>)| {
        let kind = match (scheme.text("type")?.as_str(), scheme.text("scheme")?.as_str()) {
            ("http", "bearer") => {
                scheme.only(&["type", "scheme", "bearerFormat", "description"]);
                SecurityKind::Bearer { format: scheme.optional_text("bearerFormat") }
            }
            ("http", "basic") => {
                scheme.only(&["type", "scheme", "description"]);
                SecurityKind::Basic
            }
            _ => {
                scheme.refuse("the generator knows bearer tokens and basic credentials only");
                return None;
            }
        };
        Some(SecurityScheme { name: name.to_owned(), kind, description: scheme.text("description")? })
    };
    schemes.filter_map(scheme).collect()
}
