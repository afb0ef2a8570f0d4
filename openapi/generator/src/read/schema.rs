//! Reads `components/schemas`: objects and enumerations, and their properties.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{naming::Scope, reach, types};
use crate::{
    model::{Property, Schema, SchemaKind, Type},
    rules::Rules,
    source::Node,
};

pub(super) fn all(root: &Node<'_>, rules: &Rules) -> Vec<Schema> {
    let in_requests = reach::of_requests(root);
    let mut scope = Scope::default();
    let schemas = root.components("schemas").into_iter();
    let schema = |(name, node): (&str, Node<'_>)| {
        scope.type_name(&node, name);
        schema(name, &node, in_requests.contains(name), rules)
    };
    schemas.filter_map(schema).collect()
}

fn schema(name: &str, node: &Node<'_>, in_requests: bool, rules: &Rules) -> Option<Schema> {
    let description = types::description(node);
    let kind = match node.text("type")?.as_str() {
        "object" => Some(object(node, in_requests && rules.closed)),
        "string" => enumeration(node),
        "integer" => integer(node),
        other => {
            node.refuse(format!("a schema is an object, an enumeration or an integer, not \"{other}\""));
            None
        }
    };
    Some(Schema { name: name.to_owned(), description: description?, in_requests, kind: kind? })
}

fn enumeration(node: &Node<'_>) -> Option<SchemaKind> {
    node.only(&["type", "description", "enum"]);
    if node.get("enum").is_none() {
        node.refuse("a string under a name of its own is an enumeration, and this has no \"enum\"");
        return None;
    }
    let mut scope = Scope::default();
    let value = |value: Node<'_>| match value.value() {
        Value::String(text) => {
            scope.variant(&value, text);
            Some(text.clone())
        }
        _ => {
            value.refuse("this should be a string");
            None
        }
    };
    let values = node.items_of("enum").into_iter().filter_map(value).collect();
    Some(SchemaKind::Enum { values })
}

/// A bare integer, such as a count that is the whole body of an answer.
fn integer(node: &Node<'_>) -> Option<SchemaKind> {
    node.only(&["type", "description", "format"]);
    match node.text("format")?.as_str() {
        "int32" => Some(SchemaKind::Integer { bits: 32 }),
        "int64" => Some(SchemaKind::Integer { bits: 64 }),
        other => {
            node.refuse(format!("the generator does not know the format \"{other}\" here"));
            None
        }
    }
}

fn object(node: &Node<'_>, must_be_closed: bool) -> SchemaKind {
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
    let mut scope = Scope::default();
    let property = |(name, node): (&str, Node<'_>)| {
        scope.field(&node, name);
        property(name, &node, required.contains(name))
    };
    let properties = node.members_of("properties").into_iter();
    let properties = properties.filter_map(property).collect();
    SchemaKind::Object { closed, properties }
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

fn property(name: &str, node: &Node<'_>, required: bool) -> Option<Property> {
    let description = match node.get("$ref").is_some() && node.get("description").is_none() {
        true => None,
        false => types::description(node),
    };
    let (ty, nullable) = types::property(node)?;
    let default = types::default(node, &ty);
    if required && default.is_some() {
        node.refuse("a required property has no default");
    }
    if nullable && default.is_some() {
        node.refuse("the generator knows no nullable property with a default");
    }
    let examples = node.items_of("examples").into_iter();
    if examples.len() > 0 && matches!(ty, Type::Array { .. } | Type::Map(_) | Type::FreeForm | Type::Any) {
        node.refuse("utoipa keeps no examples of arrays and maps");
    }
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
