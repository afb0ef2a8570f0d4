//! What the parser of JSON stumbled over, in words and places that callers know.

use serde_json::error::Category;

use super::Rejection;
use super::fault::pointer_token;

/// Says where the body stops being JSON, without the parser's own words.
pub(super) fn not_json(error: &serde_json::Error) -> Rejection {
    Rejection::NotJson(match error.classify() {
        Category::Eof => "The body ends before its JSON does.".into(),
        // The parser has no other way to tell it apart.
        _ if error.to_string().starts_with("recursion limit exceeded") => {
            "The body is nested more than 127 levels deep.".into()
        }
        _ => format!("The body is not JSON that can be read, at line {}, column {}.", error.line(), error.column()),
    })
}

/// The path of serde's error as a JSON pointer.
pub(super) fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{}", pointer_token(key)),
            Segment::Enum { variant } => format!("/{variant}"),
            Segment::Unknown => String::new(),
        })
        .collect()
}
