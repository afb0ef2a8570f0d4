//! What can go wrong between the service and its database.

/// The database did not do what was asked. Callers are told no more than that they may try again; the log has the rest.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No connection came free, or could be made, in time.
    #[error("no connection to the database in time")]
    NoConnection,
    /// Nobody waits any more for what was asked. It may be done all the same.
    #[error("the database did not answer in time")]
    Late,
    /// The database refused a statement, or went away in the middle of it.
    #[error("the database did not answer as expected: {0}")]
    Database(#[from] diesel::result::Error),
    /// The thread that asked the database ended early.
    #[error("a database task ended early: {0}")]
    Task(#[from] tokio::task::JoinError),
}
