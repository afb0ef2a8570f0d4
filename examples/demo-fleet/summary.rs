//! What was made, in words.

use std::collections::BTreeSet;
use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};

use crate::clusters::Cluster;
use crate::sets::Sets;

/// The release that the fleet is to leave behind.
const OLD: &str = "v2.13.0";

/// The fleet in numbers.
pub(crate) struct Summary {
    clusters: usize,
    check_ins: usize,
    sets: usize,
    since: Option<DateTime<Utc>>,
    now: Week,
    before: Week,
}

/// The clusters of users that were seen within a week.
struct Week {
    seen: usize,
    old: usize,
}

impl Summary {
    pub(crate) fn of(clusters: &[Cluster], sets: &Sets, now: DateTime<Utc>) -> Self {
        let stable = sets.workflows().iter().filter(|workflow| workflow.train == "stable");
        let old = stable.filter(|workflow| workflow.version == OLD).map(|workflow| workflow.released).next();
        let old: BTreeSet<usize> =
            (0..sets.all().len()).filter(|set| Some(sets.workflow_of(*set).released) <= old).collect();
        let week = |end: DateTime<Utc>| {
            let start = end - TimeDelta::weeks(1);
            let last = |cluster: &Cluster| {
                let until = cluster.check_ins.partition_point(|check_in| check_in.at < end);
                let last = cluster.check_ins[..until].last()?;
                (last.at >= start && last.label.is_none()).then_some(last.set)
            };
            let seen: Vec<usize> = clusters.iter().filter_map(last).collect();
            Week { seen: seen.len(), old: seen.iter().filter(|set| old.contains(*set)).count() }
        };
        Self {
            clusters: clusters.len(),
            check_ins: clusters.iter().map(|cluster| cluster.check_ins.len()).sum(),
            sets: sets.all().len(),
            since: clusters.iter().map(|cluster| cluster.check_ins[0].at).min(),
            now: week(now),
            before: week(now - TimeDelta::weeks(12)),
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { clusters, check_ins, sets, since, now, before } = self;
        write!(formatter, "{clusters} clusters with {check_ins} check-ins of {sets} sets")?;
        if let Some(since) = since {
            write!(formatter, " since {}", since.date_naive())?;
        }
        write!(formatter, "; without labels {now} were seen last week, and {before} twelve weeks before")
    }
}

impl fmt::Display for Week {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({} on {OLD} or older)", self.seen, self.old)
    }
}
