//! Callers of every kind who call all the time, and note each answer.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use stationmaster_client::types::NewVersion;
use stationmaster_client::{Client, Error};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{check_in, latest, report, server, token, try_publish};

/// How long a caller waits between two calls: steady, so that the load does not starve what it is to load.
const PACE: Duration = Duration::from_millis(10);

const TRAIN: (&str, &str) = ("deis-router", "stable");

/// What a caller does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    CheckIn,
    Latest,
    Publish,
}

/// Callers who check in, ask for the latest and publish, until they are told to stop.
pub(crate) struct Load {
    noted: Arc<Mutex<Noted>>,
    callers: JoinSet<()>,
}

/// What has been answered so far.
#[derive(Debug, Default, Clone)]
pub(crate) struct Noted {
    pub(crate) succeeded: BTreeMap<Kind, usize>,
    /// What the others met instead.
    pub(crate) failed: Vec<String>,
    should_stop: bool,
}

impl Load {
    /// Of each kind, two callers who keep their connections, and two who make a new one for each call, as clusters do.
    pub(crate) fn start(url: &str) -> Self {
        let noted: Arc<Mutex<Noted>> = Arc::default();
        let mut callers = JoinSet::new();
        for number in 0..4 {
            let connections = server::caller(&token("versions:publish"));
            let connections = if number < 2 { connections } else { connections.pool_max_idle_per_host(0) };
            let client = Client::new_with_client(url, connections.build().expect("a client"));
            for kind in [Kind::CheckIn, Kind::Latest, Kind::Publish] {
                callers.spawn(call(kind, number, client.clone(), Arc::clone(&noted)));
            }
        }
        Self { noted, callers }
    }

    pub(crate) fn noted(&self) -> Noted {
        lock(&self.noted).clone()
    }

    /// Tells the callers to stop, and waits for their last answers.
    pub(crate) async fn stop(self) -> Noted {
        lock(&self.noted).should_stop = true;
        self.callers.join_all().await;
        lock(&self.noted).clone()
    }
}

impl Noted {
    pub(crate) fn succeeded(&self, kind: Kind) -> usize {
        self.succeeded.get(&kind).copied().unwrap_or_default()
    }
}

async fn call(kind: Kind, caller: usize, client: Client, noted: Arc<Mutex<Noted>>) {
    for call in 0.. {
        let answer = match kind {
            Kind::CheckIn => {
                let answer = check_in(&client, Uuid::new_v4(), report(&[("deis-router", "v2.3.0")])).await;
                answer.map(|_| ()).map_err(described)
            }
            Kind::Latest => latest(&client, TRAIN).await.map(|_| ()).map_err(described),
            Kind::Publish => {
                let version = format!("v1.{caller}.{call}");
                let answer = try_publish(&client, (TRAIN.0, TRAIN.1, &version), NewVersion::builder()).await;
                answer.map(|_| ()).map_err(described)
            }
        };
        {
            let mut noted = lock(&noted);
            match answer {
                Ok(()) => *noted.succeeded.entry(kind).or_default() += 1,
                Err(error) => noted.failed.push(format!("{kind:?}, call {call} of caller {caller}: {error}")),
            }
            if noted.should_stop {
                return;
            }
        }
        tokio::time::sleep(PACE).await;
    }
}

fn described<E: std::fmt::Debug>(error: Error<E>) -> String {
    format!("{error:?}")
}

fn lock(noted: &Mutex<Noted>) -> std::sync::MutexGuard<'_, Noted> {
    noted.lock().unwrap_or_else(PoisonError::into_inner)
}
