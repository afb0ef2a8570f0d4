//! The database that a subcommand works on.

use secrecy::SecretString;

use crate::config::{DataDir, Database};
use crate::store::embedded::{Embedded, EmbeddedError};

/// Where the database is; and if it is the embedded one, its server, which stops when it is dropped.
///
/// # Errors
/// If the embedded one does not start.
pub(super) fn open(database: &Database, data_dir: &DataDir) -> Result<(SecretString, Option<Embedded>), EmbeddedError> {
    if let Some(url) = database.url() {
        return Ok((url, None));
    }
    let embedded = Embedded::start(&data_dir.data_dir)?;
    Ok((embedded.database_url().into(), Some(embedded)))
}
