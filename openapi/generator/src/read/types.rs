//! Reads the type of a property, a parameter or a header.

use serde_json::{Value, json};

use super::bounds;
use crate::{
    model::{Range, TextBounds, Type},
    source::Node,
};

/// Keywords of a property that say something besides its type.
const ANNOTATIONS: &[&str] = &["description", "examples", "default"];

/// A description. It becomes a doc comment, which cannot begin or end in white space.
pub(super) fn description(node: &Node<'_>) -> Option<String> {
    let text = node.text("description")?;
    if text.is_empty() || text != text.trim() {
        let reason = "a description is not empty, and does not begin or end in white space (`|-` keeps YAML from it)";
        node.get("description")?.refuse(reason);
    }
    Some(text)
}

/// The type of a property, and whether it may be null.
pub(super) fn property(node: &Node<'_>) -> Option<(Type, bool)> {
    if node.get("oneOf").is_some() {
        return Some((Type::Reference(nullable_reference(node, &["description"])?), true));
    }
    if node.get("type").is_none() && node.get("$ref").is_none() {
        // A schema without a type takes anything.
        node.only(&["description"]);
        return Some((Type::Any, false));
    }
    Some((read(node, ANNOTATIONS)?, says_null(node)))
}

/// The type of a parameter.
pub(super) fn parameter(node: &Node<'_>) -> Option<Type> {
    not_null(node, &["default"])
}

/// The type of a response header.
pub(super) fn header(node: &Node<'_>) -> Option<Type> {
    let ty = not_null(node, &[])?;
    let known = match &ty {
        Type::Text(bounds) => *bounds == TextBounds::default(),
        Type::Integer { .. } => true,
        _ => false,
    };
    if !known {
        node.refuse("a response header is a string without bounds, or an integer");
    }
    known.then_some(ty)
}

/// The default, if there is one.
pub(super) fn default(node: &Node<'_>, ty: &Type) -> Option<Value> {
    let default = node.get("default")?;
    let fits = match ty {
        Type::Text(_) => default.value().is_string(),
        Type::Integer { .. } => default.value().is_i64(),
        Type::Boolean => default.value().is_boolean(),
        _ => false,
    };
    if !fits {
        default.refuse("a default is a string, an integer or a boolean, as its type says");
    }
    fits.then(|| default.value().clone())
}

/// The schema's name in `oneOf` a reference and null, in either order, beside which there may be the keywords `also`.
pub(super) fn nullable_reference(node: &Node<'_>, also: &[&str]) -> Option<String> {
    node.only(&[&["oneOf"], also].concat());
    let cases = node.items_of("oneOf");
    let is_null = |case: &&Node<'_>| *case.value() == json!({ "type": "null" });
    let (nulls, others): (Vec<_>, Vec<_>) = cases.iter().partition(is_null);
    match (nulls.as_slice(), others.as_slice()) {
        ([_], [reference]) if reference.get("$ref").is_some() => {
            reference.only(&["$ref"]);
            Some(reference.reference("schemas")?.to_owned())
        }
        _ => {
            node.refuse("the generator knows `oneOf` of a reference and null only");
            None
        }
    }
}

/// The type of a value, whose schema may also have the keywords `also`.
fn read(node: &Node<'_>, also: &[&str]) -> Option<Type> {
    if node.get("$ref").is_some() {
        node.only(&["$ref", "description"]);
        return Some(Type::Reference(node.reference("schemas")?.to_owned()));
    }
    let only = |keywords: &[&str]| node.only(&[&["type"], also, keywords].concat());
    match single_type(node)? {
        "string" => {
            only(&["format", "minLength", "maxLength", "pattern"]);
            string(node)
        }
        "integer" => {
            only(&["format", "minimum", "maximum"]);
            let range = bounds::integer_range(node);
            match node.text("format")?.as_str() {
                "int32" => Some(Type::Integer { bits: 32, range }),
                "int64" => Some(Type::Integer { bits: 64, range }),
                other => unknown_format(node, other),
            }
        }
        "number" => {
            only(&["format", "minimum", "maximum"]);
            match node.text("format")?.as_str() {
                "double" => Some(Type::Number(bounds::range(node))),
                other => unknown_format(node, other),
            }
        }
        "boolean" => {
            only(&[]);
            Some(Type::Boolean)
        }
        "array" => {
            only(&["items", "minItems", "maxItems"]);
            let count = bounds::length(node, "minItems", "maxItems");
            let items = Box::new(items(node)?);
            Some(Type::Array { items, count })
        }
        "object" => {
            only(&["additionalProperties", "propertyNames"]);
            map(node)
        }
        other => {
            node.refuse(format!("the generator does not know the type \"{other}\" here"));
            None
        }
    }
}

/// The one type besides null.
fn single_type<'s>(node: &Node<'s>) -> Option<&'s str> {
    let ty = match node.get("type").map(|ty| ty.value()) {
        Some(Value::String(ty)) => Some(ty.as_str()),
        Some(Value::Array(types)) => match types.as_slice() {
            [Value::String(ty), Value::String(null)] if null == "null" => Some(ty.as_str()),
            _ => None,
        },
        _ => None,
    };
    if ty.is_none() {
        node.refuse("\"type\" should be a type, or an array of a type and \"null\"");
    }
    ty
}

/// Whether the type is one of `[…, 'null']`.
fn says_null(node: &Node<'_>) -> bool {
    node.get("type").is_some_and(|ty| ty.value().is_array())
}

fn not_null(node: &Node<'_>, also: &[&str]) -> Option<Type> {
    if says_null(node) {
        node.refuse("only a property may be null");
    }
    read(node, also)
}

fn string(node: &Node<'_>) -> Option<Type> {
    let bounds = bounds::text(node);
    let Some(format) = node.optional_text("format") else {
        return Some(Type::Text(bounds));
    };
    if bounds != TextBounds::default() {
        node.refuse("a string with a format has no other bounds");
    }
    match format.as_str() {
        "uuid" => Some(Type::Uuid),
        "date-time" => Some(Type::Instant),
        other => unknown_format(node, other),
    }
}

/// The type of an array's items. Strings and numbers may have bounds: the contract checks each of them.
fn items(node: &Node<'_>) -> Option<Type> {
    let Some(items) = node.get("items") else {
        node.refuse("\"items\" is missing");
        return None;
    };
    if items.get("oneOf").is_some() {
        // utoipa has no place for a description here.
        return Some(Type::Nullable(Box::new(Type::Reference(nullable_reference(&items, &[])?))));
    }
    let ty = not_null(&items, &[])?;
    if !matches!(ty, Type::Text(_) | Type::Integer { .. } | Type::Number(_)) && !is_plain(&ty) {
        items.refuse("the generator does not know arrays of this");
    }
    Some(ty)
}

/// An object without properties of its own: free-form, or a map.
fn map(node: &Node<'_>) -> Option<Type> {
    let Some(values) = node.get("additionalProperties") else {
        node.refuse(
            "an object with properties belongs under components/schemas, and one without says `additionalProperties`",
        );
        return None;
    };
    if *values.value() == Value::Bool(true) {
        return Some(Type::FreeForm);
    }
    // utoipa says it of every map, so the document has to.
    if node.get("propertyNames").map(|names| names.value()) != Some(&json!({ "type": "string" })) {
        node.refuse("a map says `propertyNames: { type: string }`");
    }
    let ty = not_null(&values, &[])?;
    if !is_plain(&ty) {
        values.refuse("the generator does not know maps of this");
    }
    Some(Type::Map(Box::new(ty)))
}

/// Whether the Rust type alone says everything of the value.
fn is_plain(ty: &Type) -> bool {
    match ty {
        Type::Text(bounds) => *bounds == TextBounds::default(),
        Type::Integer { range, .. } | Type::Number(range) => *range == Range::default(),
        Type::Uuid | Type::Instant | Type::Boolean | Type::Reference(_) => true,
        Type::FreeForm | Type::Map(_) | Type::Array { .. } | Type::Nullable(_) | Type::Any => false,
    }
}

fn unknown_format(node: &Node<'_>, format: &str) -> Option<Type> {
    node.refuse(format!("the generator does not know the format \"{format}\" here"));
    None
}
