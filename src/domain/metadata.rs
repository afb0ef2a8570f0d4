//! What a version's metadata may be, besides a JSON object.

use serde_json::{Map, Value};

/// The most bytes, as compact JSON.
const MAX_BYTES: usize = 16 * 1024;

/// The most levels of objects and arrays, the metadata itself included. Readers of JSON commonly stop at 128, and an answer
/// holds the metadata some levels down.
const MAX_DEPTH: usize = 32;

/// Why metadata is refused: JSON pointers (RFC 6901) into it, with what is wrong there. Empty if it is not.
pub fn refuse(metadata: &Map<String, Value>) -> Vec<(String, String)> {
    // Serialising JSON cannot fail; were it to, nothing could be stored either.
    let bytes = serde_json::to_vec(metadata).map_or(usize::MAX, |json| json.len());
    let mut refusals = Vec::new();
    if bytes > MAX_BYTES {
        refusals.push((String::new(), format!("has {bytes} bytes as compact JSON; at most {MAX_BYTES} are kept")));
    }
    in_members(metadata, "", MAX_DEPTH, &mut refusals);
    refusals
}

fn in_members(members: &Map<String, Value>, at: &str, levels: usize, refusals: &mut Vec<(String, String)>) {
    for (name, member) in members {
        // A name as a token of a pointer (RFC 6901, section 3).
        let at = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
        // Postgres cannot hold the character.
        if name.contains('\0') {
            refusals.push((at, "has U+0000 in its name".into()));
        } else {
            in_value(member, &at, levels - 1, refusals);
        }
    }
}

/// `levels` is how many more there may be, this one included.
fn in_value(value: &Value, at: &str, levels: usize, refusals: &mut Vec<(String, String)>) {
    match value {
        Value::String(text) if text.contains('\0') => refusals.push((at.to_owned(), "contains U+0000".into())),
        Value::Array(_) | Value::Object(_) if levels == 0 => {
            refusals.push((at.to_owned(), format!("is nested deeper than {MAX_DEPTH} levels")));
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                in_value(item, &format!("{at}/{index}"), levels - 1, refusals);
            }
        }
        Value::Object(members) => in_members(members, at, levels, refusals),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn pointers(metadata: Value) -> Vec<String> {
        let Value::Object(metadata) = metadata else { panic!("metadata is an object") };
        refuse(&metadata).into_iter().map(|(pointer, _)| pointer).collect()
    }

    #[test]
    fn every_nul_is_found() {
        let metadata = json!({"a/b": ["fine", "nul\0"], "bad\0": 1, "deep": {"x~y": "\0"}, "none": [1, null, true]});
        assert_eq!(pointers(metadata), ["/a~1b/1", "/bad\0", "/deep/x~0y"]);
    }

    #[test]
    fn levels_are_counted() {
        let nested = |levels: usize| (1..levels).fold(json!({}), |inner, _| json!({ "a": inner }));
        assert!(pointers(nested(MAX_DEPTH)).is_empty());
        assert_eq!(pointers(nested(MAX_DEPTH + 1)), ["/a".repeat(MAX_DEPTH)]);
        let in_array = (1..MAX_DEPTH).fold(json!([]), |inner, _| json!([inner]));
        assert_eq!(pointers(json!({ "a": in_array })), [format!("/a{}", "/0".repeat(MAX_DEPTH - 1))]);
    }

    #[test]
    fn bytes_are_counted() {
        let of_bytes = |bytes: usize| json!({ "a": "x".repeat(bytes - r#"{"a":""}"#.len()) });
        assert!(pointers(of_bytes(MAX_BYTES)).is_empty());
        assert_eq!(pointers(of_bytes(MAX_BYTES + 1)), [""]);
    }
}
