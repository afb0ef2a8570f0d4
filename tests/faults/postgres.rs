//! The Postgres that a fault happens to, fsync and all. The server is given its URL, and knows no more of it.
//!
//! It is run by the part of the program that runs the embedded database, which starts it again when it dies, as any service
//! manager would.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use stationmaster::store::embedded::Embedded;
use stationmaster::store::migrations;

use crate::database::{Database, Sql};
use crate::disk::SmallDisk;
use crate::patience::{PATIENCE, retry};
use crate::support::faults::Frozen;
use crate::support::{DataDir, Home};

/// The database of a fault.
const NAME: &str = "faults";

/// A Postgres with a database for the fault that has it. Dropped in this order.
pub(crate) struct Postgres {
    pub(crate) database: Database,
    /// None while it is stopped.
    running: Option<Embedded>,
    /// What it is on, if that can be filled.
    pub(crate) disk: Option<SmallDisk>,
    directory: PathBuf,
    _home: Home,
}

impl Postgres {
    pub(crate) fn start(on_small_disk: bool) -> anyhow::Result<Self> {
        let home = Home::new();
        let directory = home.path("postgres");
        std::fs::create_dir(&directory)?;
        let disk = on_small_disk.then(|| SmallDisk::at(&directory)).transpose()?;
        let running = Embedded::start(&directory)?;
        let database = Database::new(running.database_url());
        let fsync = database.connect()?.text("select current_setting('fsync')")?;
        ensure!(fsync == "on", "nothing is durable without fsync");
        Ok(Self { database, running: Some(running), disk, directory, _home: home })
    }

    /// From now on its database is a new one. The one before it goes: the more files there are, the longer it takes to
    /// recover.
    pub(crate) fn renew(&mut self) -> anyhow::Result<()> {
        let first = Database::new(self.running.as_ref().context("it is stopped")?.database_url());
        let mut sql = first.connect()?;
        sql.execute(&format!("drop database if exists {NAME}"))?;
        sql.execute(&format!("create database {NAME}"))?;
        self.database = first.sibling(NAME);
        migrations::migrate(&self.database.url.clone().into())?;
        Ok(())
    }

    /// Where its socket is.
    pub(crate) fn socket(&self) -> PathBuf {
        self.directory.join("run/.s.PGSQL.5432")
    }

    /// The URL of its database by another way.
    pub(crate) fn url_by(&self, address: SocketAddr) -> String {
        format!("postgres://stationmaster@{address}/{NAME}")
    }

    /// What it has logged.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.directory.join("postgres.log")).unwrap_or_default()
    }

    /// A connection, as soon as there is one to be had.
    pub(crate) fn connect(&self) -> anyhow::Result<Sql> {
        retry(PATIENCE, || self.database.connect())
    }

    /// Shuts it down.
    pub(crate) fn stop(&mut self) {
        self.running = None;
    }

    pub(crate) fn start_again(&mut self) -> anyhow::Result<()> {
        self.running = Some(Embedded::start(&self.directory).context("cannot start Postgres again")?);
        Ok(())
    }

    /// Ends all of its processes by SIGKILL.
    pub(crate) fn kill(&self) -> anyhow::Result<()> {
        for process in self.processes()? {
            // The others may follow the main one by themselves.
            let _ = kill(process, Signal::SIGKILL);
        }
        Ok(())
    }

    /// Stops all of its processes where they are, until what this answers is dropped.
    pub(crate) fn freeze(&self) -> anyhow::Result<Frozen> {
        Ok(Frozen::new(self.processes()?))
    }

    /// All of them, the main one first.
    fn processes(&self) -> anyhow::Result<Vec<Pid>> {
        let others = self.connect()?.texts("select pid from pg_stat_activity")?;
        let main = DataDir(self.directory.clone()).postmaster();
        std::iter::once(Ok(main)).chain(others.iter().map(|pid| pid_of(pid))).collect()
    }

    /// Ends one of the processes that serve the server by SIGKILL. The others follow: what they share may be broken.
    pub(crate) fn kill_one(&self, random: &mut fastrand::Rng) -> anyhow::Result<()> {
        let serving = self.connect()?.texts(
            "select pid from pg_stat_activity where application_name = 'stationmaster' order by state <> 'active'",
        )?;
        // Those that are at work are first.
        let chosen = serving.get(random.usize(..2)).or(serving.first()).context("the server has no connection")?;
        kill(pid_of(chosen)?, Signal::SIGKILL).context("cannot kill a process of Postgres")
    }
}

fn pid_of(text: &str) -> anyhow::Result<Pid> {
    Ok(Pid::from_raw(text.parse().context("not a process")?))
}
