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
    let url = SecretString::from(embedded.database_url());
    Ok(Location { direct_url: url.clone(), url, embedded: Some(embedded) })
}
