//! The database that a subcommand works on.

use secrecy::SecretString;

use crate::config::{DataDir, Database};
use crate::store::embedded::{Embedded, EmbeddedError};

/// Where the database is.
pub(super) struct Location {
    /// For everything that a transaction is enough for; there may be a pooler in between.
    pub(super) url: SecretString,
    /// For what needs a session of its own.
    pub(super) direct_url: SecretString,
    /// The embedded database, if it is that. It stops when this is dropped.
    pub(super) embedded: Option<Embedded>,
}

/// Finds the database, and starts it if it is the embedded one.
///
/// # Errors
/// If the embedded one does not start.
pub(super) fn open(database: &Database, data_dir: &DataDir) -> Result<Location, EmbeddedError> {
    if let Some(url) = database.url() {
        let direct_url = database.direct_url().unwrap_or_else(|| url.clone());
        return Ok(Location { url, direct_url, embedded: None });
    }
    let embedded = Embedded::start(&data_dir.data_dir)?;
    Ok(embedded_at(embedded.database_url().into(), Some(embedded)))
}

/// Finds the database for a few statements: the embedded one may be in use by a server, which is not disturbed.
///
/// # Errors
/// If the embedded one neither runs nor starts.
pub(super) fn open_shared(database: &Database, data_dir: &DataDir) -> Result<Location, EmbeddedError> {
    match open(database, data_dir) {
        Err(EmbeddedError::InUse { data_dir }) => Ok(embedded_at(Embedded::url_of_running(&data_dir)?.into(), None)),
        opened => opened,
    }
}

fn embedded_at(url: SecretString, embedded: Option<Embedded>) -> Location {
    Location { direct_url: url.clone(), url, embedded }
}
