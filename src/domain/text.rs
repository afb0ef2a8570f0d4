//! Text that the database cannot hold.

use serde_json::{Map, Value};

/// JSON pointers (RFC 6901) to the strings and property names in these members that contain U+0000, which Postgres refuses; `at` is where they are.
pub fn nul_pointers(members: &Map<String, Value>, at: &str) -> Vec<String> {
    let below = members
        .iter()
        .map(|(name, member)| (format!("{at}/{}", escape(name)), name.contains('\0'), member));
    below
        .flat_map(|(at, is_bad, member)| if is_bad { vec![at] } else { in_value(member, &at) })
        .collect()
}

fn in_value(value: &Value, at: &str) -> Vec<String> {
    match value {
        Value::String(text) if text.contains('\0') => vec![at.to_owned()],
        Value::Array(items) => items
            .iter()
            .enumerate()
            .flat_map(|(index, item)| in_value(item, &format!("{at}/{index}")))
            .collect(),
        Value::Object(members) => nul_pointers(members, at),
        _ => Vec::new(),
    }
}

/// A property name as a token of a JSON pointer (RFC 6901, section 3).
fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_nul_is_found() {
        let value = json!({"a/b": ["fine", "nul\0"], "bad\0": 1, "deep": {"x~y": "\0"}});
        assert_eq!(
            in_value(&value, "/metadata"),
            ["/metadata/a~1b/1", "/metadata/bad\0", "/metadata/deep/x~0y"]
        );
        assert!(in_value(&json!({"fine": [1, null, true]}), "").is_empty());
    }
}
