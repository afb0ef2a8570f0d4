//! Check-ins: what a cluster reports, written down in one transaction.

use chrono::{DateTime, Utc};
use diesel::Connection as _;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use diesel::sql_types::{Bool, Timestamptz};
use diesel::upsert::excluded;
use serde_json::Value;
use uuid::Uuid;

use super::schema::{checkins, clusters, component_sets};
use super::{Connection, partitions};
use crate::domain::components::ComponentSet;

diesel::define_sql_function! {
    /// The later of two instants.
    fn greatest(a: Timestamptz, b: Timestamptz) -> Timestamptz;
}

/// What a cluster reports.
#[derive(Debug, Clone)]
pub struct Report {
    /// The cluster.
    pub cluster_id: Uuid,
    /// When it reported.
    pub at: DateTime<Utc>,
    /// What it runs.
    pub components: ComponentSet,
    /// What it is counted as; without repetitions.
    pub labels: Vec<String>,
    /// What a check-in of v2 or v3 said besides its components; none if nothing.
    pub legacy: Option<Value>,
}

/// What is known of a cluster after its check-in.
#[derive(Debug, Clone, Queryable)]
pub struct Recorded {
    /// When it first checked in.
    pub first_seen: DateTime<Utc>,
    /// When it last checked in.
    pub last_seen: DateTime<Utc>,
    /// How often it has checked in.
    pub checkins: i64,
    /// Whether this was the first time.
    pub is_first: bool,
}

/// Records a check-in in one transaction.
///
/// # Errors
/// What the database refuses. Nothing is recorded then.
pub fn record(connection: &mut Connection, report: &Report) -> QueryResult<Recorded> {
    match connection.transaction(|connection| insert(connection, report)) {
        // Partitions are made ahead. A clock that jumps may still come before them.
        Err(Error::DatabaseError(DatabaseErrorKind::CheckViolation, _)) => {
            partitions::ensure(connection, report.at, 0)?;
            connection.transaction(|connection| insert(connection, report))
        }
        recorded => recorded,
    }
}

/// Sets before clusters before history, always: two writers that lock in the same order do not deadlock.
fn insert(connection: &mut Connection, report: &Report) -> QueryResult<Recorded> {
    let hash = report.components.hash();
    let known: Option<Vec<u8>> =
        component_sets::table.find(&hash[..]).select(component_sets::hash).first(connection).optional()?;
    if known.is_none() {
        diesel::insert_into(component_sets::table)
            .values((
                component_sets::hash.eq(&hash[..]),
                component_sets::components.eq(serde_json::to_value(report.components.components())
                    .map_err(|error| Error::SerializationError(error.into()))?),
                component_sets::legacy.eq(report.components.legacy()),
            ))
            .on_conflict_do_nothing()
            .execute(connection)?;
    }
    let recorded = diesel::insert_into(clusters::table)
        .values((
            clusters::id.eq(report.cluster_id),
            clusters::first_seen.eq(report.at),
            clusters::last_seen.eq(report.at),
            clusters::checkins.eq(1),
            clusters::set_hash.eq(&hash[..]),
            clusters::labels.eq(&report.labels),
            clusters::legacy.eq(&report.legacy),
        ))
        .on_conflict(clusters::id)
        .do_update()
        .set((
            clusters::last_seen.eq(greatest(clusters::last_seen, excluded(clusters::last_seen))),
            clusters::checkins.eq(clusters::checkins + 1),
            clusters::set_hash.eq(excluded(clusters::set_hash)),
            clusters::labels.eq(excluded(clusters::labels)),
            clusters::legacy.eq(excluded(clusters::legacy)),
        ))
        // A row that was inserted has never been updated.
        .returning((clusters::first_seen, clusters::last_seen, clusters::checkins, sql::<Bool>("clusters.xmax = 0")))
        .get_result(connection)?;
    diesel::insert_into(checkins::table)
        .values((
            checkins::cluster_id.eq(report.cluster_id),
            checkins::at.eq(report.at),
            checkins::set_hash.eq(&hash[..]),
        ))
        .execute(connection)?;
    Ok(recorded)
}
