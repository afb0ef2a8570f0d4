//! Erasing clusters that have been silent for long, with their history, in small steps.

use chrono::{DateTime, Utc};
use diesel::Connection as _;
use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use uuid::Uuid;

use super::Connection;
use super::rollups::chain;
use super::schema::{checkins, clusters};

/// The most clusters that are looked at in one step.
pub const MAX_CLUSTERS: i64 = 50;

/// How many check-ins a step may erase before it begins with no other cluster.
pub const MAX_CHECKINS: i64 = 2_000;

/// The key of the advisory lock under which a step is done: "forgetti" as a number.
const LOCK: i64 = 0x666f_7267_6574_7469;

/// What was done in a step.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Step {
    /// How many clusters were erased.
    pub clusters: usize,
    /// Where the next step goes on; none if nothing is left to do, or somebody else does it.
    pub next: Option<DateTime<Utc>>,
}

/// Erases some of the clusters that were last seen before `before`, and not before `from`; those that have been silent
/// for longest first.
///
/// Only clusters that nobody else has locked, and that are still silent once they are locked here. A check-in that
/// comes then waits for the end of the step, and is the first of a new cluster. Each statement that locks or writes is
/// about one cluster, as tables that are spread over many machines want it.
///
/// # Errors
/// What the database refuses. This step has erased nothing then.
pub fn forget_silent(
    connection: &mut Connection,
    from: Option<DateTime<Utc>>,
    before: DateTime<Utc>,
) -> QueryResult<Step> {
    connection.transaction(|connection| {
        let is_free = sql::<Bool>(&format!("pg_try_advisory_xact_lock({LOCK})"));
        if !diesel::select(is_free).get_result::<bool>(connection)? {
            return Ok(Step::default());
        }
        // Before the history, as check-ins lock them.
        connection.batch_execute("lock table clusters in row exclusive mode")?;
        let silent = silent(connection, from, before)?;
        let (mut step, mut erased) = (Step::default(), 0);
        for (id, last_seen) in &silent {
            step.next = Some(*last_seen);
            if erased >= MAX_CHECKINS {
                return Ok(step);
            }
            let Some(checkins) = lock(connection, *id, before)? else { continue };
            chain::take_back(connection, *id)?;
            if checkins > MAX_CHECKINS && shorten_history(connection, *id)? > 0 {
                chain::count(connection, *id)?;
                return Ok(step);
            }
            step.clusters += diesel::delete(clusters::table.find(id)).execute(connection)?;
            erased += checkins;
        }
        // Those that somebody else has locked are left to the next time, even if there is nothing but them.
        if (silent.len() as i64) < MAX_CLUSTERS || (step.clusters == 0 && step.next == from) {
            step.next = None;
        }
        Ok(step)
    })
}

/// The clusters that a step looks at, with when they were last seen.
fn silent(
    connection: &mut Connection,
    from: Option<DateTime<Utc>>,
    before: DateTime<Utc>,
) -> QueryResult<Vec<(Uuid, DateTime<Utc>)>> {
    let mut silent = clusters::table
        .filter(clusters::last_seen.lt(before))
        .order(clusters::last_seen)
        .limit(MAX_CLUSTERS)
        .select((clusters::id, clusters::last_seen))
        .into_boxed();
    // What was erased in the steps before is still in the index, and would be read again each time.
    if let Some(from) = from {
        silent = silent.filter(clusters::last_seen.ge(from));
    }
    silent.load(connection)
}

/// Locks a cluster that is silent and that nobody else has locked; answers how often it has checked in.
fn lock(connection: &mut Connection, id: Uuid, before: DateTime<Utc>) -> QueryResult<Option<i64>> {
    clusters::table
        .filter(clusters::id.eq(id).and(clusters::last_seen.lt(before)))
        .select(clusters::checkins)
        .for_update()
        .skip_locked()
        .first(connection)
        .optional()
}

/// Erases the older part of a history that is too long for one step; answers how many check-ins.
fn shorten_history(connection: &mut Connection, id: Uuid) -> QueryResult<usize> {
    let last: Option<DateTime<Utc>> = checkins::table
        .filter(checkins::cluster_id.eq(id))
        .order(checkins::at)
        .offset(MAX_CHECKINS)
        .select(checkins::at)
        .first(connection)
        .optional()?;
    match last {
        Some(last) => diesel::delete(checkins::table.filter(checkins::cluster_id.eq(id).and(checkins::at.le(last))))
            .execute(connection),
        None => Ok(0),
    }
}
