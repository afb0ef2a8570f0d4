//! pgbench, which comes with Postgres: the reference for check-ins.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, ensure};
use tempfile::TempDir;

use super::database::Database;
use super::interrupt;
use super::rounds::{self, Load};

/// What it gets on top of its turn: its time begins with making its connections, which its rate leaves out.
const CONNECTING: Duration = Duration::from_secs(1);

/// The transaction of the reference, and what it fills in.
#[derive(Debug)]
pub(crate) struct Transactions {
    /// Where pgbench is.
    pub(crate) program: PathBuf,
    pub(crate) clients: u32,
    /// What a cluster runs, as JSON.
    pub(crate) components: String,
    /// What it is labelled as, as Postgres writes an array.
    pub(crate) labels: String,
    pub(crate) clusters: u32,
}

impl Transactions {
    /// Runs transactions for `duration` and tells how it went.
    pub(crate) fn run(&self, database: &Database, duration: Duration) -> anyhow::Result<Load> {
        interrupt::check()?;
        let directory = TempDir::with_prefix("stationmaster-pgbench-").context("cannot make a directory")?;
        let script = directory.path().join("script");
        fs::write(&script, include_str!("reference.pgbench")).context("cannot write a script for pgbench")?;
        let mut command = Command::new(&self.program);
        command
            .current_dir(directory.path())
            // It reports percentiles of nothing: it logs each transaction, and we count.
            .args(["--no-vacuum", "--protocol=prepared", "--log", "--log-prefix=log", "--file=script"])
            .arg(format!("--client={}", self.clients))
            .arg(format!("--jobs={}", super::wrk::threads(self.clients)))
            .arg(format!("--time={}", (duration + CONNECTING).as_secs()))
            .arg(format!("--define=clusters={}", self.clusters))
            .arg(format!("--define=components={}", self.components))
            .arg(format!("--define=labels={}", self.labels))
            .arg(&database.url);
        let program = self.program.display();
        let output = command.output().with_context(|| format!("cannot start {program}; is it installed?"))?;
        let said = String::from_utf8_lossy(&output.stdout);
        ensure!(output.status.success(), "pgbench failed: {said}{}", String::from_utf8_lossy(&output.stderr));
        let latencies = latencies(&directory)?;
        let rate = rate(&said).with_context(|| format!("pgbench said:\n{said}"))?;
        let [p50, p99] = [0.5, 0.99].map(|part| rounds::quantile(&latencies, part));
        Ok(Load { rate, p50, p99, cpu: None, requests: latencies.len() as f64 })
    }
}

/// The version of the pgbench in this directory.
pub(crate) fn version(programs: &str) -> anyhow::Result<String> {
    let program = Path::new(programs).join("pgbench");
    let output = Command::new(&program).arg("--version").output();
    let output = output.with_context(|| format!("cannot start {}; is it installed?", program.display()))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// `tps = 5123.4 (without initial connection time)`.
fn rate(said: &str) -> anyhow::Result<f64> {
    let line = said.lines().find_map(|line| line.strip_prefix("tps = ")).context("it does not tell the rate")?;
    line.split_whitespace().next().and_then(|number| number.parse().ok()).context("the rate is no number")
}

/// How long each transaction took, in seconds: the third column of the logs, in microseconds.
fn latencies(directory: &TempDir) -> anyhow::Result<Vec<f64>> {
    let mut latencies = Vec::new();
    for entry in fs::read_dir(directory.path()).context("cannot find pgbench's logs")? {
        let path = entry.context("cannot find pgbench's logs")?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("log.")) {
            let log = fs::read_to_string(&path).context("cannot read pgbench's log")?;
            let third = |line: &str| line.split(' ').nth(2).and_then(|number| number.parse::<f64>().ok());
            let read: Option<Vec<f64>> = log.lines().map(|line| Some(third(line)? / 1e6)).collect();
            latencies.extend(read.context("pgbench's log is not as expected")?);
        }
    }
    ensure!(!latencies.is_empty(), "pgbench logged nothing");
    Ok(latencies)
}
