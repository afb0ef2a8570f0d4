//! A history as it was sent, looked at without any art.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use stationmaster::domain::insight::interval::Span;
use stationmaster::domain::insight::labels::Labels;
use stationmaster::store::checkins::Report;
use uuid::Uuid;

/// The history as it was sent.
pub(super) struct Naive(pub(super) BTreeMap<Uuid, Vec<Report>>);

impl Naive {
    pub(super) fn new(reports: impl Iterator<Item = Report>) -> Self {
        let mut clusters: BTreeMap<Uuid, Vec<Report>> = BTreeMap::new();
        for report in reports {
            clusters.entry(report.cluster_id).or_default().push(report);
        }
        for history in clusters.values_mut() {
            history.sort_by_key(|it| (it.at, it.components.hash(), it.labels.clone()));
        }
        Self(clusters)
    }

    /// The last report of each cluster in an interval, beside its first one ever.
    pub(super) fn active(&self, span: Span) -> Vec<(&Report, &Report)> {
        let last = |history: &'_ Vec<Report>| {
            history.iter().rposition(|it| span.start <= it.at.date_naive() && it.at.date_naive() < span.end)
        };
        self.0.values().filter_map(|history| Some((&history[0], &history[last(history)?]))).collect()
    }

    /// The last report of each day of each cluster, with the day on which it came next.
    pub(super) fn days(&self) -> Vec<(&Report, Option<NaiveDate>)> {
        let mut days = Vec::new();
        for history in self.0.values() {
            let last: BTreeMap<NaiveDate, &Report> = history.iter().map(|it| (it.at.date_naive(), it)).collect();
            let next = last.keys().skip(1).copied().map(Some).chain([None]);
            days.extend(last.values().copied().zip(next));
        }
        days
    }
}

/// Whether a report counts.
pub(super) fn counts(report: &Report, labels: &Labels) -> bool {
    labels.with.iter().all(|label| report.labels.contains(label))
        && labels.without.iter().all(|label| !report.labels.contains(label))
}

/// How many of these count, and how many they are.
pub(super) fn count<'a>(reports: impl Iterator<Item = &'a Report> + Clone, labels: &Labels) -> (i64, i64) {
    (reports.clone().filter(|it| counts(it, labels)).count() as i64, reports.count() as i64)
}
