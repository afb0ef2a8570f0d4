//! Revisions of the catalog: each change of what is published is one, and is announced to whoever listens.

use diesel::Connection as _;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::Connection;
use super::schema::{catalog_revisions, versions};

/// Where changes are announced.
const CHANNEL: &str = "stationmaster_catalog";

diesel::define_sql_function! {
    /// Announces something to all who listen, once the transaction is committed.
    fn pg_notify(channel: Text, payload: Text);
}

/// What a change came to.
#[derive(Debug)]
pub(super) enum Change<T> {
    /// Something is different now.
    Made(T),
    /// Everything is as it was.
    Unneeded(T),
}

/// Changes what is published in one transaction: `make` gets the revision that its change will be.
///
/// One change at a time: whoever sees a revision sees all before it.
///
/// # Errors
/// What the database refuses, and what `make` fails with. Nothing has changed then.
pub(super) fn change<T>(
    connection: &mut Connection,
    make: impl FnOnce(&mut Connection, i64) -> QueryResult<Change<T>>,
) -> QueryResult<T> {
    connection.transaction(|connection| {
        let last: i64 = catalog_revisions::table.select(catalog_revisions::revision).for_update().first(connection)?;
        let next = last + 1;
        match make(connection, next)? {
            Change::Unneeded(answer) => Ok(answer),
            Change::Made(answer) => {
                diesel::update(catalog_revisions::table)
                    .set(catalog_revisions::revision.eq(next))
                    .execute(connection)?;
                diesel::select(pg_notify(CHANNEL, "")).execute(connection)?;
                Ok(answer)
            }
        }
    })
}

/// The revision that the catalog is at.
///
/// # Errors
/// What the database refuses.
pub fn current(connection: &mut Connection) -> QueryResult<i64> {
    catalog_revisions::table.select(catalog_revisions::revision).first(connection)
}

/// The components of which a version has changed since `revision`.
///
/// # Errors
/// What the database refuses.
pub fn changed_since(connection: &mut Connection, revision: i64) -> QueryResult<Vec<String>> {
    versions::table.filter(versions::revision.gt(revision)).select(versions::component).distinct().load(connection)
}

/// Has changes announced on this connection from now on.
///
/// # Errors
/// What the database refuses.
pub fn listen(connection: &mut Connection) -> QueryResult<()> {
    connection.batch_execute(&format!("listen {CHANNEL}"))
}

/// Whether a change was announced since this was last asked. Does not wait.
///
/// # Errors
/// If the connection is gone.
pub fn is_announced(connection: &mut Connection) -> QueryResult<bool> {
    let announced = connection.notifications_iter().collect::<QueryResult<Vec<_>>>()?;
    Ok(!announced.is_empty())
}
