//! Names of components, trains and versions.
//!
//! The document of v4 holds most of these rules as patterns, so that its types refuse what breaks them; `refuse_…` has the rest, and `…_fault` all of
//! it, for names that come from elsewhere.

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

/// What is wrong with the name of a component: it has 1 to 63 characters of `[a-z0-9._-]`, the first a letter or digit, and is not reserved.
pub fn component_fault(name: &str) -> Option<&'static str> {
    match is_lower_case_name(name, 63) {
        true => refuse_component(name),
        false => Some("is not 1 to 63 characters of a-z, 0-9, '.', '_' and '-', beginning with a letter or a digit"),
    }
}

/// What is wrong with the name of a train: it has 1 to 32 characters of `[a-z0-9._-]`, the first a letter or digit.
pub fn train_fault(name: &str) -> Option<&'static str> {
    (!is_lower_case_name(name, 32))
        .then_some("is not 1 to 32 characters of a-z, 0-9, '.', '_' and '-', beginning with a letter or a digit")
}

/// What is wrong with a version: it has 1 to 128 characters of `[0-9A-Za-z.+_-]`, and is not reserved.
pub fn version_fault(name: &str) -> Option<&'static str> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b".+_-".contains(&byte);
    match (1..=128).contains(&name.len()) && name.bytes().all(fits) {
        true => refuse_version(name),
        false => Some("is not 1 to 128 characters of 0-9, A-Z, a-z, '.', '+', '_' and '-'"),
    }
}

fn is_lower_case_name(name: &str, most: usize) -> bool {
    let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let fits = |byte: u8| is_word(byte) || b"._-".contains(&byte);
    name.len() <= most && name.bytes().next().is_some_and(is_word) && name.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_rules() {
        let most = "c".repeat(63);
        for name in ["a", "0", "deis-router", "a.b_c-d", most.as_str()] {
            assert_eq!(component_fault(name), None, "{name}");
        }
        for name in ["", "-a", ".", "A", "a b", "é", "a/b", "latest", "a\0", "c".repeat(64).as_str()] {
            assert!(component_fault(name).is_some(), "{name}");
        }
        assert_eq!(train_fault(&most[..32]), None);
        assert_eq!(train_fault("latest"), None);
        assert!(train_fault(&most[..33]).is_some());
        for name in ["v2.0.0", "2.0.0-beta1+x_y", "R", most.repeat(2).as_str()] {
            assert_eq!(version_fault(name), None, "{name}");
        }
        for name in ["", "latest", ".", "..", "v1 ", "v/1", "é", most.repeat(3).as_str()] {
            assert!(version_fault(name).is_some(), "{name}");
        }
    }

    #[test]
    fn reserved_names() {
        assert!(refuse_component("latest").is_some());
        assert!(refuse_component("latest-thing").is_none());
        assert!(refuse_version("latest").is_some());
        assert!(refuse_version("..").is_some());
        assert!(refuse_version("v1.0.0").is_none());
    }
}
