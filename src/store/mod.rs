//! Postgres: the pool, the tables and their queries, the migrations, the embedded server.
//!
//! Queries are plain functions of a connection, one file per table. [`Store::run`] is the only way to one from asynchronous code.

pub mod audit;
pub mod catalog;
pub mod checkins;
pub mod clusters;
pub mod distribution;
pub mod doctor;
pub mod embedded;
mod error;
pub mod forgetting;
mod gauges;
pub mod housekeeping;
pub mod imports;
pub mod legacy_clusters;
pub mod migrations;
pub mod old;
pub mod partitions;
mod pool;
pub mod publishers;
pub mod revisions;
pub mod rollups;
mod schema;
pub mod trains;
pub mod versions;

use diesel::Connection as _;
use secrecy::{ExposeSecret, SecretString};

/// A connection to the database.
pub type Connection = diesel::pg::PgConnection;

/// What a query fails with.
pub type QueryError = diesel::result::Error;

pub use error::StoreError;
pub use pool::{PoolState, Store, StoreOptions};

/// A connection outside any pool, for a program that does one thing.
///
/// # Errors
/// If there is none. What libpq says of it can hold parts of the URL, so it is left out.
pub fn connect(url: &SecretString) -> Result<Connection, StoreError> {
    Connection::establish(&pool::with_defaults(url.expose_secret())).map_err(|_| StoreError::NoConnection)
}

/// Asks the database for a sign of life.
///
/// # Errors
/// If it gives none.
pub fn ping(connection: &mut Connection) -> Result<(), QueryError> {
    diesel::connection::SimpleConnection::batch_execute(connection, "select 1")
}
