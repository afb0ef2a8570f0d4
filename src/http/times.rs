//! How long requests take, for `/metrics`: by route, method and class of status.
//!
//! Every request is measured, so it costs next to nothing: one look-up by the route, and two atomic additions.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::extract::MatchedPath;
use axum::http::{Method, StatusCode};
use prometheus_client::encoding::{EncodeMetric, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Registry;

use super::dashboard;
use crate::contract::{legacy, v4};

/// Upper ends of the histogram's buckets, in microseconds. The last bucket has none.
const BOUNDS: [u64; 15] = [
    100, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000,
    10_000_000,
];

/// The methods that are told apart, and what stands for all others: a caller may invent any.
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "other"];

/// The classes of statuses, and what stands for none: the caller went before the answer.
const STATUSES: [&str; 6] = ["1xx", "2xx", "3xx", "4xx", "5xx", "gone"];

/// What stands for paths that no document names.
const OTHER: &str = "other";

/// The times of all requests. Cheap to clone; all clones share them.
#[derive(Debug, Clone)]
pub struct RequestTimes(Arc<HashMap<&'static str, Route>>);

/// The times of the requests of one route, by method and status; made for those that there are.
#[derive(Debug, Default)]
pub(super) struct Route([[OnceLock<Box<Times>>; STATUSES.len()]; METHODS.len()]);

/// A histogram.
#[derive(Debug, Default)]
struct Times {
    /// How many requests took as long as each bucket says.
    buckets: [AtomicU64; BOUNDS.len() + 1],
    /// How long all of them took together, in microseconds.
    sum: AtomicU64,
}

impl RequestTimes {
    /// The times of the requests from now on, which `registry` tells.
    pub fn register(registry: &mut Registry) -> Self {
        let routes = v4::PATHS.iter().chain(legacy::PATHS).chain(&dashboard::PATHS).chain([&OTHER]);
        let times = Self(Arc::new(routes.map(|path| (*path, Route::default())).collect()));
        let help = "How long it took to answer, by route, method and class of status";
        registry.register("stationmaster_http_request_duration_seconds", help, times.clone());
        times
    }

    /// Where the times of a request belong.
    pub(super) fn route(&self, path: Option<&MatchedPath>) -> &Route {
        path.and_then(|path| self.0.get(path.as_str())).unwrap_or_else(|| &self.0[OTHER])
    }
}

impl Route {
    /// Notes how long an answer with this status took; no status if the caller went before it.
    pub(super) fn note(&self, method: &Method, status: Option<StatusCode>, took: Duration) {
        let method = METHODS.iter().position(|known| *known == method.as_str()).unwrap_or(METHODS.len() - 1);
        let gone = STATUSES.len() - 1;
        // An old service may answer with 600 and more.
        let status = status.map_or(gone, |status| usize::from(status.as_u16() / 100 - 1).min(gone - 1));
        let times = self.0[method][status].get_or_init(Box::default);
        times.note(took.as_micros().try_into().unwrap_or(u64::MAX));
    }
}

impl Times {
    fn note(&self, microseconds: u64) {
        let bucket = BOUNDS.partition_point(|bound| *bound < microseconds);
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        self.sum.fetch_add(microseconds, Ordering::Relaxed);
    }

    fn encode(&self, encoder: &mut MetricEncoder<'_>) -> std::fmt::Result {
        let seconds = |microseconds: u64| microseconds as f64 / 1e6;
        let bounds = BOUNDS.map(seconds).into_iter().chain([f64::INFINITY]);
        let counts = self.buckets.iter().map(|count| count.load(Ordering::Relaxed));
        let buckets: Vec<(f64, u64)> = bounds.zip(counts).collect();
        let count = buckets.iter().map(|(_, count)| count).sum();
        encoder.encode_histogram::<NoLabelSet>(seconds(self.sum.load(Ordering::Relaxed)), count, &buckets, None)
    }
}

impl EncodeMetric for RequestTimes {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> std::fmt::Result {
        for (route, Route(methods)) in self.0.iter() {
            for (method, statuses) in METHODS.iter().zip(methods) {
                for (status, times) in STATUSES.iter().zip(statuses) {
                    if let Some(times) = times.get() {
                        let labels = [("route", *route), ("method", method), ("status", status)];
                        times.encode(&mut encoder.encode_family(&labels)?)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Histogram
    }
}
