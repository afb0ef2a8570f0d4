//! Counting the whole history anew, beside whatever else goes on.
//!
//! All happens in one transaction that sees the database as it was at its start. Moves that are noted down meanwhile are
//! counted after it, on top.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::result::Error;
use diesel::sql_types::BigInt;
use uuid::Uuid;

use super::LOCK;
use super::chain;
use super::fold::{PATIENCE, count_moves, is_lock_timeout};
use crate::store::schema::{clusters, rollup_state};
use crate::store::{Connection, partitions};

/// How many clusters are counted at a time, at most.
const CLUSTERS: i64 = 100_000;

/// How many check-ins they may have, if they are several.
const CHECK_INS: i64 = 2_000_000;

/// A table of numbers: its name, the column that says when, those that say of what, and those that say how many.
type Table = (&'static str, &'static str, &'static str, &'static str);

/// The tables of numbers.
const TABLES: [Table; 6] = [
    ("rollup_activity", "bucket", "step, bucket, labels", "clusters, appeared"),
    ("rollup_cohorts", "bucket", "step, bucket, first_day, labels, first_labels", "clusters"),
    ("rollup_sets", "bucket", "step, bucket, labels, set_hash", "clusters"),
    ("rollup_versions", "bucket", "component, step, bucket, train, version, labels", "clusters"),
    ("rollup_gaps", "day", "day, gap, labels", "clusters"),
    ("rollup_changes", "day", "component, day, train, from_version, to_version, labels", "clusters"),
];

/// What to count the history for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To put the numbers in the place of those that are there.
    Replace,
    /// To compare them with those that are there, which stay.
    Compare,
}

/// How far the counting is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// How many clusters are counted.
    pub counted: i64,
    /// How many there are.
    pub clusters: i64,
}

/// How many numbers of a table were not what the history comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference {
    /// The table.
    pub table: &'static str,
    /// How many numbers it has.
    pub numbers: i64,
    /// How many of those that it had or has are not the same.
    pub different: i64,
}

/// Counts the history anew; answers how the numbers that were there compare, table by table. None if somebody else is at
/// it.
///
/// Numbers of months whose history was dropped stay.
///
/// # Errors
/// What the database refuses. Nothing has changed then.
pub fn rebuild(
    connection: &mut Connection,
    purpose: Purpose,
    progress: &mut dyn FnMut(Progress),
) -> QueryResult<Option<Vec<Difference>>> {
    connection.batch_execute("set statement_timeout = 0; set timezone = 'UTC'")?;
    // Before the transaction begins to see: what somebody else has counted by then is counted.
    match connection.batch_execute(&format!("set lock_timeout = '{PATIENCE}'; select pg_advisory_lock({LOCK})")) {
        Err(error) if is_lock_timeout(&error) => return Ok(None),
        locked => locked?,
    }
    connection.batch_execute("set lock_timeout = 0")?;
    let counted = count_all(connection, purpose, progress);
    // If the connection broke, so did the lock.
    let _ = connection.batch_execute(&format!("select pg_advisory_unlock({LOCK})"));
    counted.map(Some)
}

fn count_all(
    connection: &mut Connection,
    purpose: Purpose,
    progress: &mut dyn FnMut(Progress),
) -> QueryResult<Vec<Difference>> {
    let mut differences = Vec::new();
    let counted = connection.build_transaction().repeatable_read().run(|connection| {
        count_moves(connection)?;
        let since = match partitions::start(connection)? {
            Some(start) => format!("'{}'", start.date_naive()),
            None => "'-infinity'".into(),
        };
        for (table, day, ..) in TABLES {
            connection.batch_execute(&format!(
                "create temporary table was_{table} on commit drop as select * from {table} where {day} >= {since};
                 delete from {table} where {day} >= {since}"
            ))?;
        }
        count_clusters(connection, progress)?;
        for table in TABLES {
            differences.push(compare(connection, table, &since)?);
        }
        match purpose {
            Purpose::Replace => {
                diesel::update(rollup_state::table).set(rollup_state::is_counted.eq(true)).execute(connection)
            }
            Purpose::Compare => Err(Error::RollbackTransaction),
        }
    });
    match counted {
        Ok(_) | Err(Error::RollbackTransaction) => Ok(differences),
        Err(error) => Err(error),
    }
}

/// Counts the history of all clusters, some at a time.
fn count_clusters(connection: &mut Connection, progress: &mut dyn FnMut(Progress)) -> QueryResult<()> {
    let mut done = Progress { counted: 0, clusters: clusters::table.count().get_result(connection)? };
    // Sorted in memory rather than on disk.
    connection.batch_execute("set local work_mem = '256MB'")?;
    let mut after: Option<Uuid> = None;
    loop {
        progress(done);
        let mut some =
            clusters::table.order(clusters::id).limit(CLUSTERS).select((clusters::id, clusters::checkins)).into_boxed();
        if let Some(after) = after {
            some = some.filter(clusters::id.gt(after));
        }
        let some: Vec<(Uuid, i64)> = some.load(connection)?;
        let mut check_ins = 0;
        let few = some.iter().take_while(|(_, count)| {
            check_ins += count;
            check_ins <= CHECK_INS
        });
        let counted = few.count().max(1);
        let (Some((first, _)), Some((last, _))) = (some.first(), some.get(counted - 1)) else { return Ok(()) };
        chain::count_range(connection, *first, *last)?;
        done.counted += counted as i64;
        after = Some(*last);
    }
}

#[derive(QueryableByName)]
struct Compared {
    #[diesel(sql_type = BigInt)]
    numbers: i64,
    #[diesel(sql_type = BigInt)]
    different: i64,
}

/// What is nothing is as good as not there.
fn compare(connection: &mut Connection, table: Table, since: &str) -> QueryResult<Difference> {
    let (table, day, keys, counts) = table;
    let was = format!("select {keys}, {counts} from was_{table} where clusters <> 0");
    let is = format!("select {keys}, {counts} from {table} where clusters <> 0 and {day} >= {since}");
    let Compared { numbers, different } = diesel::sql_query(format!(
        "select (select count(*) from ({is}) as numbers) as numbers,
                (select count(distinct ({keys})) from (({was} except {is}) union all ({is} except {was})) as changed)
                    as different"
    ))
    .get_result(connection)?;
    Ok(Difference { table, numbers, different })
}
