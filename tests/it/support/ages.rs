//! Age filters: what a caller may ask of clusters, and what it means.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use stationmaster_client::Client;
use stationmaster_client::types::{
    Cluster, ClusterCount, ClusterPage, CountClustersLabelItem, CountClustersNotLabelItem, ListClustersByAgeLabelItem,
    ListClustersByAgeNotLabelItem,
};

use super::Seed;
use super::fleet::Answered;

/// Bounds, as a caller gives them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ages {
    pub(crate) created_after: Option<DateTime<Utc>>,
    pub(crate) created_before: Option<DateTime<Utc>>,
    pub(crate) checked_in_after: Option<DateTime<Utc>>,
    pub(crate) checked_in_before: Option<DateTime<Utc>>,
    /// In hours.
    pub(crate) stale_for: Option<u32>,
    /// In hours.
    pub(crate) fresh_within: Option<u32>,
    pub(crate) labels: Vec<&'static str>,
    pub(crate) not_labels: Vec<&'static str>,
}

/// Both operations have the same bounds, but not the same types.
macro_rules! with_bounds {
    ($request:expr, $ages:expr, $label:ty, $not_label:ty) => {{
        let (mut request, ages) = ($request, $ages);
        if let Some(at) = ages.created_after {
            request = request.created_after(at);
        }
        if let Some(at) = ages.created_before {
            request = request.created_before(at);
        }
        if let Some(at) = ages.checked_in_after {
            request = request.checked_in_after(at);
        }
        if let Some(at) = ages.checked_in_before {
            request = request.checked_in_before(at);
        }
        if let Some(hours) = ages.stale_for {
            request = request.stale_for(format!("PT{hours}H"));
        }
        if let Some(hours) = ages.fresh_within {
            request = request.fresh_within(format!("PT{hours}H"));
        }
        let labels = ages.labels.iter().map(|label| label.parse().expect("a label"));
        let not_labels = ages.not_labels.iter().map(|label| label.parse().expect("a label"));
        request.label(labels.collect::<Vec<$label>>()).not_label(not_labels.collect::<Vec<$not_label>>())
    }};
}

impl Ages {
    /// The first page after `cursor`.
    pub(crate) async fn page(&self, client: &Client, limit: u32, cursor: Option<&str>) -> Answered<ClusterPage> {
        let mut request = with_bounds!(
            client.list_clusters_by_age(),
            self,
            ListClustersByAgeLabelItem,
            ListClustersByAgeNotLabelItem
        )
        .limit(limit);
        if let Some(cursor) = cursor {
            request = request.cursor(cursor);
        }
        request.send().await
    }

    /// All pages.
    pub(crate) async fn list(&self, client: &Client, limit: u32) -> Vec<Cluster> {
        let mut clusters = Vec::new();
        let mut cursor = None;
        loop {
            let page = self.page(client, limit, cursor.as_deref()).await.expect("a page");
            let page = page.into_inner();
            assert!(page.data.len() <= limit as usize);
            clusters.extend(page.data);
            assert!(clusters.len() < 1_000, "the pages do not end");
            cursor = page.next_cursor;
            if cursor.is_none() {
                return clusters;
            }
        }
    }

    pub(crate) async fn count(&self, client: &Client) -> Answered<ClusterCount> {
        with_bounds!(client.count_clusters(), self, CountClustersLabelItem, CountClustersNotLabelItem).send().await
    }

    /// Whether every bound holds for the cluster.
    pub(crate) fn hold(&self, cluster: &Seed, now: DateTime<Utc>) -> bool {
        let has = |label: &&str| cluster.labels.iter().any(|one| one == label);
        self.created_after.is_none_or(|start| cluster.first_seen >= start)
            && self.created_before.is_none_or(|end| cluster.first_seen < end)
            && self.checked_in_after.is_none_or(|start| cluster.last_seen >= start)
            && self.checked_in_before.is_none_or(|end| cluster.last_seen < end)
            && self.stale_for.is_none_or(|span| cluster.last_seen < ago(now, span))
            && self.fresh_within.is_none_or(|span| cluster.last_seen >= ago(now, span))
            && self.labels.iter().all(has)
            && !self.not_labels.iter().any(has)
    }

    /// The pairs of bounds that no cluster can satisfy together, by name.
    pub(crate) fn exclusions(&self, now: DateTime<Utc>) -> Vec<(&'static str, &'static str)> {
        let fresh_since = self.fresh_within.map(|span| ago(now, span));
        let stale_since = self.stale_for.map(|span| ago(now, span));
        let pairs = [
            (("created_after", self.created_after), ("created_before", self.created_before)),
            (("created_after", self.created_after), ("checked_in_before", self.checked_in_before)),
            (("created_after", self.created_after), ("stale_for", stale_since)),
            (("checked_in_after", self.checked_in_after), ("checked_in_before", self.checked_in_before)),
            (("checked_in_after", self.checked_in_after), ("stale_for", stale_since)),
            (("fresh_within", fresh_since), ("checked_in_before", self.checked_in_before)),
            (("fresh_within", fresh_since), ("stale_for", stale_since)),
        ];
        let mut exclusions: Vec<_> = pairs
            .into_iter()
            .filter(|((_, start), (_, end))| start.zip(*end).is_some_and(|(start, end)| first_from(start) >= end))
            .map(|((start, _), (end, _))| (start, end))
            .collect();
        if self.labels.iter().any(|label| self.not_labels.contains(label)) {
            exclusions.push(("label", "not_label"));
        }
        exclusions
    }
}

fn ago(now: DateTime<Utc>, hours: u32) -> DateTime<Utc> {
    now - TimeDelta::hours(hours.into())
}

/// The first microsecond that is not before this instant: clusters are seen at microseconds.
fn first_from(at: DateTime<Utc>) -> DateTime<Utc> {
    at.duration_round_up(TimeDelta::microseconds(1)).expect("in range")
}
