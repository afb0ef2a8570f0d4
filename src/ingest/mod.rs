//! Check-ins on their way to the database: they queue up, and whatever waits is committed together.
//!
//! What a commit costs hardly depends on how much it commits, so the more arrives, the less each check-in costs.

mod contested;
mod metrics;
mod writer;

use std::time::Duration;

use prometheus_client::registry::Registry;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use crate::domain::rate::Rate;
use crate::domain::shard;
use crate::limits::Limiter;
use crate::store::checkins::{Proof, Recorded, Report};
use crate::store::{Store, StoreError};

use metrics::Metrics;
pub use writer::Writers;

/// How long a check-in waits for its group.
const PATIENCE: Duration = Duration::from_secs(4);

/// How check-ins are written.
#[derive(Debug, Clone, Copy)]
pub struct IngestOptions {
    /// How many groups are written at once, each of other clusters, at most one for each shard.
    pub lanes: u8,
    /// The most check-ins of a group.
    pub group: usize,
    /// The most check-ins that wait in each lane.
    pub queue: usize,
    /// Whether a group has check-ins of one shard only, for a database that is spread over many machines: each that a
    /// transaction touches costs it milliseconds.
    pub by_shard: bool,
    /// How often a cluster may check in.
    pub per_cluster: Option<Rate>,
}

/// Why a check-in was not recorded.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// Its cluster has checked in too often; this is how long it should wait.
    #[error("the cluster checks in too often")]
    TooOften(Duration),
    /// As many wait as may.
    #[error("too many check-ins are waiting")]
    Full,
    /// Its group was not committed in time. It may still be.
    #[error("the check-in was not recorded in time")]
    Late,
    /// It does not count: somebody else has claimed the cluster.
    #[error("the cluster is claimed")]
    Claimed,
    /// The database failed it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Where check-ins queue up.
#[derive(Debug)]
pub struct Ingest {
    lanes: Vec<mpsc::Sender<Waiting>>,
    /// Whoever shows a cluster's token has a share of its own, which nobody else can use up.
    clusters: Option<Limiter<(Uuid, bool)>>,
    metrics: Metrics,
}

/// A check-in, and who waits for it.
struct Waiting {
    report: Report,
    answer: oneshot::Sender<Result<Recorded, IngestError>>,
}

impl Ingest {
    /// Starts the writers. They end when the queues are dropped and what was in them is written: wait for that with
    /// [`Writers::join`].
    ///
    /// # Errors
    /// If there are no threads to be had.
    pub fn start(store: &Store, options: IngestOptions, registry: &mut Registry) -> std::io::Result<(Self, Writers)> {
        let metrics = Metrics::register(registry);
        let (lanes, queues) = (0..options.lanes.max(1)).map(|_| mpsc::channel(options.queue)).unzip();
        let writers = Writers::start(store, options, &metrics, queues)?;
        let clusters = options.per_cluster.map(Limiter::new);
        Ok((Self { lanes, clusters, metrics }, writers))
    }

    /// Records a check-in; answers once it is durable.
    ///
    /// It is recorded even if the caller stops waiting.
    ///
    /// # Errors
    /// [`IngestError::TooOften`] and [`IngestError::Full`] at once. [`IngestError::Late`] after a few seconds.
    /// [`IngestError::Claimed`] if it does not show enough. What the database refuses.
    pub async fn record(&self, report: Report) -> Result<Recorded, IngestError> {
        if let Some(clusters) = &self.clusters {
            clusters.take((report.cluster_id, report.proof == Proof::Token)).map_err(|wait| {
                self.metrics.limited();
                IngestError::TooOften(wait)
            })?;
        }
        let (answer, recorded) = oneshot::channel();
        // A cluster is always in the same lane, so that its check-ins stay in order.
        let lane = usize::from(shard::of(report.cluster_id)) * self.lanes.len() / usize::from(shard::SHARDS);
        let place = self.lanes[lane].try_reserve().map_err(|error| match error {
            TrySendError::Full(()) => {
                self.metrics.refused();
                IngestError::Full
            }
            // The writers outlive the queues, unless one of them panicked.
            TrySendError::Closed(()) => IngestError::Store(StoreError::NoConnection),
        })?;
        self.metrics.queued();
        place.send(Waiting { report, answer });
        match tokio::time::timeout(PATIENCE, recorded).await {
            Ok(Ok(recorded)) => recorded,
            Ok(Err(_)) => Err(IngestError::Store(StoreError::NoConnection)),
            Err(_) => Err(IngestError::Late),
        }
    }
}
