//! The Postgres that everything here shares: the embedded one as the server starts it, with room for more connections.

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use nix::sys::signal::Signal;
use percent_encoding::percent_decode_str;
use stationmaster::store::embedded::Embedded;
use stationmaster::store::migrations;

use super::database::Database;
use super::process::Process;

/// pgbench holds a connection per client, and up to 256 of them.
const CONNECTIONS: u32 = 320;

/// How long it may take to start.
const PATIENCE: Duration = Duration::from_secs(60);

/// The extension that says how long statements take.
const STATISTICS: &str = "pg_stat_statements";

/// A running Postgres with the embedded database's own settings.
#[derive(Debug)]
pub(crate) struct Postgres {
    first: Database,
    /// Whether it can say how long statements take.
    has_statistics: bool,
    _process: Process,
}

impl Postgres {
    /// Makes one in `directory`.
    pub(crate) fn start(directory: &Path) -> anyhow::Result<Self> {
        let embedded = Embedded::start(directory)?;
        let first = Database::new(embedded.database_url());
        let available = format!("select count(*) from pg_available_extensions where name = '{STATISTICS}'");
        let has_statistics = first.connect()?.number(&available)? > 0.0;
        let arguments = command_line(&directory.join("data"))?;
        embedded.stop();

        let [program, arguments @ ..] = arguments.as_slice() else { anyhow::bail!("Postgres has no command line") };
        let mut command = Command::new(program);
        command.args(arguments).args(["-c", &format!("max_connections={CONNECTIONS}")]);
        if has_statistics {
            command.args(["-c", &format!("shared_preload_libraries={STATISTICS}")]);
            command.args(["-c", &format!("{STATISTICS}.track=none")]);
        }
        // Who owns the data runs it: as root the embedded database gives it away. It took its socket's directory along.
        let owner = fs::metadata(directory.join("data")).context("cannot examine the data directory")?;
        let socket_directory = socket_directory(&first.url)?;
        fs::create_dir(&socket_directory).with_context(|| format!("cannot make {}", socket_directory.display()))?;
        if nix::unistd::geteuid().is_root() {
            command.uid(owner.uid()).gid(owner.gid());
            chown(&socket_directory, Some(owner.uid()), Some(owner.gid())).context("cannot give a directory away")?;
        }
        let log = directory.join("bench.log");
        let output = File::create(&log).context("cannot make a log for Postgres")?;
        command.current_dir("/").stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        // Ctrl-C is for us alone: Postgres is to outlive whoever uses it.
        command.process_group(0);
        let process = Process::start(&mut command, Signal::SIGINT)?;
        let postgres = Self { first, has_statistics, _process: process };
        postgres.await_ready().with_context(|| super::process::last_words(&log))?;
        Ok(postgres)
    }

    /// A new database with the server's tables.
    pub(crate) fn database(&self, name: &str) -> anyhow::Result<Database> {
        self.first.connect()?.execute(&format!("create database {name}"))?;
        let database = self.first.sibling(name);
        migrations::migrate(&database.url.clone().into())?;
        Ok(database)
    }

    /// Has this database account for every statement of connections that are yet to be made; answers whether it can.
    pub(crate) fn accounts_for(&self, database: &Database) -> anyhow::Result<bool> {
        if self.has_statistics {
            let name = database.connect()?.text("select quote_ident(current_database())")?;
            database.connect()?.execute(&format!(
                "create extension {STATISTICS};
                 alter database {name} set {STATISTICS}.track = top;
                 alter database {name} set {STATISTICS}.track_planning = on"
            ))?;
        }
        Ok(self.has_statistics)
    }

    /// Writes out what is dirty, so that no contestant pays for the one before it.
    pub(crate) fn checkpoint(&self) -> anyhow::Result<()> {
        self.first.connect()?.execute("checkpoint")
    }

    /// Where its programs are, pgbench among them.
    pub(crate) fn programs(&self) -> anyhow::Result<String> {
        self.first.connect()?.text("select setting from pg_config where name = 'BINDIR'")
    }

    /// Its version, and the settings that matter here.
    pub(crate) fn describe(&self) -> anyhow::Result<String> {
        let settings = ["shared_buffers", "fsync", "synchronous_commit", "jit"]
            .map(|name| format!("'{name} ' || current_setting('{name}')"))
            .join(", ");
        self.first.connect()?.text(&format!(
            "select concat_ws(', ', 'PostgreSQL ' || current_setting('server_version'),
                 'embedded settings but for max_connections = {CONNECTIONS}', {settings})"
        ))
    }

    fn await_ready(&self) -> anyhow::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while let Err(error) = self.first.connect() {
            ensure!(Instant::now() < deadline, "Postgres does not start: {error:#}");
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

/// Where the socket of this URL is.
fn socket_directory(url: &str) -> anyhow::Result<PathBuf> {
    let (_, parameters) = url.split_once('?').context("the embedded database has no socket")?;
    let host = parameters.split('&').find_map(|parameter| parameter.strip_prefix("host="));
    let host = percent_decode_str(host.context("the embedded database has no socket")?);
    Ok(host.decode_utf8().context("the path of the socket is no text")?.into_owned().into())
}

/// How the Postgres of this data directory was started.
fn command_line(data: &Path) -> anyhow::Result<Vec<String>> {
    let pid_file = fs::read_to_string(data.join("postmaster.pid")).context("cannot read postmaster.pid")?;
    let pid = pid_file.lines().next().context("postmaster.pid is empty")?;
    let path = format!("/proc/{pid}/cmdline");
    let line = fs::read_to_string(&path).with_context(|| format!("cannot read {path}; this runs on Linux alone"))?;
    Ok(line.split_terminator('\0').map(str::to_owned).collect())
}
