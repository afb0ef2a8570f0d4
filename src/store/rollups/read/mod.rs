//! The numbers as they are asked for. Each is told twice: for the clusters that the labels let count, and for all.

mod activity;
mod ages;
mod installed;
mod versions;

pub use activity::{Activity, LabelCount, activity, labels, returned_and_disappeared};
pub use ages::{Cohort, cohorts, first_days, last_days};
pub use installed::{InstalledSet, InstalledVersion, installed_sets, installed_versions};
pub use versions::{Change, Release, VersionCount, changes, releases, releases_of, versions};

use crate::domain::insight::interval::Interval;

/// How the tables call an interval.
fn step(interval: Interval) -> i16 {
    match interval {
        Interval::Day => 1,
        Interval::Week => 2,
        Interval::Month => 3,
    }
}

/// Which labels count, in a query whose first two parameters are those that a cluster must have, and must not have.
const COUNTS: &str = "labels @> $1 and not labels && $2";
