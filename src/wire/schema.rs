//! A schema of a document, compiled for finding what is wrong with a value.
//!
//! jsonschema gathers all errors of a value before it gives the first, and a body of a few mebibytes has room for millions.
//! So the schema of a body is compiled without its lists: their items are held against it one by one, until there are enough faults.

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{JsonType, ValidationError, Validator};
use serde_json::Value;

use super::fault::{Fault, Location, MAX_FAULTS, pointer_token};

/// A compiled schema.
#[derive(Debug)]
pub(super) struct Schema {
    validator: Validator,
    /// The lists that it says nothing of but how many items they have.
    pub(super) lists: Vec<List>,
}

/// A list in a value.
#[derive(Debug)]
pub(super) struct List {
    /// Where in the value: a JSON pointer.
    pub(super) at: String,
    /// Where in the document the schema of its items is: a JSON pointer.
    pub(super) items: String,
}

impl Schema {
    /// The schema at this place of a document, without its lists.
    pub(super) fn without_lists(document: &Value, pointer: &str) -> Self {
        let mut schema = document.pointer(pointer).expect("the generator names schemas that the document has").clone();
        leave_out_items(&mut schema);
        let mut schemas = document["components"]["schemas"].clone();
        schemas.as_object_mut().into_iter().flat_map(|schemas| schemas.values_mut()).for_each(leave_out_items);
        let mut lists = Vec::new();
        find_lists(document, pointer, "", &mut lists);
        Self { validator: compile(schema, schemas), lists }
    }

    /// A schema of its own whose references are to a document, with its lists: for values that are short.
    pub(super) fn whole(document: &Value, schema: Value) -> Self {
        Self { validator: compile(schema, document["components"]["schemas"].clone()), lists: Vec::new() }
    }

    /// What is wrong with a value that is `at` this place of a part of a request.
    pub(super) fn faults(&self, value: &Value, (location, at): (Location, &str)) -> Vec<Fault> {
        let found = self.validator.iter_errors(value).flat_map(|error| describe(&error));
        let fault = |(pointer, detail)| Fault { location, pointer: format!("{at}{pointer}"), detail };
        found.take(MAX_FAULTS).map(fault).collect()
    }
}

/// Compiles a schema with the document's schemas beside it, so that its references resolve.
fn compile(mut schema: Value, schemas: Value) -> Validator {
    schema["components"]["schemas"] = schemas;
    let options = jsonschema::draft202012::options().should_validate_formats(true);
    options.build(&schema).expect("the document's schemas are linted")
}

fn leave_out_items(schema: &mut Value) {
    let Some(schema) = schema.as_object_mut() else {
        return;
    };
    schema.remove("items");
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    properties.into_iter().flat_map(|properties| properties.values_mut()).for_each(leave_out_items);
}

/// Finds the lists of the schema at `pointer`, whose value is `at` this place. Those within an item are its own.
fn find_lists(document: &Value, pointer: &str, at: &str, found: &mut Vec<List>) {
    let Some(schema) = document.pointer(pointer) else {
        return;
    };
    if let Some(reference) = schema["$ref"].as_str() {
        return find_lists(document, reference.trim_start_matches('#'), at, found);
    }
    if schema.get("items").is_some() {
        found.push(List { at: at.to_owned(), items: format!("{pointer}/items") });
    }
    for name in schema["properties"].as_object().into_iter().flatten().map(|(name, _)| pointer_token(name)) {
        find_lists(document, &format!("{pointer}/properties/{name}"), &format!("{at}/{name}"), found);
    }
    for case in 0..schema["oneOf"].as_array().map_or(0, Vec::len) {
        find_lists(document, &format!("{pointer}/oneOf/{case}"), at, found);
    }
}

/// Where and what: one fault per missing or unknown property. Never repeats the caller's values.
fn describe(error: &ValidationError<'_>) -> Vec<(String, String)> {
    use ValidationErrorKind::{
        AdditionalProperties, Enum, Format, MaxItems, MaxLength, Maximum, MinItems, MinLength, Minimum, OneOfNotValid,
        Pattern, Required, Type,
    };
    let at = error.instance_path();
    let here = |detail: String| vec![(at.as_str().to_owned(), detail)];
    match error.kind() {
        AdditionalProperties { unexpected } => unexpected
            .iter()
            .map(|name| (at.join(name.as_str()).as_str().to_owned(), "is not known here".into()))
            .collect(),
        Required { property } => {
            let property = property.as_str().unwrap_or_default();
            vec![(at.join(property).as_str().to_owned(), "is missing".into())]
        }
        // In a document this is a reference or null, and of what is not null the reference says more.
        OneOfNotValid { context } => {
            let cases = context.iter().filter(|errors| !errors.iter().any(is_no_null));
            cases.flatten().flat_map(describe).collect()
        }
        MinLength { limit: 1 } => here("is empty".into()),
        MinLength { limit } => here(format!("is shorter than {limit} characters")),
        MaxLength { limit } => here(format!("is longer than {limit} characters")),
        MinItems { limit } => here(format!("has fewer than {limit} items")),
        MaxItems { limit } => here(format!("has more than {limit} items")),
        Minimum { limit } => here(format!("is less than {limit}")),
        Maximum { limit } => here(format!("is greater than {limit}")),
        Pattern { pattern } => here(format!("does not match {pattern}")),
        Format { format } => here(format!("is not a valid {format}")),
        Enum { options } => here(format!("is not one of {options}")),
        Type { kind } => here(match kind {
            TypeKind::Single(kind) => format!("is not of type {kind}"),
            TypeKind::Multiple(kinds) => {
                format!("is not of type {}", kinds.iter().map(|kind| kind.to_string()).collect::<Vec<_>>().join(" or "))
            }
        }),
        _ => here("breaks a rule of the document".into()),
    }
}

/// Whether the error says that a value should have been null.
fn is_no_null(error: &ValidationError<'_>) -> bool {
    matches!(error.kind(), ValidationErrorKind::Type { kind: TypeKind::Single(JsonType::Null) })
}
