//! How old clusters are, as CSV.

use serde::Serialize;

use crate::contract::v4::types::Ages;
use crate::wire::Table;

impl Table for Ages {
    const COLUMNS: &'static [&'static str] =
        &["start", "end", "is_complete", "distribution", "from_days", "to_days", "clusters", "all_clusters"];

    /// A bin of one distribution or the other.
    fn rows(&self) -> impl Iterator<Item: Serialize> {
        let distributions = [("since_first", &self.since_first), ("since_last", &self.since_last)].into_iter();
        distributions.flat_map(move |(name, distribution)| {
            distribution.bins.iter().map(move |bin| (self.start, self.end, self.is_complete, name, bin))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::written::{day, lines};
    use super::*;
    use crate::contract::v4::types::{AgeBin, AgeDistribution};

    const HEADER: &str = "start,end,is_complete,distribution,from_days,to_days,clusters,all_clusters";

    fn ages(since_first: Vec<AgeBin>, since_last: Vec<AgeBin>) -> Ages {
        let distribution =
            |bins| AgeDistribution { clusters: 3, all_clusters: 7, mean_days: None, median_days: None, bins };
        let (since_first, since_last) = (distribution(since_first), distribution(since_last));
        Ages { start: day(1), end: day(8), is_complete: true, since_first, since_last }
    }

    #[tokio::test]
    async fn a_line_is_a_bin() {
        let first = AgeBin { from_days: 0, to_days: Some(7), clusters: 1, all_clusters: 2 };
        let last = AgeBin { from_days: 7, to_days: None, clusters: 3, all_clusters: 4 };
        let interval = "2017-01-01T00:00:00Z,2017-01-08T00:00:00Z,true";
        assert_eq!(
            lines(&ages(vec![first.clone(), last.clone()], vec![first])).await,
            [
                HEADER,
                &format!("{interval},since_first,0,7,1,2"),
                &format!("{interval},since_first,7,,3,4"),
                &format!("{interval},since_last,0,7,1,2"),
            ]
        );
        assert_eq!(lines(&ages(Vec::new(), Vec::new())).await, [HEADER]);
    }
}
