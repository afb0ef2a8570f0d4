//! The versions of a component over time.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Nullable, SmallInt, Text};

use super::{COUNTS, step};
use crate::domain::insight::interval::Range;
use crate::domain::insight::labels::Labels;
use crate::store::Connection;
use crate::store::schema::versions;

/// The clusters on a version at the end of an interval.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct VersionCount {
    /// The first day of the interval.
    #[diesel(sql_type = Date)]
    pub bucket: NaiveDate,
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

/// How often clusters went from one version to another on a day.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Change {
    /// The day.
    #[diesel(sql_type = Date)]
    pub day: NaiveDate,
    /// The train.
    #[diesel(sql_type = Text)]
    pub train: String,
    /// From which version.
    #[diesel(sql_type = Text)]
    pub from_version: String,
    /// To which version.
    #[diesel(sql_type = Text)]
    pub to_version: String,
    /// How often.
    #[diesel(sql_type = BigInt)]
    pub counted: i64,
}

/// A version that was published.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = versions, check_for_backend(diesel::pg::Pg))]
pub struct Release {
    /// The component.
    pub component: String,
    /// The train.
    pub train: String,
    /// The version.
    pub version: String,
    /// When it was released.
    pub released: DateTime<Utc>,
    /// When it was yanked; none if it was not.
    pub yanked_at: Option<DateTime<Utc>>,
}

/// How many clusters were on each version at the end of each interval from the day `from` on up to the end of the range.
///
/// # Errors
/// What the database refuses.
pub fn versions(
    connection: &mut Connection,
    (component, train): (&str, Option<&str>),
    (from, range): (NaiveDate, &Range),
    labels: &Labels,
) -> QueryResult<Vec<VersionCount>> {
    diesel::sql_query(format!(
        "select bucket, train, version, coalesce(sum(clusters) filter (where {COUNTS}), 0)::bigint as counted,
                sum(clusters)::bigint as all
         from rollup_versions
         where component = $3 and step = $4 and bucket >= $5 and bucket < $6 and ($7 is null or train = $7)
         group by bucket, train, version having sum(clusters) > 0"
    ))
    .bind::<Array<Text>, _>(&labels.with)
    .bind::<Array<Text>, _>(&labels.without)
    .bind::<Text, _>(component)
    .bind::<SmallInt, _>(step(range.interval))
    .bind::<Date, _>(from)
    .bind::<Date, _>(range.end())
    .bind::<Nullable<Text>, _>(train)
    .load(connection)
}

/// How often clusters went from one version to another on each day of the range.
///
/// # Errors
/// What the database refuses.
pub fn changes(
    connection: &mut Connection,
    (component, train): (&str, Option<&str>),
    range: &Range,
    labels: &Labels,
) -> QueryResult<Vec<Change>> {
    diesel::sql_query(format!(
        "select day, train, from_version, to_version, sum(clusters)::bigint as counted
         from rollup_changes
         where {COUNTS} and component = $3 and day >= $4 and day < $5 and ($6 is null or train = $6)
         group by day, train, from_version, to_version having sum(clusters) > 0"
    ))
    .bind::<Array<Text>, _>(&labels.with)
    .bind::<Array<Text>, _>(&labels.without)
    .bind::<Text, _>(component)
    .bind::<Date, _>(range.start())
    .bind::<Date, _>(range.end())
    .bind::<Nullable<Text>, _>(train)
    .load(connection)
}

/// What was published of a component.
///
/// # Errors
/// What the database refuses.
pub fn releases_of(connection: &mut Connection, component: &str) -> QueryResult<Vec<Release>> {
    versions::table.filter(versions::component.eq(component)).select(Release::as_select()).load(connection)
}

/// What was published.
///
/// # Errors
/// What the database refuses.
pub fn releases(connection: &mut Connection) -> QueryResult<Vec<Release>> {
    versions::table.select(Release::as_select()).load(connection)
}
