//! What the history of a cluster comes to: the moves that its check-ins made, one after the other.
//!
//! Whatever the live numbers were counted from, for every cluster they are what its chain comes to. So a cluster is
//! taken out of them by taking its chain back, and whoever changes a history takes the chain back before and counts it
//! after.

use diesel::prelude::*;
use diesel::sql_types::{SmallInt, Uuid as SqlUuid};
use uuid::Uuid;

use crate::store::Connection;

/// Whose history.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) enum Of {
    /// That of one cluster.
    Cluster(Uuid),
    /// That of the clusters after the first id, up to and including the second one.
    Range(Uuid, Uuid),
}

/// Counts the history of clusters.
///
/// # Errors
/// What the database refuses.
pub(in crate::store) fn count(connection: &mut Connection, of: &Of) -> QueryResult<()> {
    note(connection, of, 1)
}

/// Takes back what the history of clusters came to, before they are forgotten or it is changed.
///
/// # Errors
/// What the database refuses.
pub(in crate::store) fn take_back(connection: &mut Connection, of: &Of) -> QueryResult<()> {
    note(connection, of, -1)
}

fn note(connection: &mut Connection, of: &Of, sign: i16) -> QueryResult<()> {
    // Of both tables: PostgreSQL does not conclude the one from the other.
    let (clusters, from, to) = match *of {
        Of::Cluster(id) => ("cluster_id = $2 and id = $3", id, id),
        Of::Range(after, last) => ("cluster_id > $2 and cluster_id <= $3 and id > $2 and id <= $3", after, last),
    };
    diesel::sql_query(include_str!("chain.sql").replace("{clusters}", clusters))
        .bind::<SmallInt, _>(sign)
        .bind::<SqlUuid, _>(from)
        .bind::<SqlUuid, _>(to)
        .execute(connection)
        .map(drop)
}
