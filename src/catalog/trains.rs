//! What is latest, by component and train.

use std::collections::HashMap;
use std::sync::Arc;

use crate::store::trains::Latest;

/// What is latest of every train as of one revision.
#[derive(Debug)]
pub struct Trains<A> {
    revision: i64,
    /// A component has a handful of trains, so they are looked through.
    components: HashMap<Box<str>, Box<[Train<A>]>>,
}

/// A train, by its name.
type Train<A> = (Box<str>, Arc<A>);

/// A component with all its trains, by its name.
type Component<A> = (Box<str>, Box<[Train<A>]>);

/// What has changed up to a revision: all trains of each component that has.
#[derive(Debug)]
pub(super) struct Changes<A> {
    pub(super) revision: i64,
    pub(super) components: Vec<Component<A>>,
}

impl<A> Trains<A> {
    /// What is left when everything has changed.
    pub(super) fn new(changes: Changes<A>) -> Self {
        let components = changes.components.into_iter().filter(|(_, trains)| !trains.is_empty());
        Self { revision: changes.revision, components: components.collect() }
    }

    /// What is latest of a train; `None` if nothing of it counts.
    pub fn get(&self, component: &str, train: &str) -> Option<&Arc<A>> {
        let trains = self.components.get(component)?;
        trains.iter().find_map(|(name, latest)| (**name == *train).then_some(latest))
    }

    /// How many trains there are.
    pub fn len(&self) -> usize {
        self.components.values().map(|trains| trains.len()).sum()
    }

    /// Whether nothing was ever published, or everything is yanked.
    pub fn is_empty(&self) -> bool {
        self.components.is_empty()
    }

    pub(super) fn revision(&self) -> i64 {
        self.revision
    }

    /// Takes over changes since this revision or an earlier one. Those that come late change nothing: of two readers the
    /// one with the later revision has seen everything that the other has.
    pub(super) fn apply(&mut self, changes: Changes<A>) {
        if changes.revision <= self.revision {
            return;
        }
        self.revision = changes.revision;
        for (component, trains) in changes.components {
            match trains.is_empty() {
                true => self.components.remove(&component),
                false => self.components.insert(component, trains),
            };
        }
    }
}

/// Every one of these components with its trains, in the order of both; without trains if it has none.
pub(super) fn by_component<A: From<Latest>>(components: &[String], latest: Vec<Latest>) -> Vec<Component<A>> {
    let mut trains: HashMap<String, Vec<Train<A>>> = HashMap::new();
    for latest in latest {
        let train = latest.highest.train.as_str().into();
        trains.entry(latest.highest.component.clone()).or_default().push((train, Arc::new(latest.into())));
    }
    let component = |name: &String| (name.as_str().into(), trains.remove(name).unwrap_or_default().into());
    components.iter().map(component).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(revision: i64, components: &[(&str, &[(&str, i64)])]) -> Changes<i64> {
        let train = |(name, latest): &(&str, i64)| ((*name).into(), Arc::new(*latest));
        let component = |(name, trains): &(&str, &[(&str, i64)])| ((*name).into(), trains.iter().map(train).collect());
        Changes { revision, components: components.iter().map(component).collect() }
    }

    #[test]
    fn what_comes_late_changes_nothing() {
        let mut trains = Trains::new(changes(1, &[("a", &[("beta", 1), ("stable", 1)]), ("b", &[])]));
        trains.apply(changes(3, &[("a", &[("stable", 3)]), ("c", &[("stable", 3)])]));
        trains.apply(changes(2, &[("a", &[("beta", 2)]), ("c", &[])]));
        trains.apply(changes(3, &[("a", &[])]));
        assert_eq!((trains.get("a", "stable").map(|a| **a), trains.get("a", "beta")), (Some(3), None));
        assert_eq!((trains.len(), trains.revision()), (2, 3));
        trains.apply(changes(4, &[("a", &[]), ("c", &[])]));
        assert!(trains.is_empty());
    }
}
