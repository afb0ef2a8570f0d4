//! Spreading the tables over the machines of a Citus cluster.
//!
//! Every machine has a copy of the small tables. Clusters and their check-ins are cut into shards by the cluster's id,
//! side by side. All other tables stay on the coordinator: their rows are found by their own keys and joined with
//! nothing.

use diesel::Connection as _;
use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

use super::Connection;
use crate::domain::shard::SHARDS;

/// The tables that every machine has a copy of.
pub const COPIED: [&str; 2] = ["versions", "component_sets"];

/// The tables that are cut into shards, each with the column that tells the shard and the table that it stands beside.
pub const SPREAD: [(&str, &str, &str); 2] = [("clusters", "id", "none"), ("checkins", "cluster_id", "clusters")];

/// The key of the advisory lock that one distribution holds: "distribu" as a number.
const LOCK: i64 = 0x6469_7374_7269_6275;

/// What became of a distribution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The database is a PostgreSQL without Citus, and stays as it is.
    OneMachine,
    /// All tables are where they belong. These have come there now.
    Distributed(Vec<&'static str>),
}

#[derive(QueryableByName)]
struct Reference {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    definition: String,
}

/// Brings all tables to where they belong, those that are not there yet. Whoever else does so is waited for.
///
/// They come there all at once. Until then, whoever needs one of them waits.
///
/// # Errors
/// What the database refuses. No row is lost then, and this can be done again.
pub fn distribute(connection: &mut Connection) -> QueryResult<Outcome> {
    if !has_citus(connection)? {
        return Ok(Outcome::OneMachine);
    }
    // A long history takes longer to copy than any statement of the service may.
    connection.batch_execute(&format!("set statement_timeout = 0; select pg_advisory_lock({LOCK})"))?;
    let done = connection.transaction(bring)?;
    // What was copied is still on the coordinator, unseen. This empties a table and all that refer to it, wherever they
    // are, so it comes last.
    for (table, _) in calls() {
        connection.batch_execute(&format!("select truncate_local_data_after_distributing_table('{table}')"))?;
    }
    Ok(Outcome::Distributed(done))
}

/// Whether the clusters are spread over the machines of a Citus cluster.
///
/// # Errors
/// What the database refuses.
pub fn is_spread(connection: &mut Connection) -> QueryResult<bool> {
    Ok(has_citus(connection)? && is_distributed(connection, "clusters")?)
}

fn bring(connection: &mut Connection) -> QueryResult<Vec<&'static str>> {
    let mut missing = Vec::new();
    for (table, call) in calls() {
        if !is_distributed(connection, table)? {
            missing.push((table, call));
        }
    }
    if missing.is_empty() {
        return Ok(Vec::new());
    }
    // Through one connection to each machine, which Citus wants where a spread table refers to a copied one. Without the
    // second setting it would first make all that refer to a copied one, the history too, into tables of its own kind.
    // Locked in the order of a check-in.
    connection.batch_execute(&format!(
        "set local citus.multi_shard_modify_mode = 'sequential';
         set local citus.enable_local_reference_table_foreign_keys = off;
         set local citus.shard_count = {SHARDS};
         lock table versions, component_sets, clusters, checkins in access exclusive mode"
    ))?;
    // While one of the two is spread and the other is not, it cannot refer to it.
    let references = references(connection)?;
    for Reference { name, .. } in &references {
        connection.batch_execute(&format!("alter table checkins drop constraint {name}"))?;
    }
    for (table, call) in &missing {
        tracing::info!(table, "distributing");
        connection.batch_execute(&format!("select {call}"))?;
    }
    for Reference { name, definition } in &references {
        connection.batch_execute(&format!("alter table checkins add constraint {name} {definition}"))?;
    }
    Ok(missing.into_iter().map(|(table, _)| table).collect())
}

/// Each table with the call by which Citus distributes it, in the order that it wants.
fn calls() -> impl Iterator<Item = (&'static str, String)> {
    let copied = COPIED.map(|table| (table, format!("create_reference_table('{table}')")));
    let spread = SPREAD.map(|(table, by, beside)| {
        (table, format!("create_distributed_table('{table}', '{by}', colocate_with => '{beside}')"))
    });
    copied.into_iter().chain(spread)
}

/// How check-ins refer to their clusters.
fn references(connection: &mut Connection) -> QueryResult<Vec<Reference>> {
    diesel::sql_query(
        "select quote_ident(conname) as name, pg_get_constraintdef(oid) as definition from pg_constraint
         where contype = 'f' and conrelid = 'checkins'::regclass and confrelid = 'clusters'::regclass",
    )
    .load(connection)
}

fn has_citus(connection: &mut Connection) -> QueryResult<bool> {
    diesel::select(sql::<Bool>("to_regclass('pg_dist_partition') is not null")).get_result(connection)
}

/// Whether a table is spread, or copied everywhere. Citus may also list tables that stay on the coordinator.
fn is_distributed(connection: &mut Connection, table: &str) -> QueryResult<bool> {
    let listed = format!(
        "exists (select from pg_dist_partition
                 where logicalrelid = '{table}'::regclass and (partmethod = 'h' or repmodel = 't'))"
    );
    diesel::select(sql::<Bool>(&listed)).get_result(connection)
}
