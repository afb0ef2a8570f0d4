//! Properties that come twice. RFC 8259 leaves open which of the two counts, and JSON Schema cannot see them.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::fault::pointer_token;

/// JSON pointers to the properties in this text that come twice. What is no JSON has none.
pub(super) fn pointers(json: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    let scan = Scan { at: String::new(), found: &mut found };
    // An error is a text that is no JSON, which was refused before.
    let _ = scan.deserialize(&mut serde_json::Deserializer::from_slice(json));
    found
}

struct Scan<'a> {
    at: String,
    found: &'a mut Vec<String>,
}

impl<'de> DeserializeSeed<'de> for Scan<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// Scalars have no properties.
macro_rules! nothing_in {
    ($($visit:ident: $kind:ty),*) => {
        $(fn $visit<E>(self, _: $kind) -> Result<(), E> {
            Ok(())
        })*
    };
}

impl<'de> Visitor<'de> for Scan<'_> {
    type Value = ();

    nothing_in!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str);

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        for index in 0.. {
            let item = Scan { at: format!("{}/{index}", self.at), found: &mut *self.found };
            if items.next_element_seed(item)?.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = members.next_key::<String>()? {
            let at = format!("{}/{}", self.at, pointer_token(&name));
            if names.insert(name) {
                members.next_value_seed(Scan { at, found: &mut *self.found })?;
            } else {
                self.found.push(at);
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_second_coming_is_found() {
        let json = br#"{"a": 1, "b/c": [{"x": null, "x": "y", "z": 1.5}, true], "a": {"a": 1, "a": 2}, "A": -1}"#;
        assert_eq!(pointers(json), ["/b~1c/0/x", "/a"]);
        assert!(pointers(b"[]").is_empty());
        assert!(pointers(b"{").is_empty());
    }
}
