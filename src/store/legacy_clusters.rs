//! Clusters as v2 and v3 see them: with what they sent, and how they check in.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::result::Error;
use diesel::sql_types::{Bool, Text};
use serde_json::Value;
use uuid::Uuid;

use super::Connection;
use super::clusters::matching;
use super::schema::{clusters, component_sets};
use crate::domain::age::Ages;
use crate::domain::components::Installed;
use crate::domain::{listing, shard};

/// A cluster, and what it sent last.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The UUID that it chose for itself.
    pub id: Uuid,
    /// What it said besides its components; none if nothing.
    pub legacy: Option<Value>,
    /// What it runs. Clusters share the sets.
    pub components: Arc<Components>,
}

/// A set of components.
#[derive(Debug, Clone)]
pub struct Components {
    /// As v4 keeps it.
    pub installed: Vec<Installed>,
    /// As v2 or v3 sent it; none if v4 did.
    pub legacy: Option<Value>,
}

/// How a cluster checks in.
#[derive(Debug, Clone, Queryable)]
pub struct Habit {
    /// The cluster.
    pub id: Uuid,
    /// When it first checked in.
    pub first_seen: DateTime<Utc>,
    /// When it last checked in.
    pub last_seen: DateTime<Utc>,
    /// How often it has checked in.
    pub checkins: i64,
    /// The time between the two, as PostgreSQL writes an interval.
    pub age: String,
    /// The time from now to the last check-in, which is negative, as PostgreSQL writes an interval.
    pub since: String,
}

/// Which end of a list of habits comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum First {
    /// The cluster that was created last.
    Newest,
    /// The cluster that was created first.
    Oldest,
}

type Row = (Uuid, Option<Value>, Vec<u8>);

/// What the cluster with this id sent last.
///
/// # Errors
/// What the database refuses.
pub fn find(connection: &mut Connection, id: Uuid) -> QueryResult<Option<Sent>> {
    let row: Option<Row> = clusters::table
        .find(id)
        .filter(is_known())
        .select((clusters::id, clusters::legacy, clusters::set_hash))
        .first(connection)
        .optional()?;
    Ok(with_components(connection, row.into_iter().collect())?.pop())
}

/// What the clusters of these ages sent last, in the order of the old service.
///
/// # Errors
/// What the database refuses.
pub fn list(connection: &mut Connection, ages: &Ages) -> QueryResult<Vec<Sent>> {
    let mut found: Vec<Row> = clusters::table
        .filter(matching(ages))
        .filter(is_known())
        .select((clusters::id, clusters::legacy, clusters::set_hash))
        .order(clusters::id)
        .load(connection)?;
    found.sort_by_cached_key(|(id, ..)| std::cmp::Reverse(listing::bucket(shard::uuid_hash(*id))));
    with_components(connection, found)
}

/// How many clusters there are.
///
/// # Errors
/// What the database refuses.
pub fn count(connection: &mut Connection) -> QueryResult<i64> {
    clusters::table.filter(is_known()).count().get_result(connection)
}

/// How the clusters of these ages check in that have done so at least `least` times.
///
/// # Errors
/// What the database refuses.
pub fn habits(connection: &mut Connection, ages: &Ages, least: i64, first: First) -> QueryResult<Vec<Habit>> {
    let habits = clusters::table
        .filter(matching(ages))
        .filter(clusters::checkins.ge(least))
        .select((
            clusters::id,
            clusters::first_seen,
            clusters::last_seen,
            clusters::checkins,
            sql::<Text>("age(last_seen at time zone 'UTC', first_seen at time zone 'UTC')::text"),
            sql::<Text>("age(last_seen at time zone 'UTC', now() at time zone 'UTC')::text"),
        ))
        .into_boxed();
    match first {
        First::Newest => habits.order((clusters::first_seen.desc(), clusters::id.desc())).load(connection),
        First::Oldest => habits.order((clusters::first_seen, clusters::id)).load(connection),
    }
}

/// Leaves out clusters of which only the history was imported: the old service knew no such cluster.
fn is_known() -> diesel::expression::SqlLiteral<Bool> {
    sql("clusters.legacy::text is distinct from 'null'")
}

/// Adds what the clusters run. Their sets are read once each.
fn with_components(connection: &mut Connection, rows: Vec<Row>) -> QueryResult<Vec<Sent>> {
    let hashes: HashSet<&[u8]> = rows.iter().map(|(_, _, hash)| hash.as_slice()).collect();
    let sets: Vec<(Vec<u8>, Value, Option<Value>)> = component_sets::table
        .filter(component_sets::hash.eq_any(hashes))
        .select((component_sets::hash, component_sets::components, component_sets::legacy))
        .load(connection)?;
    let sets = sets
        .into_iter()
        .map(|(hash, installed, legacy)| {
            Ok((hash, Arc::new(Components { installed: serde_json::from_value(installed)?, legacy })))
        })
        .collect::<Result<HashMap<Vec<u8>, Arc<Components>>, serde_json::Error>>()
        .map_err(|error| Error::DeserializationError(error.into()))?;
    // Sets are never deleted, and a foreign key says that each cluster's is there.
    let sent = rows.into_iter().filter_map(|(id, legacy, hash)| {
        let components = Arc::clone(sets.get(&hash)?);
        Some(Sent { id, legacy, components })
    });
    Ok(sent.collect())
}
