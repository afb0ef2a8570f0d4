//! What headers a gateway keeps to itself.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

/// What concerns one connection only (RFC 9110, 7.6.1), beside what `Connection` names.
const HOP_BY_HOP: [HeaderName; 6] = [
    header::CONNECTION,
    HeaderName::from_static("proxy-connection"),
    HeaderName::from_static("keep-alive"),
    header::TE,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

pub(super) fn remove_hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|names| names.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named.iter().chain(&HOP_BY_HOP) {
        headers.remove(name);
    }
}

/// Whether a `Via` has `one` among its comma-separated members.
pub(super) fn names(via: &HeaderValue, one: &HeaderValue) -> bool {
    via.as_bytes().split(|byte| *byte == b',').any(|member| member.trim_ascii() == one.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_connection_names_is_removed_too() {
        let pairs = [("connection", "close, X-Mine"), ("x-mine", "1"), ("te", "trailers"), ("x-other", "2")];
        let mut headers: HeaderMap = pairs
            .into_iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().expect("a value")))
            .collect();
        remove_hop_by_hop(&mut headers);
        assert_eq!(headers.keys().map(HeaderName::as_str).collect::<Vec<_>>(), ["x-other"]);
    }

    #[test]
    fn a_member_of_via_is_found() {
        let value = HeaderValue::from_static;
        assert!(names(&value("1.1 a, 1.1 b"), &value("1.1 b")));
        assert!(!names(&value("1.1 ab"), &value("1.1 a")));
    }
}
