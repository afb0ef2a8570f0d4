//! The server, as it is run.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use nix::sys::signal::Signal;
use stationmaster::auth::{ClusterTokens, TokenKeys};
use tempfile::TempDir;

use super::fleet;
use super::process::{Process, last_words};
use super::rounds::Load;
use super::wrk::Requests;

const PROGRAM: &str = env!("CARGO_BIN_EXE_stationmaster");

/// The key that signs the tokens of every server here.
const TOKEN_KEY: &str = "the-key-of-every-benchmark-0123456789abcdef";

/// How a server is started.
#[derive(Debug, Clone, Default)]
pub(crate) struct Options {
    /// The database to use; the embedded one if none.
    pub(crate) database: Option<String>,
    /// Where the embedded database is kept, if that matters.
    pub(crate) data_dir: Option<PathBuf>,
    /// More arguments of `serve`.
    pub(crate) arguments: Vec<String>,
    /// What it logs; its default if none.
    pub(crate) log: Option<&'static str>,
}

/// A server that is ready.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) process: Process,
    log: PathBuf,
    _directory: TempDir,
}

impl Options {
    /// A server on this database that logs no line per request, and where a cluster may check in as often as it likes.
    pub(crate) fn quiet(database: &str) -> Self {
        // Not `off`: the limit is part of what a check-in costs.
        let arguments = ["--limit-cluster", "1000000/s"].map(String::from).into();
        Self { database: Some(database.into()), arguments, log: Some("warn"), ..Self::default() }
    }
}

impl Server {
    /// Starts a server on a free port and waits until it says that it listens.
    pub(crate) fn start(options: &Options) -> anyhow::Result<Self> {
        let directory = TempDir::with_prefix("stationmaster-bench-server-").context("cannot make a directory")?;
        let data_dir = options.data_dir.as_deref().unwrap_or(directory.path());
        let log = directory.path().join("log");
        let mut command = program();
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(data_dir)
            .args(&options.arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(&log).context("cannot make a log")?);
        if let Some(url) = &options.database {
            command.env("DATABASE_URL", url);
        }
        if let Some(filter) = options.log {
            command.env("STATIONMASTER_LOG", filter);
        }
        let mut process = Process::start(&mut command, Signal::SIGTERM)?;
        let url =
            first_line(&mut process).with_context(|| format!("the server does not start: {}", last_words(&log)))?;
        Ok(Self { url, process, log, _directory: directory })
    }

    /// Has it asked for `duration`, at this URL of it.
    pub(crate) fn load(&self, requests: &Requests, url: &str, duration: Duration) -> anyhow::Result<Load> {
        requests.run(url, duration, &self.process).with_context(|| format!("the server's log: {}", self.last_words()))
    }

    /// The last lines of its log.
    pub(crate) fn last_words(&self) -> String {
        last_words(&self.log)
    }
}

/// What a program says when it listens: `listening on http://ADDRESS`.
pub(crate) fn first_line(process: &mut Process) -> anyhow::Result<String> {
    let stdout = process.child().stdout.take().context("its output is not piped")?;
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line).context("cannot read its output")?;
    match line.trim_end().strip_prefix("listening on ") {
        Some(url) => Ok(url.into()),
        None => bail!("it says {line:?}"),
    }
}

/// A token for every server here that may read clusters.
pub(crate) fn token() -> anyhow::Result<String> {
    let mut command = program();
    command.args(["token", "--subject", "bench", "--scope", "clusters:read", "--ttl", "1d"]);
    let output = command.output().with_context(|| format!("cannot start {PROGRAM}"))?;
    ensure!(output.status.success(), "cannot make a token: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout).context("a token is no text")?.trim_end().to_owned())
}

/// The tokens of the clusters with the numbers from 1 to `count`, one a line.
pub(crate) fn cluster_tokens(count: u32) -> anyhow::Result<String> {
    let tokens = ClusterTokens::new(&TokenKeys::from_text(TOKEN_KEY, "the benchmark")?);
    Ok((1..=count).map(|number| tokens.issue(fleet::cluster(number)) + "\n").collect())
}

/// The program, without the settings of whoever measures.
fn program() -> Command {
    let mut command = Command::new(PROGRAM);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("STATIONMASTER_") || text == "DATABASE_URL" {
            command.env_remove(name);
        }
    }
    command.env("STATIONMASTER_TOKEN_KEY", TOKEN_KEY);
    command
}
