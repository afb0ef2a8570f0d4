//! What is latest, as it is answered.

use std::sync::Arc;

use super::{Service, entity_tag};
use crate::contract::legacy::types::ComponentVersion;
use crate::contract::v4::types;
use crate::store::trains::Latest;
use crate::store::{Connection, QueryError, StoreError};
use crate::wire::Written;

/// The answers about a train.
#[derive(Debug)]
pub struct Answers {
    /// The name of the version that is latest in v4.
    pub(super) version: String,
    /// That version.
    pub(super) body: Written<types::Version>,
    /// Its entity tag.
    pub(super) e_tag: String,
    /// The version that is latest in v2 and v3.
    pub(super) legacy: Written<ComponentVersion>,
}

impl From<Latest> for Answers {
    fn from(Latest { highest, newest }: Latest) -> Self {
        let version = highest.version.clone();
        let body = Written::from(highest);
        Self { version, e_tag: entity_tag::of(&body), body, legacy: newest.into() }
    }
}

impl Service {
    /// The answers about these trains, each a component and a train, all as of one moment; `None` for those of which nothing counts.
    ///
    /// # Errors
    /// If something is not known that may have been published since the database was last seen.
    pub(super) fn latest<'a>(
        &self,
        trains: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Vec<Option<Arc<Answers>>>, StoreError> {
        let answers = self.known(trains);
        match answers.iter().any(Option::is_none) && self.catalog.age() > 0 {
            true => Err(StoreError::NoConnection),
            false => Ok(answers),
        }
    }

    /// As [`Service::latest`], for who can do without what is not known.
    pub(super) fn known<'a>(&self, trains: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<Option<Arc<Answers>>> {
        let catalog = self.catalog.read();
        trains.into_iter().map(|(component, train)| catalog.get(component, train).cloned()).collect()
    }

    /// For how many seconds nobody has been able to tell whether the catalog is true.
    pub(super) fn age(&self) -> i64 {
        self.catalog.age().try_into().unwrap_or(i64::MAX)
    }

    /// Changes what is published. The change is in the catalog before it is answered.
    pub(super) async fn change<T, F>(&self, change: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T, QueryError> + Send + 'static,
    {
        let catalog = Arc::clone(&self.catalog);
        let changed = self.store.ask(move |connection| {
            let changed = change(connection)?;
            if let Err(error) = catalog.refresh(connection) {
                // It is made all the same, and the keeper of the catalog will find it.
                tracing::warn!(%error, "a change is not in the catalog yet");
            }
            Ok(changed)
        });
        changed.await
    }
}
