//! Entity tags of versions (RFC 9110, 8.8.3), and the conditions that callers put on them.

use axum::http::HeaderValue;
use headers::{ETag, Header, IfMatch, IfNoneMatch};
use sha2::{Digest, Sha256};

use crate::contract::v4::types::Version;
use crate::wire::Written;

/// The entity tag of a version: a hash of its representation, so it is the same wherever and whenever it is computed.
pub(super) fn of(version: &Written<Version>) -> String {
    let hash = Sha256::digest(version.json());
    let hex: String = hash[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("\"{hex}\"")
}

/// Whether `If-None-Match` says that the caller holds this representation (RFC 9110, 13.1.2).
pub(super) fn is_held(if_none_match: Option<&str>, tag: &str) -> bool {
    let Some((condition, tag)) = if_none_match.and_then(decode::<IfNoneMatch>).zip(tag.parse::<ETag>().ok()) else {
        return false;
    };
    !condition.precondition_passes(&tag)
}

/// Whether `If-Match` holds of this representation (RFC 9110, 13.1.1). What is no list of entity tags holds of none.
pub(super) fn matches(if_match: &str, tag: &str) -> bool {
    let Some((condition, tag)) = decode::<IfMatch>(if_match).zip(tag.parse::<ETag>().ok()) else {
        return false;
    };
    condition.precondition_passes(&tag)
}

fn decode<H: Header>(value: &str) -> Option<H> {
    let value = HeaderValue::from_str(value).ok()?;
    H::decode(&mut std::iter::once(&value)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions() {
        let tag = "\"abc\"";
        for (condition, held) in [
            ("\"abc\"", true),
            ("W/\"abc\"", true),
            ("\"x\", \"abc\"", true),
            ("*", true),
            ("\"x\"", false),
            ("abc", false),
        ] {
            assert_eq!(is_held(Some(condition), tag), held, "{condition}");
        }
        assert!(!is_held(None, tag));
        for (condition, holds) in [
            ("\"abc\"", true),
            ("W/\"abc\"", false),
            ("\"x\", \"abc\"", true),
            ("*", true),
            ("\"x\"", false),
            ("", false),
        ] {
            assert_eq!(matches(condition, tag), holds, "{condition}");
        }
    }
}
