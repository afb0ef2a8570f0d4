//! The threads that commit what waits.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use uuid::Uuid;

use super::metrics::Metrics;
use super::{IngestError, IngestOptions, Waiting, contested};
use crate::domain::shard;
use crate::store::checkins::{Failure, Recorded, Recorder, Report, Verdict};
use crate::store::{self, Connection, Store, StoreError};

/// After how long without work to see whether the connection is still there.
const IDLE: Duration = Duration::from_millis(50);

/// The threads, each with a lane and a connection of its own.
#[derive(Debug)]
pub struct Writers(Vec<JoinHandle<()>>);

impl Writers {
    pub(super) fn start(
        store: &Store,
        options: IngestOptions,
        metrics: &Metrics,
        queues: Vec<mpsc::Receiver<Waiting>>,
    ) -> std::io::Result<Self> {
        let writers = queues.into_iter().enumerate().map(|(lane, queue)| {
            let (store, metrics) = (store.clone(), metrics.clone());
            let recorder = Recorder::new(options.by_shard);
            let mut writer = Writer { store, metrics, connection: None, recorder };
            std::thread::Builder::new().name(format!("ingest-{lane}")).spawn(move || writer.run(queue, options))
        });
        Ok(Self(writers.collect::<std::io::Result<_>>()?))
    }

    /// Waits until everything that was queued is written: the queues must be dropped.
    pub fn join(self) {
        for writer in self.0 {
            // What it panicked with was printed.
            let _ = writer.join();
        }
    }
}

struct Writer {
    store: Store,
    metrics: Metrics,
    /// With the time when it last worked.
    connection: Option<(Connection, Instant)>,
    recorder: Recorder,
}

impl Writer {
    fn run(&mut self, mut queue: mpsc::Receiver<Waiting>, options: IngestOptions) {
        let mut waiting = Vec::with_capacity(options.group);
        while queue.blocking_recv_many(&mut waiting, options.group) > 0 {
            self.metrics.taken(waiting.len());
            let are_hopeless = contested::hopeless(waiting.iter().map(|it| (it.report.cluster_id, it.report.proof)));
            let mut are_hopeless = are_hopeless.into_iter();
            for refused in waiting.extract_if(.., |_| are_hopeless.next().unwrap_or_default()) {
                // Who has gone meanwhile is not told.
                let _ = refused.answer.send(Err(IngestError::Claimed));
            }
            while let Some(first) = waiting.first() {
                let shard = shard::of(first.report.cluster_id);
                let mut together = contested::Together::default();
                let belongs = |Waiting { report, .. }: &mut Waiting| {
                    (!options.by_shard || shard::of(report.cluster_id) == shard)
                        && together.admit(report.cluster_id, report.proof)
                };
                let group = waiting.extract_if(.., belongs).collect();
                self.answer(group);
            }
        }
    }

    /// Records a group, and tells who waits for it.
    fn answer(&mut self, group: Vec<Waiting>) {
        let began = Instant::now();
        let recorded = self.record(&group.iter().map(|waiting| &waiting.report).collect::<Vec<_>>());
        self.metrics.committed(group.len(), began.elapsed());
        for (waiting, recorded) in group.into_iter().zip(recorded) {
            // Who has gone meanwhile is not told.
            let _ = waiting.answer.send(recorded);
        }
    }

    /// Records a group; if that fails, each check-in by itself, so that one that cannot be recorded fails alone.
    fn record(&mut self, reports: &[&Report]) -> Vec<Result<Recorded, IngestError>> {
        match self.commit(reports) {
            Ok(verdicts) => self.settle(reports, verdicts),
            Err(error) if reports.len() == 1 => vec![Err(error.into())],
            Err(error) => {
                tracing::warn!(%error, check_ins = reports.len(), "a group was not recorded; trying one by one");
                reports.iter().map(|report| self.record_alone(report)).collect()
            }
        }
    }

    /// Tells what became of a group, once those that may be late are recorded too, a cluster at a time.
    fn settle(&mut self, reports: &[&Report], verdicts: Vec<Verdict>) -> Vec<Result<Recorded, IngestError>> {
        let mut open: BTreeMap<Uuid, Vec<&Report>> = BTreeMap::new();
        for (report, verdict) in reports.iter().zip(&verdicts) {
            if *verdict == Verdict::LateOrClaimed {
                open.entry(report.cluster_id).or_default().push(report);
            }
        }
        let mut settled: HashMap<Uuid, VecDeque<Result<Recorded, IngestError>>> =
            open.into_iter().map(|(id, reports)| (id, self.record_late(&reports).into())).collect();
        let result = |(report, verdict): (&&Report, Verdict)| match verdict {
            Verdict::Recorded(recorded) => Ok(recorded),
            Verdict::LateOrClaimed => {
                let next = settled.get_mut(&report.cluster_id).and_then(VecDeque::pop_front);
                next.unwrap_or(Err(IngestError::Claimed))
            }
        };
        reports.iter().zip(verdicts).map(result).collect()
    }

    /// Records check-ins of one cluster that may be late.
    fn record_late(&mut self, reports: &[&Report]) -> Vec<Result<Recorded, IngestError>> {
        match self.with_connection(|recorder, connection| recorder.record_late(connection, reports)) {
            Ok(Some(recorded)) => recorded.into_iter().map(Ok).collect(),
            Ok(None) => Vec::new(),
            Err(error) => {
                tracing::warn!(%error, check_ins = reports.len(), "late check-ins were not recorded");
                reports.iter().map(|_| Err(StoreError::NoConnection.into())).collect()
            }
        }
    }

    /// Records a check-in whose group was not. Without a connection there is no hope for it: its caller has waited long enough.
    fn record_alone(&mut self, report: &Report) -> Result<Recorded, IngestError> {
        if self.connection.is_none() {
            return Err(StoreError::NoConnection.into());
        }
        let verdicts = self.commit(&[report])?;
        self.settle(&[report], verdicts).pop().unwrap_or(Err(IngestError::Claimed))
    }

    /// Commits a group.
    fn commit(&mut self, reports: &[&Report]) -> Result<Vec<Verdict>, StoreError> {
        self.with_connection(|recorder, connection| recorder.record(connection, reports))
    }

    /// Records something, once more if the connection had broken before. Leaves no connection behind if it broke.
    fn with_connection<T>(
        &mut self,
        record: impl Fn(&mut Recorder, &mut Connection) -> Result<T, Failure>,
    ) -> Result<T, StoreError> {
        let (mut connection, is_new) = self.connection()?;
        let recorded = record(&mut self.recorder, &mut connection);
        if recorded.is_ok() || store::ping(&mut connection).is_ok() {
            self.connection = Some((connection, Instant::now()));
        }
        match recorded {
            Ok(recorded) => Ok(recorded),
            // The connection had broken before: nothing is recorded yet.
            Err(failure) if self.connection.is_none() && !is_new && !failure.is_doubtful => {
                self.with_connection(record)
            }
            Err(failure) => Err(failure.error.into()),
        }
    }

    /// The connection that there is, if it has not died while there was nothing to do, as when PostgreSQL was started
    /// again; or a new one. And whether it is new.
    fn connection(&mut self) -> Result<(Connection, bool), StoreError> {
        if let Some((mut connection, used)) = self.connection.take()
            && (used.elapsed() < IDLE || store::ping(&mut connection).is_ok())
        {
            return Ok((connection, false));
        }
        // It may be to another database.
        self.recorder.forget();
        Ok((self.store.connect()?, true))
    }
}
