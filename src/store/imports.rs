//! What comes over from an old database, written in groups.

mod residents;

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Utc};
use diesel::Connection as _;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use diesel::sql_types::{Array, BigInt, Binary, Bool, Timestamptz, Uuid as SqlUuid};
use diesel::upsert::excluded;
use serde_json::Value;
use uuid::Uuid;

use super::schema::{clusters, component_sets, doctor_reports, legacy_imports};
use super::{Connection, partitions, rollups};
use crate::domain::components::ComponentSet;

pub use residents::{Resident, Settled, settle};

/// How many check-ins of the old database, by their keys, are brought over in one transaction.
pub const BLOCK: i64 = 8_192;

/// The key of the advisory lock that one import holds: "importin" as a number.
const LOCK: i64 = 0x696d_706f_7274_696e;

/// Which check-ins of a block have come over.
#[derive(Debug, Clone)]
pub struct Taken(Vec<u8>);

/// A check-in that comes over.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// The cluster.
    pub cluster_id: Uuid,
    /// When it reported.
    pub at: DateTime<Utc>,
    /// The hash of what it ran, which [`write_sets`] has written.
    pub set_hash: [u8; 16],
}

impl Taken {
    /// Whether the check-in at this place of the block has come over.
    pub fn has(&self, place: usize) -> bool {
        self.0[place / 8] & (1 << (place % 8)) != 0
    }

    /// Notes that the check-in at this place of the block comes over.
    pub fn add(&mut self, place: usize) {
        self.0[place / 8] |= 1 << (place % 8);
    }
}

/// Takes the lock that only one import can hold, for as long as the connection lives; answers whether it was free.
///
/// # Errors
/// What the database refuses.
pub fn lock(connection: &mut Connection) -> QueryResult<bool> {
    connection.batch_execute("set timezone = 'UTC'")?;
    diesel::select(diesel::dsl::sql::<Bool>(&format!("pg_try_advisory_lock({LOCK})"))).get_result(connection)
}

/// What of a block has come over.
///
/// # Errors
/// What the database refuses.
pub fn taken(connection: &mut Connection, block: i64) -> QueryResult<Taken> {
    let bits = legacy_imports::table.find(block).select(legacy_imports::taken).first(connection).optional()?;
    Ok(Taken(bits.unwrap_or_else(|| vec![0; BLOCK as usize / 8])))
}

/// The blocks of which something has come over, in order.
///
/// # Errors
/// What the database refuses.
pub fn blocks(connection: &mut Connection) -> QueryResult<Vec<i64>> {
    legacy_imports::table.select(legacy_imports::block).order(legacy_imports::block).load(connection)
}

/// Since when housekeeping has erased nothing of what came over: neither of the history, nor clusters that were silent
/// since. None if there is no cluster.
///
/// # Errors
/// What the database refuses.
pub fn whole_since(connection: &mut Connection) -> QueryResult<Option<DateTime<Utc>>> {
    let silent: Option<_> = clusters::table.select(diesel::dsl::min(clusters::last_seen)).first(connection)?;
    Ok(silent.max(partitions::start(connection)?).filter(|_| silent.is_some()))
}

/// How many of these check-ins are in the history here.
///
/// # Errors
/// What the database refuses.
pub fn known(connection: &mut Connection, check_ins: &[(Uuid, DateTime<Utc>)]) -> QueryResult<i64> {
    let (ids, times): (Vec<Uuid>, Vec<DateTime<Utc>>) = check_ins.iter().copied().unzip();
    let known: Count = diesel::sql_query(
        "select count(*) as count from unnest($1, $2) as asked (id, time)
         where exists (select from checkins where cluster_id = asked.id and at = asked.time)",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Array<Timestamptz>, _>(times)
    .get_result(connection)?;
    Ok(known.count)
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Writes what comes over of a block, whose sets are there, in one transaction with the note that it has.
///
/// # Errors
/// What the database refuses. Nothing has come over then.
pub fn write(connection: &mut Connection, block: i64, taken: &Taken, arrivals: &[Arrival]) -> QueryResult<()> {
    match write_once(connection, block, taken, arrivals) {
        // A server may have dropped one of the partitions again, which are older than it keeps history.
        Err(Error::DatabaseError(DatabaseErrorKind::CheckViolation, _)) => {
            write_once(connection, block, taken, arrivals)
        }
        written => written,
    }
}

fn write_once(connection: &mut Connection, block: i64, taken: &Taken, arrivals: &[Arrival]) -> QueryResult<()> {
    let months: BTreeMap<(i32, u32), DateTime<Utc>> =
        arrivals.iter().map(|arrival| ((arrival.at.year(), arrival.at.month()), arrival.at)).collect();
    for at in months.into_values() {
        partitions::ensure(connection, at, 0)?;
    }
    connection.transaction(|connection| {
        if !arrivals.is_empty() {
            rollups::set_uncounted(connection)?;
        }
        write_clusters(connection, arrivals)?;
        write_history(connection, arrivals)?;
        diesel::insert_into(legacy_imports::table)
            .values((legacy_imports::block.eq(block), legacy_imports::taken.eq(&taken.0)))
            .on_conflict(legacy_imports::block)
            .do_update()
            .set(legacy_imports::taken.eq(excluded(legacy_imports::taken)))
            .execute(connection)?;
        Ok(())
    })
}

/// Writes sets that are not there yet. In the order of their hashes: whoever else writes sets at the same time waits, and does not deadlock.
///
/// # Errors
/// What the database refuses.
pub fn write_sets<'a>(connection: &mut Connection, sets: impl Iterator<Item = &'a ComponentSet>) -> QueryResult<()> {
    let sets: BTreeMap<[u8; 16], &ComponentSet> = sets.map(|set| (set.hash(), set)).collect();
    let rows: Vec<_> = sets
        .into_iter()
        .map(|(hash, set)| {
            let components =
                serde_json::to_value(set.components()).map_err(|error| Error::SerializationError(error.into()))?;
            Ok((
                component_sets::hash.eq(hash.to_vec()),
                component_sets::components.eq(components),
                component_sets::legacy.eq(set.legacy().cloned()),
            ))
        })
        .collect::<QueryResult<_>>()?;
    for rows in rows.chunks(1_000) {
        diesel::insert_into(component_sets::table)
            .values(rows.to_vec())
            .on_conflict_do_nothing()
            .execute(connection)?;
    }
    Ok(())
}

/// What the clusters sent last is not known yet: a JSON null says so, unless they have reported here since.
fn write_clusters(connection: &mut Connection, arrivals: &[Arrival]) -> QueryResult<()> {
    let mut clusters: BTreeMap<Uuid, Vec<&Arrival>> = BTreeMap::new();
    for arrival in arrivals {
        clusters.entry(arrival.cluster_id).or_default().push(arrival);
    }
    let (mut ids, mut counts, mut firsts, mut lasts, mut hashes) = (vec![], vec![], vec![], vec![], vec![]);
    for (id, mut arrivals) in clusters {
        arrivals.sort_by_key(|arrival| arrival.at);
        if let (Some(first), Some(last)) = (arrivals.first(), arrivals.last()) {
            ids.push(id);
            counts.push(arrivals.len() as i64);
            firsts.push(first.at);
            lasts.push(last.at);
            hashes.push(last.set_hash.to_vec());
        }
    }
    diesel::sql_query(
        "insert into clusters (id, first_seen, last_seen, checkins, set_hash, labels, legacy)
         select id, first_seen, last_seen, checkins, set_hash, '{}', 'null'
         from unnest($1, $2, $3, $4, $5) as arrived (id, first_seen, last_seen, checkins, set_hash)
         on conflict (id) do update set
             first_seen = least(clusters.first_seen, excluded.first_seen),
             last_seen = greatest(clusters.last_seen, excluded.last_seen),
             checkins = clusters.checkins + excluded.checkins,
             set_hash = case when excluded.last_seen >= clusters.last_seen then excluded.set_hash else clusters.set_hash end,
             legacy = case when excluded.last_seen >= clusters.last_seen then excluded.legacy else clusters.legacy end",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Array<Timestamptz>, _>(firsts)
    .bind::<Array<Timestamptz>, _>(lasts)
    .bind::<Array<BigInt>, _>(counts)
    .bind::<Array<Binary>, _>(hashes)
    .execute(connection)
    .map(drop)
}

fn write_history(connection: &mut Connection, arrivals: &[Arrival]) -> QueryResult<()> {
    let ids: Vec<Uuid> = arrivals.iter().map(|arrival| arrival.cluster_id).collect();
    let times: Vec<DateTime<Utc>> = arrivals.iter().map(|arrival| arrival.at).collect();
    let hashes: Vec<Vec<u8>> = arrivals.iter().map(|arrival| arrival.set_hash.to_vec()).collect();
    diesel::sql_query("insert into checkins (cluster_id, at, set_hash) select * from unnest($1, $2, $3)")
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Array<Timestamptz>, _>(times)
        .bind::<Array<Binary>, _>(hashes)
        .execute(connection)
        .map(drop)
}

/// Keeps a doctor report, unless one under its id was sent here or is the same; answers whether it was kept.
///
/// # Errors
/// What the database refuses.
pub fn report(connection: &mut Connection, id: Uuid, report: &Value) -> QueryResult<bool> {
    use diesel::query_dsl::methods::FilterDsl;

    let kept = diesel::insert_into(doctor_reports::table)
        .values((doctor_reports::id.eq(id), doctor_reports::report.eq(report)))
        .on_conflict(doctor_reports::id)
        .do_update()
        .set(doctor_reports::report.eq(excluded(doctor_reports::report)))
        .filter(diesel::dsl::sql::<Bool>(
            "doctor_reports.received_at is null and doctor_reports.report::text <> excluded.report::text",
        ))
        .execute(connection)?;
    Ok(kept > 0)
}
