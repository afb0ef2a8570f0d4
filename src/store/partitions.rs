//! The monthly partitions of the check-ins, made ahead of time.

use std::time::Duration;

use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};
use diesel::Connection as _;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::{Connection, Store};
use crate::clock;

/// How many months are made ahead: a server that was forgotten for a quarter still writes.
pub const MONTHS_AHEAD: u32 = 3;

/// How often to look whether a partition is missing.
const EVERY: Duration = Duration::from_secs(3_600);

/// The key of the advisory lock under which partitions are made: "partitio" as a number.
const LOCK: i64 = 0x7061_7274_6974_696f;

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
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

/// Keeps the partitions of the coming months made, for as long as the server runs.
pub async fn keep_ahead(store: Store) {
    let mut hourly = tokio::time::interval(EVERY);
    loop {
        hourly.tick().await;
        if let Err(error) = store.run(|connection| ensure(connection, clock::now(), MONTHS_AHEAD)).await {
            tracing::error!(%error, "cannot make the partitions of the coming months; will try again");
        }
    }
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
