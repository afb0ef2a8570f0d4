//! Reads the parameters of an operation.

use serde_json::Value;

use super::{naming::Scope, types};
use crate::{
    model::{Parameter, Type},
    source::Node,
};

/// An operation's parameters by where they are.
#[derive(Default)]
pub(super) struct Parameters {
    pub(super) path: Vec<Parameter>,
    pub(super) query: Vec<Parameter>,
    pub(super) header: Vec<Parameter>,
}

pub(super) fn all(operation: &Node<'_>, path: &str) -> Parameters {
    let mut parameters = Parameters::default();
    let mut scopes: [Scope; 3] = Default::default();
    for node in operation.items_of("parameters") {
        let Some((location, parameter)) = parameter(&node) else {
            continue;
        };
        scopes[location as usize].field(&node, &parameter.name);
        // Their order says nothing, but utoipa keeps them by place, and the documents are compared.
        let late = match location {
            Location::Path => !parameters.query.is_empty() || !parameters.header.is_empty(),
            Location::Query => !parameters.header.is_empty(),
            Location::Header => false,
        };
        if late {
            node.refuse("parameters of the path come first, then those of the query, then headers");
        }
        match location {
            Location::Path => parameters.path.push(parameter),
            Location::Query => parameters.query.push(parameter),
            Location::Header => parameters.header.push(parameter),
        }
    }
    let documented: Vec<&str> = parameters.path.iter().map(|it| it.name.as_str()).collect();
    let in_path: Vec<&str> = placeholders(path).collect();
    if in_path != documented {
        operation.refuse("the parameters of the path should be those in braces, in their order");
    }
    parameters
}

#[derive(Clone, Copy)]
enum Location {
    Path,
    Query,
    Header,
}

fn parameter(reference: &Node<'_>) -> Option<(Location, Parameter)> {
    let node = reference.resolve("parameters")?;
    node.only(&["name", "in", "description", "required", "schema", "example"]);
    let location = match node.text("in")?.as_str() {
        "path" => Location::Path,
        "query" => Location::Query,
        "header" => Location::Header,
        other => {
            node.refuse(format!("the generator does not know parameters in \"{other}\""));
            return None;
        }
    };
    let required = required(&node, location);
    let Some(schema) = node.get("schema") else {
        node.refuse("\"schema\" is missing");
        return None;
    };
    let description = types::description(&node);
    let ty = types::parameter(&schema)?;
    // The server reads paths and headers as strings, and queries as forms.
    let takes = match (location, &ty) {
        (_, Type::Text(_)) => true,
        (_, Type::Reference(name)) if !is_enumeration(&node, name) => false,
        (Location::Header, _) | (_, Type::FreeForm | Type::Map(_) | Type::Any) => false,
        (Location::Path, ty) => matches!(ty, Type::Uuid | Type::Instant | Type::Reference(_)),
        // A text is never null.
        (Location::Query, Type::Array { items, .. }) => !required && !matches!(**items, Type::Nullable(_)),
        (Location::Query, _) => true,
    };
    if !takes {
        schema.refuse("the generator does not know parameters of this type here");
    }
    let default = types::default(&schema, &ty);
    if required && default.is_some() {
        schema.refuse("a required parameter has no default");
    }
    let parameter = Parameter {
        name: node.text("name")?,
        description: description?,
        required,
        ty,
        default,
        example: node.get("example").map(|example| example.value().clone()),
    };
    Some((location, parameter))
}

fn is_enumeration(node: &Node<'_>, schema: &str) -> bool {
    let schema = node.component("schemas", schema);
    schema.is_some_and(|schema| schema.get("enum").is_some())
}

/// Whether the parameter is required. utoipa always says it, so the document has to.
fn required(node: &Node<'_>, location: Location) -> bool {
    let required = node.get("required").map(|required| required.value());
    match (location, required) {
        (_, Some(Value::Bool(true))) => true,
        (Location::Query | Location::Header, Some(Value::Bool(false))) => false,
        (Location::Path, _) => {
            node.refuse("a parameter of the path says `required: true`");
            true
        }
        _ => {
            node.refuse("a parameter says whether it is `required`");
            false
        }
    }
}

/// The names in braces.
fn placeholders(path: &str) -> impl Iterator<Item = &str> {
    path.split('{').skip(1).filter_map(|rest| rest.split('}').next())
}
