//! Revisions of the catalog: each change of what is published is one, and is announced to whoever listens.

use chrono::{DateTime, Utc};
use diesel::Connection as _;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::Connection;
use super::audit::{self, Actor, Event};
use super::schema::{catalog_revisions, versions};
use crate::clock;

/// Where changes are announced.
const CHANNEL: &str = "stationmaster_catalog";

diesel::define_sql_function! {
    /// Announces something to all who listen, once the transaction is committed.
    fn pg_notify(channel: Text, payload: Text);
}

/// What a change is told of itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    /// The revision that it will be.
    pub(super) revision: i64,
    /// When it is made.
    pub(super) at: DateTime<Utc>,
}

/// Changes what is published, and adds the change to the audit trail, in one transaction.
///
/// One change at a time: whoever sees a revision sees all before it. A change is told the time when its turn has come, so
/// that times are in the order of revisions, as far as the clocks of the servers agree. `make` answers what it did, if
/// something is different now; without an event everything must be as it was.
///
/// # Errors
/// What the database refuses, and what `make` fails with. Nothing has changed then.
pub(super) fn change<T>(
    connection: &mut Connection,
    actor: &Actor,
    make: impl FnOnce(&mut Connection, Moment) -> QueryResult<(T, Option<Event>)>,
) -> QueryResult<T> {
    connection.transaction(|connection| {
        let last: i64 = catalog_revisions::table.select(catalog_revisions::revision).for_update().first(connection)?;
        let next = Moment { revision: last + 1, at: clock::now() };
        let (answer, event) = make(connection, next)?;
        if let Some(event) = event {
            audit::insert(connection, actor, next.at, &event)?;
            diesel::update(catalog_revisions::table)
                .set(catalog_revisions::revision.eq(next.revision))
                .execute(connection)?;
            diesel::select(pg_notify(CHANNEL, "")).execute(connection)?;
        }
        Ok(answer)
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
