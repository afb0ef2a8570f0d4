//! Listing the versions that match a SemVer range.

use semver::VersionReq;

use super::cursor::Page;
use crate::contract::v4::types;
use crate::domain::precedence;
use crate::store::trains::{self, After};
use crate::store::versions::Version;
use crate::store::{Connection, QueryError};
use crate::wire::{Fault, Written};

/// How many versions are read at once when not all of them will match.
const BATCH: i64 = 500;

/// Reads a range, as the parameter `matching` gives it.
///
/// # Errors
/// What is no range.
pub(super) fn range(text: &str) -> Result<VersionReq, Fault> {
    VersionReq::parse(text)
        .map_err(|_| Fault::query("matching", "is no SemVer range; write one such as ^2.1 or >=2.1, <3"))
}

/// A page of the versions of a train. The database does not know ranges, so it is read until the page is full.
///
/// # Errors
/// What the database refuses.
pub(super) fn list(
    connection: &mut Connection,
    train: (&str, &str),
    include_yanked: bool,
    range: Option<&VersionReq>,
    page: &Page<After>,
) -> Result<(Vec<Written<types::Version>>, Option<String>), QueryError> {
    let matches = |version: &Version| {
        range.is_none_or(|range| precedence::parse(&version.version).is_some_and(|version| range.matches(&version)))
    };
    let wanted = page.lookup();
    let batch_size = if range.is_some() { BATCH.max(wanted) } else { wanted };
    let mut after = page.after.clone();
    let mut found: Vec<Version> = Vec::new();
    loop {
        let batch = trains::list_versions(connection, train, include_yanked, after.as_ref(), batch_size)?;
        let is_last = (batch.len() as i64) < batch_size;
        after = batch.last().map(Version::position);
        found.extend(batch.into_iter().filter(matches));
        if is_last || found.len() as i64 >= wanted {
            break;
        }
    }
    let next_cursor = page.cut(&mut found, Version::position);
    Ok((found.into_iter().map(Into::into).collect(), next_cursor))
}
