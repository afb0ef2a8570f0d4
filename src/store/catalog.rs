//! What is latest of everything, as of one revision.

use diesel::prelude::*;

use super::schema::versions;
use super::trains::{self, Latest};
use super::{Connection, revisions};

/// How many components are read at once.
const CHUNK: usize = 500;

/// Reads what is latest of the components that have changed since a revision, or else of all; hands it over in parts, each the names
/// of components and what is latest of all their trains. Answers the revision of which that is true.
///
/// # Errors
/// What the database refuses.
pub fn read(
    connection: &mut Connection,
    since: Option<i64>,
    mut take: impl FnMut(&[String], Vec<Latest>),
) -> QueryResult<i64> {
    connection.build_transaction().read_only().repeatable_read().run(|connection| {
        let revision = revisions::current(connection)?;
        let components = match since {
            // Most of the time nothing has happened.
            Some(since) if since == revision => Vec::new(),
            Some(since) => revisions::changed_since(connection, since)?,
            None => versions::table.select(versions::component).distinct().load(connection)?,
        };
        for components in components.chunks(CHUNK) {
            take(components, trains::latest(connection, components)?);
        }
        Ok(revision)
    })
}
