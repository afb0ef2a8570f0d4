//! What the queue and its writers tell of themselves.

use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

/// The metrics of all lanes. Clones count together.
#[derive(Debug, Clone)]
pub(super) struct Metrics {
    waiting: Gauge,
    limited: Counter,
    refused: Counter,
    group: Histogram,
    commit: Histogram,
}

impl Metrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let metrics = Self {
            waiting: Gauge::default(),
            limited: Counter::default(),
            refused: Counter::default(),
            // To 1,024 check-ins.
            group: Histogram::new(exponential_buckets(1.0, 2.0, 11)),
            // From 0.25 ms to 4 s.
            commit: Histogram::new(exponential_buckets(0.000_25, 2.0, 15)),
        };
        registry.register("stationmaster_ingest_waiting", "Check-ins that wait to be written", metrics.waiting.clone());
        registry.register(
            "stationmaster_ingest_limited",
            "Check-ins of clusters that had checked in too often",
            metrics.limited.clone(),
        );
        registry.register(
            "stationmaster_ingest_refused",
            "Check-ins for which there was no room in the queue",
            metrics.refused.clone(),
        );
        registry.register(
            "stationmaster_ingest_group_size",
            "How many check-ins were committed together",
            metrics.group.clone(),
        );
        registry.register(
            "stationmaster_ingest_commit_seconds",
            "How long a group took to be durable, or to fail",
            metrics.commit.clone(),
        );
        metrics
    }

    pub(super) fn queued(&self) {
        self.waiting.inc();
    }

    pub(super) fn limited(&self) {
        self.limited.inc();
    }

    pub(super) fn refused(&self) {
        self.refused.inc();
    }

    pub(super) fn taken(&self, check_ins: usize) {
        self.waiting.dec_by(check_ins as i64);
    }

    pub(super) fn committed(&self, check_ins: usize, took: Duration) {
        self.group.observe(check_ins as f64);
        self.commit.observe(took.as_secs_f64());
    }
}
