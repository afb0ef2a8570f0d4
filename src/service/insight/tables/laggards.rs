//! The clusters on old versions over time, as CSV.

use serde::Serialize;

use crate::contract::v4::types::Laggards;
use crate::wire::Table;

impl Table for Laggards {
    const COLUMNS: &'static [&'static str] =
        &["start", "end", "is_complete", "clusters", "all_clusters", "share", "upgraded", "downgraded", "net_arrived"];

    /// An interval. What the clusters of the last one run is told in JSON alone.
    fn rows(&self) -> impl Iterator<Item: Serialize> {
        self.data.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::super::written::{day, lines};
    use super::*;
    use crate::contract::v4::types::{Interval, LaggardInterval};

    const HEADER: &str = "start,end,is_complete,clusters,all_clusters,share,upgraded,downgraded,net_arrived";

    #[tokio::test]
    async fn a_line_is_an_interval() {
        let interval = LaggardInterval {
            start: day(1),
            end: day(2),
            is_complete: false,
            clusters: 1,
            all_clusters: 2,
            share: 0.3333,
            upgraded: 3,
            downgraded: 4,
            net_arrived: -5,
        };
        let laggards = Laggards {
            component: "router".to_owned(),
            train: None,
            version: "v1".to_owned(),
            interval: Interval::Day,
            data: vec![interval],
            versions: Vec::new(),
        };
        assert_eq!(
            lines(&laggards).await,
            [HEADER, "2017-01-01T00:00:00Z,2017-01-02T00:00:00Z,false,1,2,0.3333,3,4,-5"]
        );
        assert_eq!(lines(&Laggards { data: Vec::new(), ..laggards }).await, [HEADER]);
    }
}
