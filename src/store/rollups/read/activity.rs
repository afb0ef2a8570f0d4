//! Clusters that were active.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Integer, SmallInt, Text};

use super::{COUNTS, step};
use crate::domain::insight::interval::{Interval, Range};
use crate::domain::insight::labels::Labels;
use crate::store::Connection;

/// What happened in an interval.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Activity {
    /// How many clusters were active.
    pub active: i64,
    /// How many appeared.
    pub appeared: i64,
    /// How many returned.
    pub returned: i64,
    /// How many disappeared.
    pub disappeared: i64,
}

/// A label, and how many clusters had it.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct LabelCount {
    /// The label.
    #[diesel(sql_type = Text)]
    pub label: String,
    /// How many clusters.
    #[diesel(sql_type = BigInt)]
    pub clusters: i64,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Date)]
    bucket: NaiveDate,
    #[diesel(sql_type = BigInt)]
    one: i64,
    #[diesel(sql_type = BigInt)]
    all_one: i64,
    #[diesel(sql_type = BigInt)]
    other: i64,
    #[diesel(sql_type = BigInt)]
    all_other: i64,
}

/// How many clusters were active and appeared in each interval: those that count, and all.
///
/// # Errors
/// What the database refuses.
pub fn activity(connection: &mut Connection, range: &Range, labels: &Labels) -> QueryResult<Vec<(Activity, Activity)>> {
    let rows: Vec<Row> = diesel::sql_query(format!(
        "select bucket,
                coalesce(sum(clusters) filter (where {COUNTS}), 0)::bigint as one, sum(clusters)::bigint as all_one,
                coalesce(sum(appeared) filter (where {COUNTS}), 0)::bigint as other, sum(appeared)::bigint as all_other
         from rollup_activity where step = $3 and bucket >= $4 and bucket < $5 group by bucket"
    ))
    .bind::<Array<Text>, _>(&labels.with)
    .bind::<Array<Text>, _>(&labels.without)
    .bind::<SmallInt, _>(step(range.interval))
    .bind::<Date, _>(range.start())
    .bind::<Date, _>(range.end())
    .load(connection)?;
    let mut activity = vec![Default::default(); range.count()];
    for row in rows {
        if let Some(place) = range.position(row.bucket) {
            activity[place] = (
                Activity { active: row.one, appeared: row.other, ..Activity::default() },
                Activity { active: row.all_one, appeared: row.all_other, ..Activity::default() },
            );
        }
    }
    Ok(activity)
}

/// How many clusters returned and disappeared in each interval, where whoever is silent for so many days has disappeared:
/// those that count, and all.
///
/// Of the clusters that were active on a day, those have not disappeared that were active again within as many days.
///
/// # Errors
/// What the database refuses.
pub fn returned_and_disappeared(
    connection: &mut Connection,
    range: &Range,
    silent_days: i32,
    labels: &Labels,
) -> QueryResult<Vec<(Activity, Activity)>> {
    let rows: Vec<Row> = diesel::sql_query(format!(
        "select bucket,
                coalesce(sum(returned) filter (where {COUNTS}), 0)::bigint as one, sum(returned)::bigint as all_one,
                coalesce(sum(gone) filter (where {COUNTS}), 0)::bigint as other, sum(gone)::bigint as all_other
         from (
             select day + gap as bucket, labels, clusters as returned, 0 as gone from rollup_gaps
             where gap > $3 and day + gap >= $4 and day + gap < $5
             union all
             select bucket + $3, labels, 0, clusters from rollup_activity
             where step = 1 and bucket >= $4 - $3 and bucket < least($5, $6) - $3
             union all
             select day + $3, labels, 0, -clusters from rollup_gaps
             where gap <= $3 and day >= $4 - $3 and day < least($5, $6) - $3
         ) as days group by bucket"
    ))
    .bind::<Array<Text>, _>(&labels.with)
    .bind::<Array<Text>, _>(&labels.without)
    .bind::<Integer, _>(silent_days)
    .bind::<Date, _>(range.start())
    .bind::<Date, _>(range.end())
    .bind::<Date, _>(range.today())
    .load(connection)?;
    let mut activity: Vec<(Activity, Activity)> = vec![Default::default(); range.count()];
    for row in rows {
        if let Some(place) = range.position(range.interval.start(row.bucket)) {
            let (counted, all) = &mut activity[place];
            counted.returned += row.one;
            all.returned += row.all_one;
            counted.disappeared += row.other;
            all.disappeared += row.all_other;
        }
    }
    Ok(activity)
}

/// The labels of the clusters that were active in an interval, the most common first.
///
/// # Errors
/// What the database refuses.
pub fn labels(connection: &mut Connection, interval: Interval, start: NaiveDate) -> QueryResult<Vec<LabelCount>> {
    diesel::sql_query(
        "select label, sum(clusters)::bigint as clusters
         from (
             select unnest(labels) as label, clusters from rollup_activity where step = $1 and bucket = $2
         ) as labelled
         group by label having sum(clusters) > 0 order by sum(clusters) desc, label limit 100",
    )
    .bind::<SmallInt, _>(step(interval))
    .bind::<Date, _>(start)
    .load(connection)
}
