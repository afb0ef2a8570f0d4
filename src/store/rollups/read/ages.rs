//! Clusters by when they were first and last seen.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, SmallInt, Text};

use super::{COUNTS, step};
use crate::domain::insight::interval::{Interval, Range};
use crate::domain::insight::labels::Labels;
use crate::domain::insight::spread::Aged;
use crate::store::Connection;

/// The clusters of a cohort that were active in an interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cohort {
    /// The first day of the interval in which they were first seen.
    pub first: NaiveDate,
    /// The first day of the interval in which they were active.
    pub active: NaiveDate,
    /// How many of them count.
    pub counted: i64,
    /// How many they are.
    pub all: i64,
}

#[derive(QueryableByName)]
struct Day {
    #[diesel(sql_type = Date)]
    day: NaiveDate,
    #[diesel(sql_type = BigInt)]
    counted: i64,
    #[diesel(sql_type = BigInt)]
    all: i64,
}

#[derive(QueryableByName)]
struct Cell {
    #[diesel(sql_type = Date)]
    day: NaiveDate,
    #[diesel(sql_type = Date)]
    bucket: NaiveDate,
    #[diesel(sql_type = BigInt)]
    counted: i64,
    #[diesel(sql_type = BigInt)]
    all: i64,
}

/// The clusters that were active in an interval, by how many days before `today` they were first seen.
///
/// # Errors
/// What the database refuses.
pub fn first_days(
    connection: &mut Connection,
    interval: Interval,
    start: NaiveDate,
    today: NaiveDate,
    labels: &Labels,
) -> QueryResult<Vec<Aged>> {
    let rows: Vec<Day> = diesel::sql_query(format!(
        "select first_day as day, coalesce(sum(clusters) filter (where {COUNTS}), 0)::bigint as counted,
                sum(clusters)::bigint as all
         from rollup_cohorts where step = $3 and bucket = $4 group by first_day having sum(clusters) > 0"
    ))
    .bind::<Array<Text>, _>(&labels.with)
    .bind::<Array<Text>, _>(&labels.without)
    .bind::<SmallInt, _>(step(interval))
    .bind::<Date, _>(start)
    .load(connection)?;
    Ok(rows.into_iter().map(|row| aged(row, today)).collect())
}

/// The clusters whose last check-in up to and including the day `today` was on the day `from` or later, by how many days
/// before `today` it was.
///
/// Those of a day are those that were active on it and not again.
///
/// # Errors
/// What the database refuses.
pub fn last_days(
    connection: &mut Connection,
    from: NaiveDate,
    today: NaiveDate,
    labels: &Labels,
) -> QueryResult<Vec<Aged>> {
    let rows: Vec<Day> = diesel::sql_query(format!(
        "select day, coalesce(sum(clusters) filter (where {COUNTS}), 0)::bigint as counted,
                sum(clusters)::bigint as all
         from (
             select bucket as day, labels, clusters from rollup_activity where step = 1 and bucket >= $3 and bucket <= $4
             union all
             select day, labels, -clusters from rollup_gaps where day >= $3 and day <= $4 and day + gap <= $4
         ) as days group by day having sum(clusters) > 0"
    ))
    .bind::<Array<Text>, _>(&labels.with)
    .bind::<Array<Text>, _>(&labels.without)
    .bind::<Date, _>(from)
    .bind::<Date, _>(today)
    .load(connection)?;
    Ok(rows.into_iter().map(|row| aged(row, today)).collect())
}

fn aged(row: Day, today: NaiveDate) -> Aged {
    Aged { days: (today - row.day).num_days().max(0), counted: row.counted, all: row.all }
}

/// The clusters that were first seen in a range, by the interval of that and those in which they were active. Labels are
/// those of their first check-ins.
///
/// # Errors
/// What the database refuses.
pub fn cohorts(connection: &mut Connection, range: &Range, labels: &Labels) -> QueryResult<Vec<Cohort>> {
    let rows: Vec<Cell> = diesel::sql_query(
        "select first_day as day, bucket,
                coalesce(sum(clusters) filter (where first_labels @> $1 and not first_labels && $2), 0)::bigint as counted,
                sum(clusters)::bigint as all
         from rollup_cohorts
         where step = $3 and bucket >= $4 and bucket < $5 and first_day >= $4
         group by first_day, bucket",
    )
    .bind::<Array<Text>, _>(&labels.with)
    .bind::<Array<Text>, _>(&labels.without)
    .bind::<SmallInt, _>(step(range.interval))
    .bind::<Date, _>(range.start())
    .bind::<Date, _>(range.end())
    .load(connection)?;
    let cohort = |row: Cell| Cohort {
        first: range.interval.start(row.day),
        active: row.bucket,
        counted: row.counted,
        all: row.all,
    };
    Ok(rows.into_iter().map(cohort).collect())
}
