//! Check-ins that come after later ones of their cluster, as when the clocks of two replicas disagree; and those of a
//! cluster that reports several things at once.
//!
//! What they change of the numbers over time is more than the row of their cluster tells: its whole history is counted
//! anew. That is slow, and rare.

use chrono::{DateTime, Utc};
use diesel::Connection as _;
use diesel::prelude::*;
use uuid::Uuid;

use super::history::InsertHistory;
use super::statements::Known;
use super::{Failure, Proof, Recorded, Report, newest, oldest};
use crate::store::rollups::chain;
use crate::store::schema::{checkins, clusters};
use crate::store::{Connection, partitions};

/// What is known of the cluster before.
#[derive(Queryable, Selectable)]
#[diesel(table_name = clusters)]
struct Row {
    first_seen: DateTime<Utc>,
    last_seen: DateTime<Utc>,
    checkins: i64,
    set_hash: Vec<u8>,
    labels: Vec<String>,
    first_labels: Vec<String>,
    claim: Option<Vec<u8>>,
}

/// Records check-ins of one cluster, whenever they were; answers what is known after each, and none if they do not count.
pub(super) fn record(connection: &mut Connection, reports: &[&Report]) -> Result<Option<Vec<Recorded>>, Failure> {
    let mut is_doubtful = false;
    let recorded = connection.transaction(|connection| {
        let recorded = write(connection, reports)?;
        is_doubtful = true;
        Ok(recorded)
    });
    recorded.map_err(|error| Failure { error, is_doubtful })
}

fn write(connection: &mut Connection, reports: &[&Report]) -> QueryResult<Option<Vec<Recorded>>> {
    let (Some(first), Some(last)) = (oldest(reports), newest(reports)) else { return Ok(None) };
    let id = first.cluster_id;
    for report in reports {
        partitions::ensure(connection, report.at, 0)?;
    }
    let is_new = insert(connection, first)?;
    let row: Row = clusters::table.find(id).select(Row::as_select()).for_update().first(connection)?;
    if !counts(row.claim.as_deref(), last.proof) {
        return Ok(None);
    }
    chain::take_back(connection, id)?;
    let reported: Vec<_> = reports.iter().map(|report| (*report, &row.first_labels[..])).collect();
    InsertHistory::of(&reported).execute(connection)?;
    if first.at <= row.first_seen {
        set_first_labels(connection, id, first.at, &row.first_labels)?;
    }
    let known = Known {
        id,
        first_seen: row.first_seen.min(first.at),
        last_seen: row.last_seen.max(last.at),
        checkins: row.checkins + reports.len() as i64,
        is_new,
        first_labels: None,
    };
    diesel::update(clusters::table.find(id))
        .set((
            clusters::first_seen.eq(known.first_seen),
            clusters::last_seen.eq(known.last_seen),
            clusters::checkins.eq(known.checkins),
            clusters::claim.eq(last.proof.kept()),
        ))
        .execute(connection)?;
    if last.order() >= (row.last_seen, hash(&row.set_hash), &row.labels) {
        diesel::update(clusters::table.find(id))
            .set((
                clusters::set_hash.eq(&last.components.hash()[..]),
                clusters::labels.eq(&last.labels),
                clusters::legacy.eq(&last.legacy),
            ))
            .execute(connection)?;
    }
    chain::count(connection, id)?;
    let left = (0..reports.len() as i64).rev();
    Ok(Some(left.map(|left| known.before(left)).collect()))
}

/// Has a cluster know the labels of its first check-in, which was at this instant; there may be several at that.
fn set_first_labels(connection: &mut Connection, id: Uuid, at: DateTime<Utc>, known: &[String]) -> QueryResult<()> {
    let first: Vec<(Vec<u8>, Option<Vec<String>>)> = checkins::table
        .filter(checkins::cluster_id.eq(id).and(checkins::at.eq(at)))
        .select((checkins::set_hash, checkins::labels))
        .load(connection)?;
    let first = first.into_iter().map(|(hash, labels)| (hash, labels.unwrap_or_else(|| known.to_vec()))).min();
    let Some((_, labels)) = first.filter(|(_, labels)| *labels != known) else { return Ok(()) };
    // The history has none for those of the first check-in, which is another one now.
    diesel::update(checkins::table.filter(checkins::cluster_id.eq(id).and(checkins::labels.is_null())))
        .set(checkins::labels.eq(known))
        .execute(connection)?;
    diesel::update(clusters::table.find(id)).set(clusters::first_labels.eq(labels)).execute(connection).map(drop)
}

/// Adds a cluster that has not checked in yet, to be locked; answers whether it was not there.
fn insert(connection: &mut Connection, report: &Report) -> QueryResult<bool> {
    let added = diesel::insert_into(clusters::table)
        .values((
            clusters::id.eq(report.cluster_id),
            clusters::first_seen.eq(report.at),
            clusters::last_seen.eq(report.at),
            clusters::checkins.eq(0),
            clusters::set_hash.eq(&report.components.hash()[..]),
            clusters::labels.eq(&report.labels),
            clusters::first_labels.eq(&report.labels),
            clusters::legacy.eq(&report.legacy),
        ))
        .on_conflict_do_nothing()
        .returning(clusters::id)
        .get_result::<Uuid>(connection)
        .optional()?;
    Ok(added.is_some())
}

/// Whether what is shown is enough for a cluster with this claim; as in the statement that writes a group.
fn counts(claim: Option<&[u8]>, proof: Proof) -> bool {
    proof == Proof::Token || claim.is_none() || claim == proof.kept()
}

fn hash(bytes: &[u8]) -> [u8; 16] {
    bytes.try_into().unwrap_or_default()
}
