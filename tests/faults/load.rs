//! A steady load of check-ins and publishes, every one of them in the ledger.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::{OwnedRwLockWriteGuard, RwLock};
use tokio::task::{JoinHandle, JoinSet};

use crate::client::{Client, Cluster, Outcome};
use crate::ledger::Ledger;
use crate::rules::{Rules, lock};

/// How many callers check in, and how many publish.
const CLUSTER_CALLERS: usize = 16;
const PUBLISHERS: usize = 2;

/// How long a caller waits between two calls: steady, so that the load does not starve what it is to load.
const PACE: Duration = Duration::from_millis(20);

/// How many clusters a caller speaks for, and how often a new one takes the place of one of them.
const CLUSTERS: usize = 20;
const NEWCOMERS: f64 = 0.1;

/// How many versions are reported again and again, as those of a real fleet are.
const COMMON_VERSIONS: u64 = 4;

/// Whose clusters the callers speak for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fleet {
    /// Each for its own, one check-in after the other.
    Own,
    /// All for the same few, of which there are none at first.
    Shared,
}

/// Callers who call until this is stopped.
pub(crate) struct Load {
    shared: Arc<Shared>,
    callers: JoinSet<()>,
    runtime: Handle,
}

pub(crate) struct Shared {
    pub(crate) ledger: Ledger,
    pub(crate) rules: Arc<Rules>,
    /// The clusters of all callers, if they share them.
    pub(crate) fleet: Mutex<Vec<Arc<Cluster>>>,
    /// Held for reading while a call goes on.
    gate: Arc<RwLock<()>>,
    recovery: Mutex<Recovery>,
    only_common: AtomicBool,
    number: AtomicUsize,
    should_stop: AtomicBool,
}

/// When the first check-in and the first publish were acknowledged that began after `since`.
#[derive(Debug, Default, Clone, Copy)]
struct Recovery {
    since: Option<Instant>,
    check_in: Option<Instant>,
    publish: Option<Instant>,
}

impl Load {
    /// Callers of these servers, in turn.
    pub(crate) fn start(
        servers: &[String],
        fleet: Fleet,
        rules: &Arc<Rules>,
        random: &mut fastrand::Rng,
        runtime: &Handle,
    ) -> Self {
        let shared = Arc::new(Shared {
            ledger: Ledger::default(),
            rules: Arc::clone(rules),
            fleet: Mutex::default(),
            gate: Arc::default(),
            recovery: Mutex::default(),
            only_common: AtomicBool::new(false),
            number: AtomicUsize::new(0),
            should_stop: AtomicBool::new(false),
        });
        let mut callers = JoinSet::new();
        for number in 0..CLUSTER_CALLERS {
            let client = Client::new(&servers[number % servers.len()], number % 4 < 2);
            let own = match fleet {
                Fleet::Own => (0..CLUSTERS).map(|_| Arc::new(Cluster::new(random))).collect(),
                Fleet::Shared => Vec::new(),
            };
            callers.spawn_on(check_in(Arc::clone(&shared), client, own, random.fork()), runtime);
        }
        for number in 0..PUBLISHERS {
            let client = Client::new(&servers[number % servers.len()], number % 2 == 0);
            callers.spawn_on(publish(Arc::clone(&shared), client, format!("publisher-{number}")), runtime);
        }
        Self { shared, callers, runtime: runtime.clone() }
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        &self.shared.ledger
    }

    /// Whether to report what others report too, and nothing else: then no group has anything new to write but its
    /// clusters.
    pub(crate) fn report_only_common(&self, only_common: bool) {
        self.shared.only_common.store(only_common, Ordering::Relaxed);
    }

    pub(crate) fn reports_only_common(&self) -> bool {
        self.shared.only_common.load(Ordering::Relaxed)
    }

    /// Lets no call begin. The task ends when all that had begun have ended; what it answers has to be dropped before
    /// calls go on.
    pub(crate) fn pause(&self) -> JoinHandle<OwnedRwLockWriteGuard<()>> {
        self.runtime.spawn(Arc::clone(&self.shared.gate).write_owned())
    }

    /// From now on, looks for the first calls to succeed that begin after `since`.
    pub(crate) fn await_recovery(&self, since: Instant) {
        *lock(&self.shared.recovery) = Recovery { since: Some(since), ..Recovery::default() };
    }

    /// How long it took until both a check-in and a publish had succeeded; none if they have not yet.
    pub(crate) fn recovered(&self) -> Option<Duration> {
        let recovery = *lock(&self.shared.recovery);
        Some(recovery.check_in?.max(recovery.publish?) - recovery.since?)
    }

    /// Waits for the last answers.
    pub(crate) fn stop(&mut self) {
        self.shared.should_stop.store(true, Ordering::Relaxed);
        let callers = std::mem::take(&mut self.callers);
        self.runtime.block_on(callers.join_all());
    }
}

impl Shared {
    /// Checks in once, and notes it.
    pub(crate) async fn check_in(&self, client: &Client, cluster: &Cluster, version: &str) -> Outcome {
        let above = self.ledger.send_check_in(cluster.id, version);
        let began = Instant::now();
        let outcome = client.check_in(cluster, version).await;
        let what = format!("check-in of {} with {version}", cluster.id);
        self.rules.judge(&what, began, &outcome);
        if let Ok(answer) = &outcome
            && answer.is_success()
        {
            let receipt = (answer.status, answer.body["checkins"].as_u64());
            if let Err(fault) = self.ledger.acknowledge_check_in(cluster.id, version, above, receipt) {
                self.rules.breach(format!("{what}: {fault}"));
            }
            self.note_success(began, |recovery| &mut recovery.check_in);
        }
        outcome
    }

    /// A version that nobody reports but for once.
    pub(crate) fn new_version(&self) -> String {
        format!("v0.{}", self.number.fetch_add(1, Ordering::Relaxed))
    }

    fn note_success(&self, began: Instant, first: impl FnOnce(&mut Recovery) -> &mut Option<Instant>) {
        let mut recovery = lock(&self.recovery);
        if recovery.since.is_some_and(|since| began >= since) {
            first(&mut recovery).get_or_insert_with(Instant::now);
        }
    }

    fn should_stop(&self) -> bool {
        self.should_stop.load(Ordering::Relaxed)
    }
}

/// Speaks for its own clusters, or for those that all share.
async fn check_in(shared: Arc<Shared>, client: Client, mut own: Vec<Arc<Cluster>>, mut random: fastrand::Rng) {
    while !shared.should_stop() {
        let call = shared.gate.read().await;
        let version = match shared.only_common.load(Ordering::Relaxed) || random.bool() {
            true => format!("v1.{}", random.u64(..COMMON_VERSIONS)),
            false => shared.new_version(),
        };
        if random.f64() < NEWCOMERS
            && let Some(place) = random.choice(&mut own)
        {
            *place = Arc::new(Cluster::new(&mut random));
        }
        let cluster = random
            .choice(&own)
            .map_or_else(|| random.choice(&*lock(&shared.fleet)).cloned(), |own| Some(Arc::clone(own)));
        if let Some(cluster) = cluster {
            // It is noted whatever it is.
            let _ = shared.check_in(&client, &cluster, &version).await;
        }
        drop(call);
        tokio::time::sleep(PACE).await;
    }
}

/// Publishes one version after the other, each until it is acknowledged, as a job does.
async fn publish(shared: Arc<Shared>, client: Client, component: String) {
    let mut patch = 0;
    while !shared.should_stop() {
        let call = shared.gate.read().await;
        let version = format!("v1.0.{patch}");
        let description = format!("What {version} of {component} is.");
        shared.ledger.send_version(&component, &version, &description);
        let began = Instant::now();
        let outcome = client.publish(&component, &version, &description).await;
        let what = format!("publish of {component} {version}");
        shared.rules.judge(&what, began, &outcome);
        if let Ok(answer) = &outcome
            && answer.is_success()
        {
            if let Err(fault) = shared.ledger.acknowledge_version(&component, &version, answer.status) {
                shared.rules.breach(format!("{what}: {fault}"));
            }
            shared.note_success(began, |recovery| &mut recovery.publish);
            patch += 1;
        }
        drop(call);
        tokio::time::sleep(PACE).await;
    }
}
