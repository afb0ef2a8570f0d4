//! The monthly partitions of the check-ins: made ahead of time, dropped when their time is over.

use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};
use diesel::Connection as _;
use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable, Text, Timestamptz};

use super::Connection;

/// How many months are made ahead: a server that was forgotten for a quarter still writes.
pub const MONTHS_AHEAD: u32 = 3;

/// The key of the advisory lock under which partitions are made and dropped: "partitio" as a number.
const LOCK: i64 = 0x7061_7274_6974_696f;

/// The partitions, with their bounds as text. A bound that is none is not quoted, and null here.
const PARTITIONS: &str = r"
    with partitions as materialized (
        select oid::regclass::text as name,
               substring(pg_get_expr(relpartbound, oid) from $$ FROM \('(.+)'\) TO $$) as lower_bound,
               substring(pg_get_expr(relpartbound, oid) from $$ TO \('(.+)'\)$$) as upper_bound
        from pg_inherits join pg_class on oid = inhrelid where inhparent = 'checkins'::regclass
    )";

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Start {
    #[diesel(sql_type = Nullable<Timestamptz>)]
    start: Option<DateTime<Utc>>,
}

/// Makes the partitions that are missing for the month of `at` and the `ahead` months after it; answers how many were.
///
/// # Errors
/// What the database refuses.
pub fn ensure(connection: &mut Connection, at: DateTime<Utc>, ahead: u32) -> QueryResult<usize> {
    let Some(first) = at.date_naive().with_day(1) else {
        return Ok(0);
    };
    let months = (0..=ahead).filter_map(|month| first.checked_add_months(Months::new(month)));
    let wanted: Vec<(String, NaiveDate)> = months.map(|month| (name(month), month)).collect();
    // Creating a partition locks the whole table, so look first; most of the time there is nothing to do.
    if missing(connection, &wanted)?.is_empty() {
        return Ok(0);
    }
    connection.transaction(|connection| {
        connection.batch_execute(&format!("select pg_advisory_xact_lock({LOCK})"))?;
        let missing = missing(connection, &wanted)?;
        if missing.is_empty() {
            return Ok(0);
        }
        // Clusters before history, as check-ins lock them: the foreign key would take this lock last, and deadlock with one.
        connection.batch_execute("lock table clusters in share row exclusive mode")?;
        for (name, month) in &missing {
            let Some(next) = month.checked_add_months(Months::new(1)) else { continue };
            let (start, end) = (midnight(*month), midnight(next));
            connection.batch_execute(&format!(
                "create table {name} partition of checkins for values from ('{start}') to ('{end}')"
            ))?;
            tracing::info!(partition = name, "made a partition");
        }
        Ok(missing.len())
    })
}

/// Drops the oldest partition that lies wholly before an instant; answers its name. None if there is none such, or
/// somebody else makes or drops one at this moment.
///
/// It is dropped as it is, which locks the history alone. If it were detached first, it would refer to the clusters by
/// itself, and they would be locked too while that is undone.
///
/// # Errors
/// What the database refuses.
pub fn drop_oldest(connection: &mut Connection, before: DateTime<Utc>) -> QueryResult<Option<String>> {
    connection.transaction(|connection| {
        let is_free = sql::<Bool>(&format!("pg_try_advisory_xact_lock({LOCK})"));
        if !diesel::select(is_free).get_result::<bool>(connection)? {
            return Ok(None);
        }
        let oldest: Option<Name> = diesel::sql_query(format!(
            "{PARTITIONS} select name from partitions
             where upper_bound::timestamptz <= $1 order by upper_bound::timestamptz limit 1"
        ))
        .bind::<Timestamptz, _>(before)
        .get_result(connection)
        .optional()?;
        let Some(Name { name }) = oldest else { return Ok(None) };
        connection.batch_execute(&format!("drop table {name}"))?;
        Ok(Some(name))
    })
}

/// Where the history begins: the lower bound of the first partition.
///
/// # Errors
/// What the database refuses.
pub fn start(connection: &mut Connection) -> QueryResult<Option<DateTime<Utc>>> {
    let query = format!("{PARTITIONS} select min(lower_bound::timestamptz) as start from partitions");
    Ok(diesel::sql_query(query).get_result::<Start>(connection)?.start)
}

fn missing(connection: &mut Connection, wanted: &[(String, NaiveDate)]) -> QueryResult<Vec<(String, NaiveDate)>> {
    let there: Vec<Name> = diesel::sql_query(
        "select relname::text as name from pg_inherits join pg_class on oid = inhrelid where inhparent = 'checkins'::regclass",
    )
    .load(connection)?;
    Ok(wanted.iter().filter(|(name, _)| there.iter().all(|partition| partition.name != *name)).cloned().collect())
}

fn name(month: NaiveDate) -> String {
    format!("checkins_{:04}_{:02}", month.year(), month.month())
}

/// The beginning of a month. chrono writes a sign before years of five digits, which PostgreSQL does not read.
fn midnight(month: NaiveDate) -> String {
    format!("{:04}-{:02}-01 00:00:00Z", month.year(), month.month())
}
