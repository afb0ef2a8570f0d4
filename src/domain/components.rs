//! What a cluster runs, as a set.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// A component that a cluster runs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Installed {
    /// The component.
    pub component: String,
    /// The release train.
    pub train: String,
    /// The version that is installed.
    pub version: String,
}

/// A distinct set of components, in order and without repetitions, with the hash it is known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComponentSet {
    components: Vec<Installed>,
    legacy: Option<Value>,
    hash: [u8; 16],
}

impl ComponentSet {
    /// The set of these components: their order and repetitions do not matter.
    pub fn new(components: Vec<Installed>) -> Self {
        Self::of(components, None)
    }

    /// The set of these components, which a check-in of v2 or v3 sent as `legacy`. What was sent differently is another set,
    /// but for the order of properties, which the database does not keep either.
    pub fn with_legacy(components: Vec<Installed>, mut legacy: Value) -> Self {
        legacy.sort_all_objects();
        Self::of(components, Some(legacy))
    }

    fn of(mut components: Vec<Installed>, legacy: Option<Value>) -> Self {
        components.sort_unstable();
        components.dedup();
        // Each text goes in with its length, so that no two different sets are the same bytes.
        let mut digest = Sha256::new();
        for Installed { component, train, version } in &components {
            for text in [component, train, version] {
                digest.update((text.len() as u64).to_be_bytes());
                digest.update(text);
            }
        }
        if let Some(legacy) = &legacy {
            // No length begins with this byte, so no set without it has the same bytes.
            digest.update([0xff]);
            digest.update(legacy.to_string());
        }
        let mut hash = [0; 16];
        hash.copy_from_slice(&digest.finalize()[..16]);
        Self { components, legacy, hash }
    }

    /// The components, by name, train and version.
    pub fn components(&self) -> &[Installed] {
        &self.components
    }

    /// The components as a check-in of v2 or v3 sent them.
    pub fn legacy(&self) -> Option<&Value> {
        self.legacy.as_ref()
    }

    /// The first half of the set's SHA-256: far too wide for two sets of a fleet to meet, even on purpose, and half the bytes in every check-in.
    pub fn hash(&self) -> [u8; 16] {
        self.hash
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn installed(component: &str, train: &str, version: &str) -> Installed {
        Installed { component: component.into(), train: train.into(), version: version.into() }
    }

    #[test]
    fn order_and_repetitions_do_not_matter() {
        let (a, b) = (installed("a", "stable", "1"), installed("b", "stable", "1"));
        let one = ComponentSet::new(vec![a.clone(), b.clone()]);
        assert_eq!(one, ComponentSet::new(vec![b, a.clone(), a]));
        assert_eq!(one.components().len(), 2);
    }

    #[test]
    fn what_was_sent_differently_is_another_set() {
        let set = |legacy| ComponentSet::with_legacy(vec![installed("a", "stable", "1")], legacy).hash();
        let sent = serde_json::json!([{"component": {"name": "a"}}]);
        assert_eq!(set(sent.clone()), set(sent.clone()));
        assert_ne!(set(sent.clone()), set(serde_json::json!([null])));
        assert_ne!(set(sent), ComponentSet::new(vec![installed("a", "stable", "1")]).hash());
        let named = |text| set(serde_json::from_str(text).unwrap());
        assert_eq!(
            named(r#"[{"name": "a", "data": {"x": 1, "y": 2}}]"#),
            named(r#"[{"data": {"y": 2, "x": 1}, "name": "a"}]"#)
        );
    }

    #[test]
    fn texts_do_not_run_into_each_other() {
        let hash = |c, t, v| ComponentSet::new(vec![installed(c, t, v)]).hash();
        assert_ne!(hash("ab", "c", "d"), hash("a", "bc", "d"));
        assert_ne!(hash("a", "b", "cd"), hash("a", "bc", "d"));
    }
}
