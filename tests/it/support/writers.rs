//! Callers who write all the time, and remember what the server has acknowledged.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use reqwest::StatusCode;
use stationmaster_client::{Client, Error};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{check_in, eventually, report};

/// Callers who check new clusters in, until the server does not answer any more or they are told to stop.
pub(crate) struct Writers {
    written: Arc<Mutex<Written>>,
    tasks: JoinSet<()>,
}

#[derive(Default)]
pub(crate) struct Written {
    /// The clusters whose check-in was answered with success.
    pub(crate) acknowledged: Vec<Uuid>,
    /// The statuses of the other answers.
    pub(crate) refusals: BTreeSet<StatusCode>,
    /// Whether a call got no answer at all.
    pub(crate) lost_the_server: bool,
    should_stop: bool,
}

impl Writers {
    pub(crate) fn start(client: &Client) -> Self {
        let written = Arc::default();
        let mut tasks = JoinSet::new();
        for _ in 0..4 {
            tasks.spawn(write(client.clone(), Arc::clone(&written)));
        }
        Self { written, tasks }
    }

    /// Waits for so many more acknowledgements.
    pub(crate) async fn progress(&self, count: usize) {
        let acknowledged = || self.written.lock().expect("no writer panicked").acknowledged.len();
        let enough = acknowledged() + count;
        eventually("the server acknowledges writes", async || acknowledged() >= enough).await;
    }

    pub(crate) async fn stop(self) -> Written {
        self.written.lock().expect("no writer panicked").should_stop = true;
        self.tasks.join_all().await;
        std::mem::take(&mut self.written.lock().expect("no writer panicked"))
    }
}

async fn write(client: Client, written: Arc<Mutex<Written>>) {
    loop {
        let id = Uuid::new_v4();
        let answer = check_in(&client, id, report(&[("deis-router", "v2.3.0")])).await;
        let mut written = written.lock().expect("no writer panicked");
        match answer {
            Ok(_) => written.acknowledged.push(id),
            Err(Error::ErrorResponse(refusal)) => written.refusals.extend([refusal.status()]),
            Err(Error::CommunicationError(_) | Error::ResponseBodyError(_)) => {
                written.lost_the_server = true;
                return;
            }
            Err(error) => panic!("{error:?}"),
        }
        if written.should_stop {
            return;
        }
    }
}
