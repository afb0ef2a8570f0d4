//! What a token allows: its scopes, and the components and trains that it is limited to.

use serde::{Deserialize, Serialize};
use wildmatch::WildMatch;

/// The rights in a token's claims.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Scopes, separated by spaces (RFC 6749, 3.3), such as `versions:publish`.
    #[serde(default)]
    pub scope: String,
    /// Globs, one of which must match the component; absent, all do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub components: Option<Vec<String>>,
    /// Globs, one of which must match the train; absent, all do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trains: Option<Vec<String>>,
}

impl Grant {
    /// What the grant lacks for using `scopes` on `resource` (path parameters by name), as a sentence; `None` if it lacks nothing.
    pub fn lacks(&self, scopes: &[&str], resource: &[(String, String)]) -> Option<String> {
        if let Some(missing) = scopes.iter().find(|scope| !self.scope.split(' ').any(|held| held == **scope)) {
            return Some(format!("The token lacks the scope {missing}."));
        }
        for (name, globs) in [("component", &self.components), ("train", &self.trains)] {
            let value = resource.iter().find(|(parameter, _)| parameter == name).map(|(_, value)| value);
            if let (Some(globs), Some(value)) = (globs, value)
                && !globs.iter().any(|glob| WildMatch::new(glob).matches(value))
            {
                return Some(format!("The token does not cover this {name}."));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(component: &str, train: &str) -> Vec<(String, String)> {
        vec![("component".into(), component.into()), ("train".into(), train.into())]
    }

    #[test]
    fn scopes_are_whole_words() {
        let grant = Grant { scope: "versions:publish clusters:read".into(), ..Grant::default() };
        assert_eq!(grant.lacks(&["clusters:read"], &[]), None);
        assert!(grant.lacks(&["clusters"], &[]).is_some());
        assert!(grant.lacks(&["clusters:write"], &[]).is_some());
        assert!(Grant::default().lacks(&["clusters:read"], &[]).is_some());
    }

    #[test]
    fn globs_limit_components_and_trains() {
        let grant = Grant {
            scope: "versions:publish".into(),
            components: Some(vec!["deis-router".into(), "deis-log*".into()]),
            trains: Some(vec!["*".into()]),
        };
        for (component, allowed) in [
            ("deis-router", true),
            ("deis-logger", true),
            ("deis-router2", false),
            ("xdeis-logger", false),
            ("", false),
        ] {
            assert_eq!(grant.lacks(&["versions:publish"], &at(component, "beta")).is_none(), allowed, "{component}");
        }
        let none = Grant { trains: Some(Vec::new()), ..grant };
        assert!(none.lacks(&["versions:publish"], &at("deis-router", "beta")).is_some());
    }
}
