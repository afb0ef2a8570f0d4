//! What check-ins of the old database ran.

use std::collections::HashMap;

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::body;
use crate::domain::components::ComponentSet;
use crate::store::{Connection, QueryError, imports};

/// How many bodies are remembered. A fleet has few that are different.
const KNOWN: usize = 10_000;

/// How many sets are held in memory until they are written.
const NEW: usize = 250;

/// The sets of check-ins: each different body is read once, and its set written once.
///
/// They are written ahead of the check-ins, and not in their transaction: sets are never deleted, and one without a check-in does no harm.
#[derive(Default)]
pub(super) struct Sets {
    known: HashMap<[u8; 32], Result<[u8; 16], &'static str>>,
    new: Vec<ComponentSet>,
}

impl Sets {
    /// The hash of the set that a cluster reported.
    ///
    /// # Errors
    /// Why it cannot be kept.
    pub(super) fn hash(&mut self, cluster: Uuid, data: Option<&str>) -> Result<[u8; 16], &'static str> {
        let key = key(cluster, data.unwrap_or("null"));
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let set = body::cluster(data).map(|kept| kept.components);
        let hash = set.as_ref().map(ComponentSet::hash).map_err(|reason| *reason);
        self.new.extend(set);
        if self.known.len() >= KNOWN {
            self.known.clear();
        }
        self.known.insert(key, hash);
        hash
    }

    /// Writes the sets that are new, if they are many.
    ///
    /// # Errors
    /// What the database refuses.
    pub(super) fn write_many(&mut self, connection: &mut Connection) -> Result<(), QueryError> {
        if self.new.len() >= NEW { self.write(connection) } else { Ok(()) }
    }

    /// Writes the sets that are new.
    ///
    /// # Errors
    /// What the database refuses.
    pub(super) fn write(&mut self, connection: &mut Connection) -> Result<(), QueryError> {
        imports::write_sets(connection, self.new.iter())?;
        self.new.clear();
        Ok(())
    }
}

/// Tells bodies apart by all but the id of the cluster, on which its set does not depend.
///
/// What is left out is the value of a property that is called `id`, or ends like that. None of those is kept in a set, wherever in the body it is.
fn key(cluster: Uuid, data: &str) -> [u8; 32] {
    let is_id =
        |before: &str| before.trim_end().strip_suffix(':').is_some_and(|name| name.trim_end().ends_with("\"id\""));
    let parts = data.split_once(&format!("\"{cluster}\"")).filter(|(before, _)| is_id(before));
    let (before, after) = parts.unwrap_or((data, ""));
    let mut digest = Sha256::new();
    digest.update([u8::from(parts.is_some())]);
    digest.update((before.len() as u64).to_be_bytes());
    digest.update(before);
    digest.update(after);
    digest.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Uuid = Uuid::from_u128(1);
    const TWO: Uuid = Uuid::from_u128(2);

    #[test]
    fn the_id_makes_no_difference() {
        for template in [r#"{"components":[],"id":"ID"}"#, r#"{"id" : "ID", "components" : []}"#] {
            let key = |id: Uuid| key(id, &template.replace("ID", &id.to_string()));
            assert_eq!(key(ONE), key(TWO), "{template}");
        }
    }

    #[test]
    fn all_else_does() {
        let named = |id: Uuid| format!(r#"{{"components":[{{"component":{{"name":"{id}"}}}}],"id":"{id}"}}"#);
        assert_ne!(key(ONE, &named(ONE)), key(TWO, &named(TWO)), "a name that looks like the id");
        let listed = |id: Uuid| format!(r#"{{"components":["{id}"]}}"#);
        assert_ne!(key(ONE, &listed(ONE)), key(TWO, &listed(TWO)));
        let quoted = |id: Uuid| format!(r#"{{"components":[{{"component":{{"name":"\"id\":\"{id}"}}}}]}}"#);
        assert_ne!(key(ONE, &quoted(ONE)), key(TWO, &quoted(TWO)), "a text with quotes in it");
        assert_ne!(key(ONE, "{}"), key(ONE, "{ }"));
    }

    #[test]
    fn a_body_is_read_once() {
        let mut sets = Sets::default();
        let body = |id: Uuid, version: &str| {
            format!(
                r#"{{"components":[{{"component":{{"name":"a"}},"version":{{"train":"t","version":"{version}"}}}}],"id":"{id}"}}"#
            )
        };
        let first = sets.hash(ONE, Some(&body(ONE, "1")));
        assert_eq!(sets.hash(TWO, Some(&body(TWO, "1"))), first);
        assert_eq!(sets.new.len(), 1);
        assert_ne!(sets.hash(TWO, Some(&body(TWO, "2"))), first);
        assert_eq!(sets.new.len(), 2);
        for _ in 0..2 {
            assert_eq!(sets.hash(ONE, None), Err("data is null"));
            assert_eq!(sets.hash(ONE, Some("[]")), Err("data is no object"));
        }
        assert_eq!(sets.new.len(), 2);
    }
}
