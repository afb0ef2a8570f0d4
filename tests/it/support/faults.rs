//! What a server may say while its database does not work, and ways to get there.

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::{Database, Refusal};

/// Words that belong to how the service is made.
const INTERNALS: [&str; 12] = [
    "connection",
    "database",
    "deadlock",
    "diesel",
    "lock",
    "panic",
    "pool",
    "postgres",
    "relation",
    "sql",
    "statement",
    "thread",
];

impl Refusal {
    /// Refused because the service cannot answer, with no word on why.
    #[track_caller]
    pub(crate) fn assert_unavailable(&self) {
        self.assert_is(503, "unavailable");
        let seconds: u32 = self.header("retry-after").parse().expect("a number of seconds");
        assert!((1..=60).contains(&seconds), "{self:?}");
        let said = format!("{} {}", self.problem.title, self.problem.detail).to_lowercase();
        let leaks: Vec<_> = INTERNALS.iter().filter(|word| said.contains(**word)).collect();
        assert!(leaks.is_empty(), "{leaks:?} in {said:?}");
    }
}

/// Processes that are stopped where they are. They go on when this is dropped.
pub(crate) struct Frozen(Vec<Pid>);

impl Frozen {
    /// Stops these, in this order.
    pub(crate) fn new(processes: Vec<Pid>) -> Self {
        let frozen = Self(processes);
        frozen.signal(Signal::SIGSTOP);
        frozen
    }

    fn signal(&self, signal: Signal) {
        for process in &self.0 {
            // It may have ended.
            let _ = kill(*process, signal);
        }
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        self.signal(Signal::SIGCONT);
    }
}

impl Database {
    /// Has everything that is connected to this database hang.
    pub(crate) fn freeze(&self) -> Frozen {
        let others = "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()";
        let pids = self.texts(others);
        Frozen::new(pids.iter().map(|pid| Pid::from_raw(pid.parse().expect("a process"))).collect())
    }

    /// Ends every connection to this database.
    pub(crate) fn disconnect_all(&self) {
        self.execute_outside(&format!(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = '{}'",
            self.name()
        ));
    }

    /// Ends the connections to this database that wait for a lock.
    pub(crate) fn disconnect_blocked(&self) {
        self.execute_outside(&format!(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = '{}' and wait_event_type = 'Lock'",
            self.name()
        ));
    }

    /// Ends every connection to this database and lets nobody in again.
    pub(crate) fn close(&self) {
        self.execute_outside(&format!("alter database {} allow_connections false", self.name()));
        self.disconnect_all();
    }

    pub(crate) fn open(&self) {
        self.execute_outside(&format!("alter database {} allow_connections true", self.name()));
    }

    fn name(&self) -> &str {
        let (address, _) = self.url.split_once('?').expect("a URL with parameters");
        address.rsplit('/').next().expect("a name")
    }

    /// Runs this on a connection to another database of the same Postgres.
    fn execute_outside(&self, sql: &str) {
        let url = self.url.replacen(&format!("/{}?", self.name()), "/postgres?", 1);
        let mut connection = PgConnection::establish(&url).expect("connect to Postgres");
        connection.batch_execute(sql).expect(sql);
    }
}
