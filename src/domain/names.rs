//! Names that the patterns of the document allow and the rules do not.

/// Why a component may not have this name; `None` if it may.
pub fn refuse_component(name: &str) -> Option<&'static str> {
    (name == "latest").then_some("is reserved")
}

/// Why a version may not have this name; `None` if it may.
pub fn refuse_version(name: &str) -> Option<&'static str> {
    match name {
        "latest" => Some("is reserved"),
        // Clients resolve these away in a URL (RFC 3986, 5.2.4): the version could never be read.
        "." | ".." => Some("is no name that a URL can carry"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_names() {
        assert!(refuse_component("latest").is_some());
        assert!(refuse_component("latest-thing").is_none());
        assert!(refuse_version("latest").is_some());
        assert!(refuse_version("..").is_some());
        assert!(refuse_version("v1.0.0").is_none());
    }
}
