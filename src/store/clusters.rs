//! Clusters: finding, listing, counting and forgetting them.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use diesel::Connection as _;
use diesel::dsl::sql;
use diesel::expression::BoxableExpression;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::result::Error;
use diesel::sql_types::{Bool, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use super::Connection;
use super::audit::{self, Actor, Event};
use super::rollups::chain;
use super::schema::{clusters, component_sets};
use crate::clock;
use crate::domain::age::Ages;
use crate::domain::components::Installed;

/// An installation, and what it reported last.
#[derive(Debug, Clone)]
pub struct Cluster {
    /// The UUID that it chose for itself.
    pub id: Uuid,
    /// When it first checked in.
    pub first_seen: DateTime<Utc>,
    /// When it last checked in.
    pub last_seen: DateTime<Utc>,
    /// How often it has checked in.
    pub checkins: i64,
    /// What it is counted as.
    pub labels: Vec<String>,
    /// What it runs.
    pub components: Vec<Installed>,
}

/// Where a page of clusters starts: after this one.
pub type After = (DateTime<Utc>, Uuid);

#[derive(Queryable, Selectable)]
#[diesel(table_name = clusters, check_for_backend(Pg))]
struct Row {
    id: Uuid,
    first_seen: DateTime<Utc>,
    last_seen: DateTime<Utc>,
    checkins: i64,
    set_hash: Vec<u8>,
    labels: Vec<String>,
}

type Predicate = Box<dyn BoxableExpression<clusters::table, Pg, SqlType = Bool>>;

/// The cluster with this id.
///
/// # Errors
/// What the database refuses.
pub fn find(connection: &mut Connection, id: Uuid) -> QueryResult<Option<Cluster>> {
    let row = clusters::table.find(id).select(Row::as_select()).first(connection).optional()?;
    Ok(with_components(connection, row.into_iter().collect())?.pop())
}

/// The first `limit` clusters of these ages after `after`, oldest first.
///
/// # Errors
/// What the database refuses.
pub fn list(connection: &mut Connection, ages: &Ages, after: Option<After>, limit: i64) -> QueryResult<Vec<Cluster>> {
    let mut page = clusters::table
        .filter(matching(ages))
        .order((clusters::first_seen, clusters::id))
        .limit(limit)
        .select(Row::as_select())
        .into_boxed();
    if let Some((first_seen, id)) = after {
        // The row says where exactly, the column how much there is behind it: of rows PostgreSQL has no statistics.
        let behind = sql::<Bool>("(clusters.first_seen, clusters.id) > (")
            .bind::<Timestamptz, _>(first_seen)
            .sql(", ")
            .bind::<SqlUuid, _>(id)
            .sql(")");
        page = page.filter(clusters::first_seen.ge(first_seen).and(behind));
    }
    let rows = page.load(connection)?;
    with_components(connection, rows)
}

/// How many clusters are of these ages.
///
/// # Errors
/// What the database refuses.
pub fn count(connection: &mut Connection, ages: &Ages) -> QueryResult<i64> {
    clusters::table.filter(matching(ages)).count().get_result(connection)
}

/// Forgets a cluster with its history, and adds to the audit trail that this was done; answers whether there was one.
///
/// # Errors
/// What the database refuses. The cluster is still there then.
pub fn forget(connection: &mut Connection, actor: &Actor, id: Uuid) -> QueryResult<bool> {
    connection.transaction(|connection| {
        // Nothing may come between what is taken back and what is erased.
        let locked: Option<Uuid> =
            clusters::table.find(id).select(clusters::id).for_update().first(connection).optional()?;
        let is_gone = locked.is_some();
        if is_gone {
            chain::take_back(connection, id)?;
            diesel::delete(clusters::table.find(id)).execute(connection)?;
            audit::insert(connection, actor, clock::now(), &Event::forgotten(id))?;
        }
        Ok(is_gone)
    })
}

/// Whether a cluster is of these ages.
///
/// A query with this in it is planned anew each time, for the bounds that it has: diesel keeps no statement prepared
/// that has a literal in it. A plan that has to do for all bounds reads a whole index for many of them.
pub(super) fn matching(ages: &Ages) -> Predicate {
    let mut all: Vec<Predicate> = Vec::new();
    if let Some(start) = ages.first_seen.start {
        all.push(Box::new(clusters::first_seen.ge(start)));
    }
    if let Some(end) = ages.first_seen.end {
        all.push(Box::new(clusters::first_seen.lt(end)));
    }
    if let Some(start) = ages.last_seen.start {
        all.push(Box::new(clusters::last_seen.ge(start)));
    }
    if let Some(end) = ages.last_seen.end {
        all.push(Box::new(clusters::last_seen.lt(end)));
    }
    if !ages.labels.is_empty() {
        all.push(Box::new(clusters::labels.contains(ages.labels.clone())));
    }
    if !ages.not_labels.is_empty() {
        all.push(Box::new(diesel::dsl::not(clusters::labels.overlaps_with(ages.not_labels.clone()))));
    }
    let everything: Predicate = Box::new(sql::<Bool>("true"));
    all.into_iter().fold(everything, |both, one| Box::new(both.and(one)))
}

/// Adds what the clusters run. Their sets are read once each, after the page is chosen.
fn with_components(connection: &mut Connection, rows: Vec<Row>) -> QueryResult<Vec<Cluster>> {
    let hashes: HashSet<&[u8]> = rows.iter().map(|row| row.set_hash.as_slice()).collect();
    let sets: Vec<(Vec<u8>, serde_json::Value)> = component_sets::table
        .filter(component_sets::hash.eq_any(hashes))
        .select((component_sets::hash, component_sets::components))
        .load(connection)?;
    let sets = sets
        .into_iter()
        .map(|(hash, components)| Ok((hash, serde_json::from_value(components)?)))
        .collect::<Result<HashMap<Vec<u8>, Vec<Installed>>, serde_json::Error>>()
        .map_err(|error| Error::DeserializationError(error.into()))?;
    Ok(rows
        .into_iter()
        .map(|Row { id, first_seen, last_seen, checkins, set_hash, labels }| {
            let components = sets.get(&set_hash).cloned().unwrap_or_default();
            Cluster { id, first_seen, last_seen, checkins, labels, components }
        })
        .collect())
}
