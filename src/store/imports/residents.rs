//! What clusters of an old database sent last.

use std::collections::HashMap;

use diesel::Connection as _;
use diesel::prelude::*;
use diesel::sql_types::{Array, Binary, Bool, Json, Nullable, Uuid as SqlUuid};
use serde_json::Value;
use uuid::Uuid;

use super::write_sets;
use crate::domain::components::ComponentSet;
use crate::store::{Connection, rollups};

/// A cluster that comes over: what it sent last.
#[derive(Debug)]
pub struct Resident {
    /// The cluster.
    pub id: Uuid,
    /// What it runs.
    pub components: ComponentSet,
    /// What it said besides.
    pub legacy: Option<Value>,
}

/// What became of a cluster that came over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// What it sent last is kept now.
    Imported,
    /// What is kept of it here is as new, or newer.
    There,
    /// None of its check-ins came over.
    Unknown,
}

/// Keeps what these clusters sent last, where only their history is known; answers what became of each, in their order.
///
/// Where the old database had that otherwise in its history, its last check-in is what it sent last.
///
/// # Errors
/// What the database refuses.
pub fn settle(connection: &mut Connection, residents: &[Resident]) -> QueryResult<Vec<Settled>> {
    connection.transaction(|connection| {
        write_sets(connection, residents.iter().map(|resident| &resident.components))?;
        let ids: Vec<Uuid> = residents.iter().map(|resident| resident.id).collect();
        let rows: Vec<Known> = diesel::sql_query(
            "select id, legacy::text is not distinct from 'null' as is_history from clusters
             where id = any ($1) order by id for update",
        )
        .bind::<Array<SqlUuid>, _>(ids)
        .load(connection)?;
        let known: HashMap<Uuid, bool> = rows.into_iter().map(|row| (row.id, row.is_history)).collect();
        let settled = |resident: &Resident| match known.get(&resident.id) {
            Some(true) => Settled::Imported,
            Some(false) => Settled::There,
            None => Settled::Unknown,
        };
        let new: Vec<&Resident> = residents.iter().filter(|resident| settled(resident) == Settled::Imported).collect();
        diesel::sql_query(
            "update clusters set set_hash = settled.set_hash, legacy = settled.legacy
             from unnest($1, $2, $3) as settled (id, set_hash, legacy) where clusters.id = settled.id",
        )
        .bind::<Array<SqlUuid>, _>(new.iter().map(|resident| resident.id).collect::<Vec<_>>())
        .bind::<Array<Binary>, _>(new.iter().map(|resident| resident.components.hash().to_vec()).collect::<Vec<_>>())
        .bind::<Array<Nullable<Json>>, _>(new.iter().map(|resident| resident.legacy.clone()).collect::<Vec<_>>())
        .execute(connection)?;
        diesel::sql_query(
            "update checkins set set_hash = clusters.set_hash from clusters
             where clusters.id = any ($1) and cluster_id = clusters.id and at = last_seen
             and checkins.set_hash <> clusters.set_hash",
        )
        .bind::<Array<SqlUuid>, _>(new.iter().map(|resident| resident.id).collect::<Vec<_>>())
        .execute(connection)?;
        if !new.is_empty() {
            rollups::set_uncounted(connection)?;
        }
        Ok(residents.iter().map(settled).collect())
    })
}

#[derive(QueryableByName)]
struct Known {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Bool)]
    is_history: bool,
}
