//! How up to date clusters are, as CSV.

use std::array;

use serde::Serialize;

use crate::contract::v4::types::Freshness;
use crate::wire::Table;

/// How many numbers `behind` has.
const BEHIND: usize = 11;

impl Table for Freshness {
    const COLUMNS: &'static [&'static str] = &[
        "start",
        "end",
        "is_complete",
        "component",
        "train",
        "latest",
        "released",
        "clusters",
        "all_clusters",
        "up_to_date",
        "share",
        "behind_0",
        "behind_1",
        "behind_2",
        "behind_3",
        "behind_4",
        "behind_5",
        "behind_6",
        "behind_7",
        "behind_8",
        "behind_9",
        "behind_10_or_more",
    ];

    /// A component on a train.
    fn rows(&self) -> impl Iterator<Item: Serialize> {
        self.data.iter().map(|of| {
            // As many cells in every line, whatever there is to tell.
            let behind: [Option<i64>; BEHIND] = array::from_fn(|releases| of.behind.get(releases).copied());
            let what = (&of.component, &of.train, &of.latest, of.released);
            let numbers = (of.clusters, of.all_clusters, of.up_to_date, of.share);
            (self.start, self.end, self.is_complete, what, numbers, behind)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::written::{day, lines};
    use super::*;
    use crate::contract::v4::types::ComponentFreshness;

    const HEADER: &str = "start,end,is_complete,component,train,latest,released,clusters,all_clusters,up_to_date,share,\
        behind_0,behind_1,behind_2,behind_3,behind_4,behind_5,behind_6,behind_7,behind_8,behind_9,behind_10_or_more";

    #[tokio::test]
    async fn a_line_is_a_component_on_a_train() {
        let component = ComponentFreshness {
            component: "router".to_owned(),
            train: "stable".to_owned(),
            latest: "v2".to_owned(),
            released: day(1),
            clusters: 66,
            all_clusters: 70,
            up_to_date: 20,
            share: 0.303,
            behind: (20..31).collect(),
        };
        let freshness = Freshness { start: day(1), end: day(2), is_complete: true, data: vec![component] };
        assert_eq!(
            lines(&freshness).await,
            [
                HEADER,
                "2017-01-01T00:00:00Z,2017-01-02T00:00:00Z,true,router,stable,v2,2017-01-01T00:00:00Z,66,70,20,0.303,\
                 20,21,22,23,24,25,26,27,28,29,30",
            ]
        );
        assert_eq!(lines(&Freshness { data: Vec::new(), ..freshness }).await, [HEADER]);
    }
}
