//! Properties that come twice. RFC 8259 leaves open which of the two counts, and JSON Schema cannot see them.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::fault::{MAX_FAULTS, pointer_token};

/// JSON pointers to the properties in this text that come twice, as far as an answer lists them. What is no JSON has none.
///
/// They are hardly longer than the text together, however long the names are around what comes twice.
pub(super) fn pointers(json: &[u8]) -> Vec<String> {
    let mut scan = Scan { at: String::new(), found: Vec::new(), room: json.len() };
    // An error is a text that is no JSON, which was refused before.
    let _ = scan.deserialize(&mut serde_json::Deserializer::from_slice(json));
    scan.found
}

struct Scan {
    /// Where the scan is.
    at: String,
    found: Vec<String>,
    /// How many bytes more of pointers to find.
    room: usize,
}

impl Scan {
    fn note(&mut self, name: &str) {
        if self.found.len() < MAX_FAULTS && self.room > 0 {
            let pointer = format!("{}/{}", self.at, pointer_token(name));
            self.room = self.room.saturating_sub(pointer.len());
            self.found.push(pointer);
        }
    }

    /// Goes on within this member or item.
    fn within<T>(&mut self, token: &str, scan: impl FnOnce(&mut Self) -> T) -> T {
        let here = self.at.len();
        self.at.push('/');
        self.at.push_str(token);
        let scanned = scan(self);
        self.at.truncate(here);
        scanned
    }
}

impl<'de> DeserializeSeed<'de> for &mut Scan {
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

impl<'de> Visitor<'de> for &mut Scan {
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
            if self.within(&index.to_string(), |scan| items.next_element_seed(scan))?.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = members.next_key::<String>()? {
            if names.contains(&name) {
                self.note(&name);
                members.next_value::<IgnoredAny>()?;
            } else {
                self.within(&pointer_token(&name), |scan| members.next_value_seed(scan))?;
                names.insert(name);
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
    #[test]
    fn what_is_found_is_bounded() {
        let twice = |times: usize| format!("{}\"a\": 1", "\"a\": 1, ".repeat(times));
        assert_eq!(pointers(format!("{{{}}}", twice(1_000)).as_bytes()).len(), MAX_FAULTS);
        let name = "x".repeat(10_000);
        let json = format!("{{\"{name}\": {{{}}}}}", twice(50));
        assert_eq!(pointers(json.as_bytes()), [format!("/{name}/a"), format!("/{name}/a")]);
    }
}
