//! Bringing a database up to date.

use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel::{Connection as _, ConnectionError};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use secrecy::{ExposeSecret, SecretString};

use super::{Connection, pool};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!();

/// The key of the advisory lock under which migrations run: "stations" as a number.
const LOCK: i64 = 0x7374_6174_696f_6e73;

/// Why a database could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The database cannot be reached.
    #[error("cannot connect to the database: {0}; is it running, and is DATABASE_URL right?")]
    Connect(String),
    /// A migration failed. Those before it are done and stay.
    #[error("a migration failed: {0}")]
    Migration(Box<dyn std::error::Error + Send + Sync>),
}

impl From<ConnectionError> for MigrateError {
    fn from(error: ConnectionError) -> Self {
        // libpq ends its lines, and indents the next ones.
        let text = error.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
        Self::Connect(match text.starts_with("connection to server") {
            true => text,
            // It could not read the URL, or did not find the host. It quotes what it took for one, which may be a password.
            false => "its URL cannot be read, or names a host that has no address; write \
                postgres://user:password@host:port/name, with special characters in user and password percent-encoded"
                .into(),
        })
    }
}

impl From<diesel::result::Error> for MigrateError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Migration(error.into())
    }
}

/// Applies the migrations that the database lacks and answers their names.
///
/// Replicas may do so together: one works, the others wait for it.
///
/// # Errors
/// If the database cannot be reached, or a migration fails.
pub fn migrate(url: &SecretString) -> Result<Vec<String>, MigrateError> {
    let _lock = lock(url)?;
    let mut connection = connect(url)?;
    // A table that is in use is waited for, but not while everybody else waits behind.
    connection.batch_execute("set lock_timeout = '10s'")?;
    let applied = connection.run_pending_migrations(MIGRATIONS).map_err(MigrateError::Migration)?;
    Ok(applied.iter().map(ToString::to_string).collect())
}

/// Takes back the last `count` migrations, for tests of them.
///
/// # Errors
/// If the database cannot be reached, or a migration fails.
pub fn revert(url: &SecretString, count: usize) -> Result<(), MigrateError> {
    let _lock = lock(url)?;
    let mut connection = connect(url)?;
    for _ in 0..count {
        connection.revert_last_migration(MIGRATIONS).map_err(MigrateError::Migration)?;
    }
    Ok(())
}

/// How many migrations this program knows.
pub fn known() -> usize {
    let known: Result<Vec<Box<dyn Migration<Pg>>>, _> = MIGRATIONS.migrations();
    known.map_or(0, |known| known.len())
}

fn connect(url: &SecretString) -> Result<Connection, ConnectionError> {
    Connection::establish(&pool::with_defaults(url.expose_secret()))
}

/// Waits for the lock, which is held until the connection is dropped.
///
/// By an open transaction: behind a pooler a lock of the session would outlive it, and lock out the next server.
fn lock(url: &SecretString) -> Result<Connection, MigrateError> {
    let mut connection = connect(url)?;
    connection.batch_execute(&format!(
        "begin;
         set local statement_timeout = 0;
         set local idle_in_transaction_session_timeout = 0;
         select pg_advisory_xact_lock({LOCK})"
    ))?;
    Ok(connection)
}
