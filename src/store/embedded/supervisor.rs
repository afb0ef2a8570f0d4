//! The thread that keeps Postgres running until it is told to stop.
//!
//! It is one thread for all of Postgres's life because the kernel stops Postgres with the thread
//! that spawned it (`programs::die_with_parent`).

use std::convert::Infallible;
use std::io;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::error::EmbeddedError;
use super::postmaster::{Launcher, Postmaster, State};

/// Recovery replays at most `max_wal_size`, more or less: minutes on a slow disk.
const READY_WITHIN: Duration = Duration::from_secs(300);

/// After this long a start is worth a word to whoever watches the log.
const QUIET_FOR: Duration = Duration::from_secs(5);

/// How long a first start waits for backends that a killed postmaster left behind.
const ORPHANS_GONE_WITHIN: Duration = Duration::from_secs(10);

const STARTING_INTERVAL: Duration = Duration::from_millis(5);
const WATCH_INTERVAL: Duration = Duration::from_millis(50);
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
const LOG_CHECK_INTERVAL: Duration = Duration::from_secs(60);

pub(super) struct Supervisor {
    launcher: Launcher,
    stop_requests: Receiver<Infallible>,
}

impl Supervisor {
    /// Starts the thread, and returns when Postgres is ready. The other end of `stop_requests`
    /// hanging up is the request.
    pub(super) fn spawn(
        launcher: Launcher,
        stop_requests: Receiver<Infallible>,
    ) -> Result<JoinHandle<()>, EmbeddedError> {
        let supervisor = Self { launcher, stop_requests };
        let (report, outcome) = mpsc::sync_channel(1);
        let failed = |error| EmbeddedError::Io { action: "run the database's thread".to_owned(), error };
        let thread = thread::Builder::new()
            .name("postgres".to_owned())
            .spawn(move || supervisor.run(&report))
            .map_err(failed)?;
        match outcome.recv() {
            Ok(Ok(())) => Ok(thread),
            Ok(Err(error)) => Err(error),
            Err(mpsc::RecvError) => Err(failed(io::Error::other("it ended early"))),
        }
    }

    fn run(&self, report: &SyncSender<Result<(), EmbeddedError>>) {
        let begun = Instant::now();
        let is_worth_waiting =
            |error: &EmbeddedError| error.is_waiting_for_orphans() && begun.elapsed() < ORPHANS_GONE_WITHIN;
        // Whoever called `spawn` waits for the report, so sending it cannot fail.
        let _ = match self.start_while(is_worth_waiting) {
            Ok(None) => return,
            Err(error) => report.send(Err(error)),
            Ok(Some(postmaster)) => {
                tracing::info!(elapsed = ?begun.elapsed(), "the embedded database is ready");
                let sent = report.send(Ok(()));
                self.watch(postmaster);
                sent
            }
        };
    }

    /// Until asked to stop: starts Postgres again whenever it ends.
    fn watch(&self, mut postmaster: Postmaster) {
        let mut log_check = Instant::now() + LOG_CHECK_INTERVAL;
        while !self.is_asked_to_stop_within(WATCH_INTERVAL) {
            if let Some(status) = postmaster.exit_status() {
                tracing::error!(%status, "the embedded database died; starting it again");
                match self.start_while(|_| true) {
                    Ok(Some(successor)) => postmaster = successor,
                    Ok(None) | Err(_) => return,
                }
                tracing::info!("the embedded database is back");
            }
            if Instant::now() >= log_check {
                log_check = Instant::now() + LOG_CHECK_INTERVAL;
                if let Err(error) = self.launcher.log().rotate() {
                    tracing::warn!(%error, "cannot rotate the embedded database's log");
                }
            }
        }
        postmaster.stop();
    }

    /// Starts Postgres, as often as it takes while the failures are worth another attempt. `None`
    /// when asked to stop meanwhile.
    fn start_while(
        &self,
        is_worth_another: impl Fn(&EmbeddedError) -> bool,
    ) -> Result<Option<Postmaster>, EmbeddedError> {
        let mut pause = FIRST_PAUSE;
        for attempt in 1_u64.. {
            match self.start_once() {
                Err(error) if is_worth_another(&error) => {
                    // A cause that lasts need not fill our log: ever more rarely is enough.
                    if attempt.is_power_of_two() {
                        tracing::warn!(attempt, %error, "the embedded database is not up yet");
                    }
                }
                outcome => return outcome,
            }
            if self.is_asked_to_stop_within(pause) {
                break;
            }
            pause = LONGEST_PAUSE.min(pause * 2);
        }
        Ok(None)
    }

    fn start_once(&self) -> Result<Option<Postmaster>, EmbeddedError> {
        let mut postmaster = self.launcher.launch()?;
        let begun = Instant::now();
        let mut is_quiet = true;
        loop {
            match self.launcher.state(&mut postmaster) {
                State::Ready => return Ok(Some(postmaster)),
                State::Exited(status) => {
                    return Err(EmbeddedError::Exited {
                        status,
                        log: self.launcher.log().path().to_owned(),
                        output: self.launcher.last_words(&postmaster),
                    });
                }
                State::Starting => {}
            }
            if self.is_asked_to_stop_within(STARTING_INTERVAL) {
                postmaster.stop();
                return Ok(None);
            }
            if is_quiet && begun.elapsed() >= QUIET_FOR {
                is_quiet = false;
                tracing::info!("the embedded database is still starting; it may be recovering from a crash");
            }
            if begun.elapsed() >= READY_WITHIN {
                let output = self.launcher.last_words(&postmaster);
                postmaster.stop();
                return Err(EmbeddedError::NotReady {
                    seconds: READY_WITHIN.as_secs(),
                    log: self.launcher.log().path().to_owned(),
                    output,
                });
            }
        }
    }

    /// Waits for the request, and no longer than `patience`: every pause here is one of these, so
    /// a request is heard at once.
    fn is_asked_to_stop_within(&self, patience: Duration) -> bool {
        match self.stop_requests.recv_timeout(patience) {
            Ok(never) => match never {},
            Err(RecvTimeoutError::Timeout) => false,
            Err(RecvTimeoutError::Disconnected) => true,
        }
    }
}
