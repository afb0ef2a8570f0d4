//! The labels of clusters, as CSV.

use serde::Serialize;

use crate::contract::v4::types::Labels;
use crate::wire::Table;

impl Table for Labels {
    const COLUMNS: &'static [&'static str] = &["start", "end", "is_complete", "label", "clusters", "share"];

    /// A label.
    fn rows(&self) -> impl Iterator<Item: Serialize> {
        self.data.iter().map(|label| (self.start, self.end, self.is_complete, label))
    }
}

#[cfg(test)]
mod tests {
    use super::super::written::{day, lines};
    use super::*;
    use crate::contract::v4::types::LabelCount;

    const HEADER: &str = "start,end,is_complete,label,clusters,share";

    #[tokio::test]
    async fn a_line_is_a_label() {
        let label = LabelCount { label: "ci".to_owned(), clusters: 3, share: 0.75 };
        let labels = Labels { start: day(1), end: day(2), is_complete: true, clusters: 4, data: vec![label] };
        assert_eq!(lines(&labels).await, [HEADER, "2017-01-01T00:00:00Z,2017-01-02T00:00:00Z,true,ci,3,0.75"]);
        assert_eq!(lines(&Labels { data: Vec::new(), ..labels }).await, [HEADER]);
    }
}
