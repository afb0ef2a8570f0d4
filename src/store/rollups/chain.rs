//! What the history of a cluster comes to: the moves that its check-ins made, one after the other.
//!
//! Whatever the live numbers were counted from, for every cluster they are what its chain comes to. So a cluster is
//! taken out of them by taking its chain back, and whoever changes a history takes the chain back before and counts it
//! after.

use diesel::prelude::*;
use diesel::sql_types::{SmallInt, Uuid as SqlUuid};
use uuid::Uuid;

use super::fold;
use crate::store::Connection;

/// Notes down that the history of a cluster is to be counted.
///
/// # Errors
/// What the database refuses.
pub(in crate::store) fn count(connection: &mut Connection, cluster: Uuid) -> QueryResult<()> {
    note(connection, cluster, 1)
}

/// Notes down that what the history of a cluster came to is to be taken back, before it is forgotten or changed.
///
/// # Errors
/// What the database refuses.
pub(in crate::store) fn take_back(connection: &mut Connection, cluster: Uuid) -> QueryResult<()> {
    note(connection, cluster, -1)
}

fn note(connection: &mut Connection, cluster: Uuid, sign: i16) -> QueryResult<()> {
    // Of both tables: PostgreSQL does not conclude the one from the other.
    let chain = chain("cluster_id = $2 and id = $2");
    diesel::sql_query(format!(
        "insert into rollup_moves
             (sign, at, set_hash, labels, first_seen, first_labels, was_seen, was_hash, was_labels) {chain}"
    ))
    .bind::<SmallInt, _>(sign)
    .bind::<SqlUuid, _>(cluster)
    .execute(connection)
    .map(drop)
}

/// Counts the history of the clusters from the first id up to the last one, at once.
///
/// # Errors
/// What the database refuses.
pub(super) fn count_range(connection: &mut Connection, first: Uuid, last: Uuid) -> QueryResult<()> {
    let chain = chain("cluster_id >= $2 and cluster_id <= $3 and id >= $2 and id <= $3");
    diesel::sql_query(fold::of(&chain))
        .bind::<SmallInt, _>(1)
        .bind::<SqlUuid, _>(first)
        .bind::<SqlUuid, _>(last)
        .execute(connection)
        .map(drop)
}

fn chain(clusters: &str) -> String {
    include_str!("chain.sql").replace("{clusters}", clusters)
}
