//! What comes before the body of a request, as texts.

use axum::http::{HeaderMap, header};
use percent_encoding::percent_decode_str;

/// The parameters in a path, by the template that the operation has in the document.
///
/// Bytes that are not UTF-8 once decoded are replaced, which no rule for a parameter accepts.
pub(super) fn path_parameters(operation: &str, path: &str) -> Vec<(String, String)> {
    // "/paths/" comes first; RFC 6901 writes the template's slashes as "~1".
    let template = operation.split('/').nth(2).unwrap_or_default().replace("~1", "/");
    let segments = template.split('/').zip(path.split('/'));
    segments
        .filter_map(|(name, segment)| {
            let name = name.strip_prefix('{')?.strip_suffix('}')?;
            let value = percent_decode_str(segment).decode_utf8_lossy();
            Some((name.to_owned(), value.into_owned()))
        })
        .collect()
}

/// The values of a header as one list (RFC 9110, 5.3). Bytes that are not UTF-8 are replaced, which no rule accepts but those for any text.
pub(super) fn joined(headers: &HeaderMap, name: &str) -> Option<String> {
    let values: Vec<_> = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
    (!values.is_empty()).then(|| values.join(", "))
}

/// What the body is declared as, without parameters and in lower case; empty if it is not.
pub(super) fn media_type(headers: &HeaderMap) -> String {
    let declared = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = declared.and_then(|value| value.split(';').next());
    essence.unwrap_or_default().trim().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::path_parameters;

    #[test]
    fn segments_are_decoded_after_they_are_split() {
        let operation = "/paths/~1v4~1versions~1{component}~1{train}/get";
        let named = |component: &str, train: &str| {
            vec![("component".to_owned(), component.to_owned()), ("train".to_owned(), train.to_owned())]
        };
        assert_eq!(path_parameters(operation, "/v4/versions/a%2Fb/%C3%A9"), named("a/b", "é"));
        assert_eq!(path_parameters(operation, "/v4/versions/%FF/x"), named("\u{fffd}", "x"));
    }
}
