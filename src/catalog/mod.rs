//! What is latest of every train, in memory: read without the database, and kept true across replicas.
//!
//! The size is that of what is latest, not of what was ever published.

mod gauges;
mod keeper;
mod trains;

use std::sync::{PoisonError, RwLock, RwLockReadGuard};
use std::time::Instant;

use crate::store::trains::Latest;
use crate::store::{Connection, QueryError, Store, StoreError, catalog};

pub use gauges::Gauges;
pub use keeper::Keeper;
pub use trains::Trains;

/// What is latest of every train, each as an `A`: whatever is made of it to answer with.
#[derive(Debug)]
pub struct Catalog<A> {
    trains: RwLock<Trains<A>>,
    checked: RwLock<Checked>,
}

/// When the catalog was last found to be true.
#[derive(Debug, Clone, Copy)]
struct Checked {
    at: Instant,
    /// Whether the next check has failed.
    failed: bool,
}

impl Checked {
    fn now() -> Self {
        Self { at: Instant::now(), failed: false }
    }
}

impl<A> Catalog<A> {
    /// What is latest, all of it as of one revision. Hold it briefly.
    pub fn read(&self) -> RwLockReadGuard<'_, Trains<A>> {
        // What panics while it holds the lock leaves whole entries behind.
        self.trains.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// For how many seconds nobody has been able to tell whether this is true; 0 while it is known to be, but for the
    /// time that news takes to get here.
    pub fn age(&self) -> u64 {
        let checked = *self.checked.read().unwrap_or_else(PoisonError::into_inner);
        let elapsed = checked.at.elapsed();
        match checked.failed || elapsed > keeper::TRUSTED_FOR {
            true => elapsed.as_secs().max(1),
            false => 0,
        }
    }

    /// Notes that the catalog was found to be true, or could not be checked.
    fn set_checked(&self, succeeded: bool) {
        let mut checked = self.checked.write().unwrap_or_else(PoisonError::into_inner);
        match succeeded {
            true => *checked = Checked::now(),
            false => checked.failed = true,
        }
    }
}

impl<A: From<Latest>> Catalog<A> {
    /// Reads everything.
    ///
    /// # Errors
    /// If the database cannot be asked.
    pub async fn load(store: &Store) -> Result<Self, StoreError>
    where
        A: Send + Sync + 'static,
    {
        let trains = store.run(|connection| read(connection, None).map(Trains::new)).await?;
        Ok(Self { trains: RwLock::new(trains), checked: RwLock::new(Checked::now()) })
    }

    /// Reads what has changed, so that whoever made a change finds it here.
    ///
    /// # Errors
    /// If the database cannot be asked.
    pub fn refresh(&self, connection: &mut Connection) -> Result<(), QueryError> {
        let since = self.read().revision();
        let changes = read(connection, Some(since))?;
        self.trains.write().unwrap_or_else(PoisonError::into_inner).apply(changes);
        Ok(())
    }

    /// Reads everything anew.
    fn reload(&self, connection: &mut Connection) -> Result<(), QueryError> {
        loop {
            let before = self.read().revision();
            let trains = Trains::new(read(connection, None)?);
            let mut current = self.trains.write().unwrap_or_else(PoisonError::into_inner);
            // A change that came in meanwhile may not be among what was read, and whoever made it has been answered.
            if current.revision() == before {
                *current = trains;
                return Ok(());
            }
        }
    }
}

fn read<A: From<Latest>>(connection: &mut Connection, since: Option<i64>) -> Result<trains::Changes<A>, QueryError> {
    let mut components = Vec::new();
    let revision =
        catalog::read(connection, since, |names, latest| components.extend(trains::by_component(names, latest)))?;
    Ok(trains::Changes { revision, components })
}
