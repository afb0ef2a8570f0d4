//! The versions of a component over time, as CSV.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::contract::v4::types::Adoption;
use crate::wire::Table;

/// What a line tells of; of the versions that are not listed, nothing.
#[derive(Clone, Copy, Default, Serialize)]
struct Version<'a> {
    version: Option<&'a str>,
    train: Option<&'a str>,
    released: Option<DateTime<Utc>>,
    is_yanked: Option<bool>,
}

impl Table for Adoption {
    const COLUMNS: &'static [&'static str] =
        &["start", "end", "is_complete", "version", "train", "released", "is_yanked", "clusters", "share"];

    /// A version in an interval: version by version, and last the others together, if there are others.
    fn rows(&self) -> impl Iterator<Item: Serialize> {
        let listed = self.versions.iter().map(|series| {
            let version = Version {
                version: Some(&series.version),
                train: Some(&series.train),
                released: series.released,
                is_yanked: Some(series.is_yanked),
            };
            (version, &series.clusters, &series.shares)
        });
        let other = (self.other.versions > 0).then(|| (Version::default(), &self.other.clusters, &self.other.shares));
        listed.chain(other).flat_map(|(version, clusters, shares)| {
            let numbers = clusters.iter().zip(shares);
            self.intervals.iter().zip(numbers).map(move |(interval, (clusters, share))| {
                (interval.start, interval.end, interval.is_complete, version, clusters, share)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::written::{day, lines};
    use super::*;
    use crate::contract::v4::types::{AdoptionInterval, Interval, OtherSeries, VersionSeries};

    const HEADER: &str = "start,end,is_complete,version,train,released,is_yanked,clusters,share";

    fn interval(first: u8, is_complete: bool) -> AdoptionInterval {
        AdoptionInterval {
            start: day(first),
            end: day(first + 1),
            is_complete,
            clusters: 9,
            all_clusters: 10,
            latest: None,
            up_to_date: 0,
        }
    }

    fn adoption() -> Adoption {
        let series = |version: &str, released, clusters, shares| VersionSeries {
            version: version.to_owned(),
            train: "stable".to_owned(),
            released,
            is_yanked: false,
            clusters,
            shares,
        };
        Adoption {
            component: "router".to_owned(),
            train: None,
            interval: Interval::Day,
            intervals: vec![interval(1, true), interval(2, false)],
            versions: vec![
                series("v1.0.0", Some(day(1)), vec![1, 2], vec![0.1, 0.2]),
                series("-1+x", None, vec![3, 4], vec![0.3, 0.4]),
            ],
            other: OtherSeries { versions: 2, clusters: vec![5, 6], shares: vec![0.5, 0.6] },
        }
    }

    #[tokio::test]
    async fn a_line_is_a_version_in_an_interval() {
        let (first, second) =
            ("2017-01-01T00:00:00Z,2017-01-02T00:00:00Z,true", "2017-01-02T00:00:00Z,2017-01-03T00:00:00Z,false");
        assert_eq!(
            lines(&adoption()).await,
            [
                HEADER,
                &format!("{first},v1.0.0,stable,2017-01-01T00:00:00Z,false,1,0.1"),
                &format!("{second},v1.0.0,stable,2017-01-01T00:00:00Z,false,2,0.2"),
                &format!("{first},-1+x,stable,,false,3,0.3"),
                &format!("{second},-1+x,stable,,false,4,0.4"),
                &format!("{first},,,,,5,0.5"),
                &format!("{second},,,,,6,0.6"),
            ]
        );
    }

    #[tokio::test]
    async fn without_others_they_have_no_line() {
        let mut adoption = adoption();
        adoption.other.versions = 0;
        assert_eq!(lines(&adoption).await.len(), 5);
        adoption.versions.clear();
        assert_eq!(lines(&adoption).await, [HEADER]);
    }
}
