//! Whether clusters stay, as CSV.

use serde::Serialize;

use crate::contract::v4::types::Retention;
use crate::wire::Table;

impl Table for Retention {
    const COLUMNS: &'static [&'static str] =
        &["start", "end", "clusters", "all_clusters", "intervals_since", "retained", "share"];

    /// An interval of a cohort; `start` and `end` are the cohort's, and `intervals_since` is 0 for its own interval.
    fn rows(&self) -> impl Iterator<Item: Serialize> {
        self.cohorts.iter().flat_map(|cohort| {
            let numbers = cohort.retained.iter().zip(&cohort.shares).enumerate();
            numbers.map(|(since, (retained, share))| {
                (cohort.start, cohort.end, cohort.clusters, cohort.all_clusters, since, retained, share)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::written::{day, lines};
    use super::*;
    use crate::contract::v4::types::{Cohort, Interval};

    const HEADER: &str = "start,end,clusters,all_clusters,intervals_since,retained,share";

    #[tokio::test]
    async fn a_line_is_an_interval_of_a_cohort() {
        let cohort = |first, retained, shares| Cohort {
            start: day(first),
            end: day(first + 1),
            clusters: 4,
            all_clusters: 5,
            retained,
            shares,
        };
        let cohorts = vec![cohort(1, vec![4, 1], vec![1.0, 0.25]), cohort(2, vec![3], vec![0.75])];
        assert_eq!(
            lines(&Retention { interval: Interval::Day, cohorts }).await,
            [
                HEADER,
                "2017-01-01T00:00:00Z,2017-01-02T00:00:00Z,4,5,0,4,1.0",
                "2017-01-01T00:00:00Z,2017-01-02T00:00:00Z,4,5,1,1,0.25",
                "2017-01-02T00:00:00Z,2017-01-03T00:00:00Z,4,5,0,3,0.75",
            ]
        );
        assert_eq!(lines(&Retention { interval: Interval::Day, cohorts: Vec::new() }).await, [HEADER]);
    }
}
