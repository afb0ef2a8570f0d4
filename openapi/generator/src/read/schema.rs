//! Reads `components/schemas`: objects and enumerations, and their properties.

use std::collections::BTreeSet;

use heck::ToUpperCamelCase;
use serde_json::Value;

use super::{reach, types};
use crate::{
    model::{Property, Schema, SchemaKind, Type},
    rules::Rules,
    source::Node,
};

pub(super) fn all(root: &Node<'_>, rules: &Rules) -> Vec<Schema> {
    let in_requests = reach::of_requests(root);
    let Some(components) = root.get("components") else {
        return Vec::new();
    };
    let schemas = components.members_of("schemas").into_iter();
    schemas
        .filter_map(|(name, node)| schema(name, &node, in_requests.contains(name), rules))
        .collect()
}

fn schema(name: &str, node: &Node<'_>, in_requests: bool, rules: &Rules) -> Option<Schema> {
    if name.to_upper_camel_case() != name {
        node.refuse("a schema becomes a type: it is named in UpperCamelCase");
    }
    let kind = match node.text("type")?.as_str() {
        "object" => object(node, in_requests && rules.closed)?,
        "string" => enumeration(node)?,
        other => {
            node.refuse(format!("a schema is an object or an enumeration, not \"{other}\""));
            return None;
        }
    };
    Some(Schema {
        name: name.to_owned(),
        description: types::description(node)?,
        in_requests,
        kind,
    })
}

fn enumeration(node: &Node<'_>) -> Option<SchemaKind> {
    node.only(&["type", "description", "enum"]);
    if node.get("enum").is_none() {
        node.refuse("a string under a name of its own is an enumeration, and this has no \"enum\"");
        return None;
    }
    let value = |value: Node<'_>| match value.value() {
        Value::String(text) => Some(text.clone()),
        _ => {
            value.refuse("this should be a string");
            None
        }
    };
    let values = node.items_of("enum").into_iter().filter_map(value).collect();
    Some(SchemaKind::Enum { values })
}

fn object(node: &Node<'_>, must_be_closed: bool) -> Option<SchemaKind> {
    node.only(&["type", "description", "required", "properties", "additionalProperties"]);
    let closed = match node.get("additionalProperties") {
        None => false,
        Some(additional) if *additional.value() == Value::Bool(false) => true,
        Some(additional) => {
            additional.refuse("an object with properties of its own may only say false here");
            false
        }
    };
    if must_be_closed && !closed {
        node.refuse("a request can carry this, so it must say `additionalProperties: false`");
    }
    if node.get("properties").is_none() {
        node.refuse("an object under a name of its own has \"properties\"");
    }
    let required = required(node);
    let properties = node.members_of("properties").into_iter();
    let properties = properties
        .filter_map(|(name, property)| read_property(name, &property, required.contains(name)))
        .collect();
    Some(SchemaKind::Object { closed, properties })
}

/// The names of the required properties, each of which must be a property.
fn required(node: &Node<'_>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for name in node.items_of("required") {
        match name.value().as_str() {
            Some(text) if node.get("properties").is_some_and(|all| all.get(text).is_some()) => {
                names.insert(text.to_owned());
            }
            _ => name.refuse("this should name a property of the object"),
        }
    }
    names
}

fn read_property(name: &str, node: &Node<'_>, required: bool) -> Option<Property> {
    let (ty, nullable) = types::property(node)?;
    let description = match ty {
        Type::Reference(_) if node.get("description").is_none() => None,
        _ => Some(types::description(node)?),
    };
    let default = types::default(node, &ty);
    if required && default.is_some() {
        node.refuse("a required property has no default");
    }
    if nullable && default.is_some() {
        node.refuse("the generator knows no nullable property with a default");
    }
    let examples = node.items_of("examples").into_iter();
    Some(Property {
        name: name.to_owned(),
        description,
        required,
        nullable,
        ty,
        default,
        examples: examples.map(|example| example.value().clone()).collect(),
    })
}
