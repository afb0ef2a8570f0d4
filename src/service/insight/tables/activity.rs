//! Clusters over time, as CSV.

use serde::Serialize;

use crate::contract::v4::types::Activity;
use crate::wire::Table;

impl Table for Activity {
    const COLUMNS: &'static [&'static str] = &[
        "start",
        "end",
        "is_complete",
        "active",
        "appeared",
        "returned",
        "disappeared",
        "all_active",
        "all_appeared",
        "all_returned",
        "all_disappeared",
    ];

    /// An interval.
    fn rows(&self) -> impl Iterator<Item: Serialize> {
        self.data.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::super::written::{day, lines};
    use super::*;
    use crate::contract::v4::types::{ActivityCounts, ActivityInterval, Interval};

    const HEADER: &str = "start,end,is_complete,active,appeared,returned,disappeared,\
        all_active,all_appeared,all_returned,all_disappeared";

    #[tokio::test]
    async fn a_line_is_an_interval() {
        let counted = ActivityCounts { active: 1, appeared: 2, returned: 3, disappeared: 4 };
        let all = ActivityCounts { active: 5, appeared: 6, returned: 7, disappeared: 8 };
        let interval = ActivityInterval { start: day(1), end: day(2), is_complete: true, counted, all };
        let activity = Activity { interval: Interval::Day, data: vec![interval] };
        assert_eq!(lines(&activity).await, [HEADER, "2017-01-01T00:00:00Z,2017-01-02T00:00:00Z,true,1,2,3,4,5,6,7,8"]);
        assert_eq!(lines(&Activity { data: Vec::new(), ..activity }).await, [HEADER]);
    }
}
