//! Publishers: jobs of a CI platform, known by the claims of the tokens that it gives them, and what they may publish.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::{Map, Value};
use wildmatch::WildMatchPattern;

/// The claims of a token, by their names.
pub type Claims = Map<String, Value>;

/// A pattern in which `*` stands for any characters, and nothing else is special: no text of the database has a NUL.
type Pattern = WildMatchPattern<'*', '\0'>;

/// Jobs that may publish, and what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publisher {
    /// Who vouches for them: `iss` of their tokens.
    pub issuer: String,
    /// Whom their tokens are for: `aud` of their tokens, or one of several.
    pub audience: String,
    /// The claims that their tokens have, each with a pattern for its value, where `*` stands for any characters.
    pub claims: BTreeMap<String, String>,
    /// Globs, one of which must match the component.
    pub components: Vec<String>,
    /// Globs, one of which must match the train.
    pub trains: Vec<String>,
}

impl Publisher {
    /// Whether a token of its issuer with these claims belongs to this publisher.
    pub fn matches(&self, claims: &Claims) -> bool {
        let has = |(name, pattern): (&String, &String)| {
            let text = claims.get(name).and_then(text);
            text.is_some_and(|text| Pattern::new(pattern).matches(&text))
        };
        !self.claims.is_empty() && is_for(claims, &self.audience) && self.claims.iter().all(has)
    }
}

/// Whether `aud` is this audience, or has it among others (RFC 7519, 4.1.3).
fn is_for(claims: &Claims, audience: &str) -> bool {
    match claims.get("aud") {
        Some(Value::String(only)) => only == audience,
        Some(Value::Array(several)) => several.iter().any(|one| one == audience),
        _ => false,
    }
}

/// What a pattern is held against: a text itself, a number or truth value as JSON writes it. What is neither matches nothing.
fn text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(text.into()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string().into()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn publisher(claims: &[(&str, &str)]) -> Publisher {
        Publisher {
            issuer: "https://ci.example".into(),
            audience: "stationmaster".into(),
            claims: claims.iter().map(|(name, pattern)| ((*name).into(), (*pattern).into())).collect(),
            components: vec!["*".into()],
            trains: vec!["*".into()],
        }
    }

    fn claims(value: Value) -> Claims {
        let Value::Object(mut claims) = value else { panic!("not an object: {value}") };
        claims.entry("aud").or_insert("stationmaster".into());
        claims
    }

    #[test]
    fn values_match_as_they_are_written_and_by_stars() {
        for (pattern, value, matches) in [
            ("deis/router", json!("deis/router"), true),
            ("deis/router", json!("deis/router2"), false),
            ("deis/router", json!("deis/routers"), false),
            ("deis/router", json!("Deis/router"), false),
            ("deis/*", json!("deis/router"), true),
            ("deis/*", json!("deis/"), true),
            ("deis/*", json!("xdeis/router"), false),
            ("refs/tags/v*.0", json!("refs/tags/v1.2.0"), true),
            ("refs/tags/v*.0", json!("refs/tags/v1.2.01"), false),
            ("what?", json!("what?"), true),
            ("what?", json!("whats"), false),
            ("[a-z]", json!("b"), false),
            ("true", json!(true), true),
            ("true", json!("true"), true),
            ("true", json!(false), false),
            ("74", json!(74), true),
            ("74", json!(740), false),
            ("74", json!(74.5), false),
            ("-1", json!(-1), true),
            ("*", json!(null), false),
            ("*", json!(["a"]), false),
            ("*", json!({"a": "b"}), false),
            ("*", json!(""), true),
            ("*", json!("*"), true),
        ] {
            let publisher = publisher(&[("claim", pattern)]);
            assert_eq!(publisher.matches(&claims(json!({"claim": value}))), matches, "{pattern} and {value}");
        }
    }

    #[test]
    fn every_claim_must_be_there() {
        let publisher = publisher(&[("repository", "deis/router"), ("ref", "*")]);
        assert!(publisher.matches(&claims(json!({"repository": "deis/router", "ref": "refs/heads/main"}))));
        assert!(!publisher.matches(&claims(json!({"repository": "deis/router"}))));
        assert!(!publisher.matches(&claims(json!({"repository": "deis/builder", "ref": "refs/heads/main"}))));
    }

    #[test]
    fn without_any_claim_nobody_is_meant() {
        assert!(!publisher(&[]).matches(&claims(json!({"repository": "deis/router"}))));
    }

    #[test]
    fn the_audience_is_one_of_the_token_s() {
        let publisher = publisher(&[("ref", "main")]);
        for (audience, matches) in [
            (json!("stationmaster"), true),
            (json!(["other", "stationmaster"]), true),
            (json!("stationmasters"), false),
            (json!(["station", "master"]), false),
            (json!([["stationmaster"]]), false),
            (json!({"stationmaster": true}), false),
            (json!(null), false),
        ] {
            let token = claims(json!({"ref": "main", "aud": audience}));
            assert_eq!(publisher.matches(&token), matches, "{token:?}");
        }
    }
}
