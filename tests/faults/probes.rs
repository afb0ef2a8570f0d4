//! Probes that ask every server all the time whether it lives and whether it is well, each over a new connection.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::task::JoinSet;

use crate::client::{Client, NoAnswer, Outcome};
use crate::patience::LENIENCE;
use crate::rules::{Permitted, Rules, Told, lock};

const EVERY: Duration = Duration::from_millis(100);

/// How soon a probe is answered.
pub(crate) const SOON: Duration = Duration::from_secs(2 * LENIENCE);

/// Running probes. They end when this is dropped.
pub(crate) struct Probes {
    health: Arc<Mutex<Health>>,
    _tasks: JoinSet<()>,
}

/// When `/healthz` last answered 200, and when 503.
#[derive(Debug, Default, Clone, Copy)]
struct Health {
    well: Option<Instant>,
    unwell: Option<Instant>,
}

impl Probes {
    pub(crate) fn start(servers: &[String], rules: &Arc<Rules>, runtime: &Handle) -> Self {
        let health = Arc::default();
        let mut tasks = JoinSet::new();
        for server in servers {
            let client = || Client::new(server, false);
            tasks.spawn_on(ask_whether_alive(client(), Arc::clone(rules)), runtime);
            tasks.spawn_on(ask_whether_well(client(), Arc::clone(rules), Arc::clone(&health)), runtime);
        }
        Self { health, _tasks: tasks }
    }

    /// Whether one has been told since then that a server is not well.
    pub(crate) fn unwell_since(&self, since: Instant) -> bool {
        lock(&self.health).unwell.is_some_and(|at| at >= since)
    }

    /// Whether one has been told since then that a server is well.
    pub(crate) fn well_since(&self, since: Instant) -> bool {
        lock(&self.health).well.is_some_and(|at| at >= since)
    }
}

async fn ask_whether_alive(client: Client, rules: Arc<Rules>) {
    loop {
        let began = Instant::now();
        let outcome = client.get("/livez").await;
        let is_fine = matches!(&outcome, Ok(answer) if answer.status == 200 && answer.took <= SOON);
        if !is_fine && !may_be_silent(&rules, began, &outcome) {
            rules.breach(format!("/livez: {}; expected 200 within {SOON:?}", Told(&outcome)));
        }
        tokio::time::sleep(EVERY).await;
    }
}

async fn ask_whether_well(client: Client, rules: Arc<Rules>, health: Arc<Mutex<Health>>) {
    loop {
        let began = Instant::now();
        let outcome = client.get("/healthz").await;
        let is_fine = match &outcome {
            Ok(answer) if answer.took > SOON => false,
            Ok(answer) if answer.status == 200 => {
                lock(&health).well = Some(began);
                true
            }
            Ok(answer) if answer.status == 503 && answer.has_retry_after => {
                lock(&health).unwell = Some(Instant::now());
                rules.probes.since(began) > Permitted::Success
            }
            _ => false,
        };
        if !is_fine && !may_be_silent(&rules, began, &outcome) {
            let expected = "expected 200, or 503 with Retry-After while the database is away, within";
            rules.breach(format!("/healthz: {}; {expected} {SOON:?}", Told(&outcome)));
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Whether there was no answer because the server was being ended.
fn may_be_silent(rules: &Rules, began: Instant, outcome: &Outcome) -> bool {
    matches!(outcome, Err(NoAnswer::Broken(_))) && rules.probes.since(began) == Permitted::Silence
}
