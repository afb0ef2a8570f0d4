//! Which schemas a request can carry: only they are validated.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::source::Node;

/// The names of the schemas that request bodies refer to, directly or through other schemas.
pub(super) fn of_requests<'s>(root: &Node<'s>) -> BTreeSet<&'s str> {
    let mut reached = BTreeSet::new();
    for (_, path) in root.members_of("paths") {
        for (_, operation) in path.members() {
            if let Some(body) = operation.get("requestBody") {
                visit(root, body.value(), &mut reached);
            }
        }
    }
    reached
}

fn visit<'s>(root: &Node<'s>, value: &'s Value, reached: &mut BTreeSet<&'s str>) {
    match value {
        Value::Object(members) => {
            let reference = members.get("$ref").and_then(Value::as_str);
            let name = reference.and_then(|location| location.strip_prefix("#/components/schemas/"));
            if let Some(name) = name
                && reached.insert(name)
                && let Some(schema) = root.component("schemas", name)
            {
                visit(root, schema.value(), reached);
            }
            for member in members.values() {
                visit(root, member, reached);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| visit(root, item, reached)),
        _ => {}
    }
}
