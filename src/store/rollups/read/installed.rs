//! What was installed at the end of an interval.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Jsonb, SmallInt, Text};

use super::{COUNTS, step};
use crate::domain::insight::interval::Interval;
use crate::domain::insight::labels::Labels;
use crate::store::Connection;

/// The clusters on a version of a component.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct InstalledVersion {
    /// The component.
    #[diesel(sql_type = Text)]
    pub component: String,
    /// The train.
    #[diesel(sql_type = Text)]
    pub train: String,
    /// The version.
    #[diesel(sql_type = Text)]
    pub version: String,
    /// How many clusters count.
    #[diesel(sql_type = BigInt)]
    pub counted: i64,
    /// How many there are.
    #[diesel(sql_type = BigInt)]
    pub all: i64,
}

/// The clusters that run exactly these components.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct InstalledSet {
    /// The components: a list of [`Installed`](crate::domain::components::Installed).
    #[diesel(sql_type = Jsonb)]
    pub components: serde_json::Value,
    /// How many clusters count.
    #[diesel(sql_type = BigInt)]
    pub counted: i64,
    /// How many there are.
    #[diesel(sql_type = BigInt)]
    pub all: i64,
}

/// How many clusters ran each version of each component, most first.
///
/// # Errors
/// What the database refuses.
pub fn installed_versions(
    connection: &mut Connection,
    interval: Interval,
    start: NaiveDate,
    labels: &Labels,
) -> QueryResult<Vec<InstalledVersion>> {
    diesel::sql_query(format!(
        "select component, train, version, coalesce(sum(clusters) filter (where {COUNTS}), 0)::bigint as counted,
                sum(clusters)::bigint as all
         from rollup_versions where step = $3 and bucket = $4
         group by component, train, version having sum(clusters) > 0
         order by counted desc, component, train, version"
    ))
    .bind::<Array<Text>, _>(&labels.with)
    .bind::<Array<Text>, _>(&labels.without)
    .bind::<SmallInt, _>(step(interval))
    .bind::<Date, _>(start)
    .load(connection)
}

/// How many clusters ran each set of components, most first.
///
/// A set that v2 or v3 reported may be another one than the same that v4 did; here they are one.
///
/// # Errors
/// What the database refuses.
pub fn installed_sets(
    connection: &mut Connection,
    interval: Interval,
    start: NaiveDate,
    labels: &Labels,
) -> QueryResult<Vec<InstalledSet>> {
    diesel::sql_query(format!(
        "select components, sum(counted)::bigint as counted, sum(total)::bigint as all
         from (
             select set_hash, coalesce(sum(clusters) filter (where {COUNTS}), 0) as counted, sum(clusters) as total
             from rollup_sets where step = $3 and bucket = $4 group by set_hash having sum(clusters) > 0
         ) as sets join component_sets on hash = set_hash
         group by components order by counted desc, components"
    ))
    .bind::<Array<Text>, _>(&labels.with)
    .bind::<Array<Text>, _>(&labels.without)
    .bind::<SmallInt, _>(step(interval))
    .bind::<Date, _>(start)
    .load(connection)
}
