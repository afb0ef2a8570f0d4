//! Trains: what the versions of a component amount to, and which of them is the latest.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::dsl::count_star;
use diesel::prelude::*;

use super::Connection;
use super::schema::versions;
use super::versions::Version;

/// A train of a component.
#[derive(Debug, Clone, PartialEq)]
pub struct Train {
    /// The component.
    pub component: String,
    /// The train.
    pub train: String,
    /// How many versions it has, yanked ones included.
    pub versions: i64,
    /// Its latest version; none when all are yanked.
    pub latest: Option<Version>,
}

/// What is latest of a train, by either rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Latest {
    /// The version of highest precedence, which is the latest in v4.
    pub highest: Version,
    /// The version that was released last, which is the latest in v2 and v3. Of several, the one of highest precedence.
    pub newest: Version,
}

/// Where a page of versions starts: after the one with this precedence, `released` and name.
pub type After = (Vec<u8>, DateTime<Utc>, String);

/// The first `limit` versions of a train after `after`, newest first.
///
/// # Errors
/// What the database refuses.
pub fn list_versions(
    connection: &mut Connection,
    (component, train): (&str, &str),
    include_yanked: bool,
    after: Option<&After>,
    limit: i64,
) -> QueryResult<Vec<Version>> {
    let mut page = versions::table
        .filter(versions::component.eq(component).and(versions::train.eq(train)))
        .order((versions::precedence.desc(), versions::released.desc(), versions::version.desc()))
        .limit(limit)
        .select(Version::as_select())
        .into_boxed();
    if !include_yanked {
        page = page.filter(versions::yanked_at.is_null());
    }
    if let Some((precedence, released, version)) = after {
        page = page.filter(versions::precedence.le(precedence)).filter(versions::precedence.lt(precedence).or(
            versions::released.lt(released).or(versions::released.eq(released).and(versions::version.lt(version))),
        ));
    }
    page.load(connection)
}

/// All versions of a train, the one released first coming first.
///
/// # Errors
/// What the database refuses.
pub fn list_by_release(connection: &mut Connection, (component, train): (&str, &str)) -> QueryResult<Vec<Version>> {
    versions::table
        .filter(versions::component.eq(component).and(versions::train.eq(train)))
        .order((versions::released, versions::precedence, versions::version))
        .select(Version::as_select())
        .load(connection)
}

/// Whether the train has a version at all.
///
/// # Errors
/// What the database refuses.
pub fn exists(connection: &mut Connection, (component, train): (&str, &str)) -> QueryResult<bool> {
    let versions = versions::table.filter(versions::component.eq(component).and(versions::train.eq(train)));
    diesel::select(diesel::dsl::exists(versions)).get_result(connection)
}

/// The first `limit` components whose name comes after `after`, by name.
///
/// # Errors
/// What the database refuses.
pub fn list_components(connection: &mut Connection, after: Option<&str>, limit: i64) -> QueryResult<Vec<String>> {
    versions::table
        .select(versions::component)
        .distinct()
        // No name is empty, so all come after the empty one.
        .filter(versions::component.gt(after.unwrap_or_default()))
        .order(versions::component)
        .limit(limit)
        .load(connection)
}

/// The trains of these components, by component and train.
///
/// # Errors
/// What the database refuses.
pub fn list(connection: &mut Connection, components: &[String]) -> QueryResult<Vec<Train>> {
    let counts: Vec<(String, String, i64)> = versions::table
        .filter(versions::component.eq_any(components))
        .group_by((versions::component, versions::train))
        .select((versions::component, versions::train, count_star()))
        .order((versions::component, versions::train))
        .load(connection)?;
    let mut latest: HashMap<(String, String), Version> = highest(connection, components)?
        .into_iter()
        .map(|version| ((version.component.clone(), version.train.clone()), version))
        .collect();
    Ok(counts
        .into_iter()
        .map(|(component, train, versions)| {
            let key = (component, train);
            let latest = latest.remove(&key);
            let (component, train) = key;
            Train { component, train, versions, latest }
        })
        .collect())
}

/// What is latest of the trains of these components, by component and train. Trains of which nothing counts are left out.
///
/// Both rules must see the same versions: call it in a transaction that reads one snapshot.
///
/// # Errors
/// What the database refuses.
pub(super) fn latest(connection: &mut Connection, components: &[String]) -> QueryResult<Vec<Latest>> {
    let newest = candidates(components)
        .order((
            versions::component,
            versions::train,
            versions::released.desc(),
            versions::precedence.desc(),
            versions::version.desc(),
        ))
        .select(Version::as_select())
        .load(connection)?;
    // Of the same trains, in the same order.
    let both = highest(connection, components)?.into_iter().zip(newest);
    Ok(both.map(|(highest, newest)| Latest { highest, newest }).collect())
}

/// The version of highest precedence of each train of these components, by component and train.
fn highest(connection: &mut Connection, components: &[String]) -> QueryResult<Vec<Version>> {
    candidates(components)
        .order((
            versions::component,
            versions::train,
            versions::precedence.desc(),
            versions::released.desc(),
            versions::version.desc(),
        ))
        .select(Version::as_select())
        .load(connection)
}

/// The versions that could be the latest of these trains: the first of each train in the order that is asked for.
#[diesel::dsl::auto_type(no_type_alias)]
fn candidates<'a>(components: &'a [String]) -> _ {
    versions::table
        .filter(versions::component.eq_any(components))
        .filter(versions::yanked_at.is_null())
        .distinct_on((versions::component, versions::train))
}
