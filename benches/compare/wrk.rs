//! wrk, a load generator of the field: <https://github.com/wg/wrk>.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, ensure};
use nix::sys::signal::Signal;
use tempfile::NamedTempFile;

use super::process::Process;
use super::rounds::Load;
use super::{interrupt, machine};

/// How long an answer may take; longer is an error, and an error ends the run.
const TIMEOUT: &str = "30s";

/// Longer than any run.
const FOR_EVER: Duration = Duration::from_secs(86_400);

/// What it asks for, over and over.
#[derive(Debug, Clone)]
pub(crate) struct Requests {
    pub(crate) connections: u32,
    pub(crate) headers: Vec<String>,
    pub(crate) kind: Kind,
    /// How long each connection waits after an answer before it asks again; not at all if none.
    pub(crate) pause: Duration,
}

/// What a request is.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Get,
    /// The body is the first line of the file.
    Post(PathBuf),
    /// The bodies are the lines of a file, and so are the tokens of the clusters.
    CheckIn {
        bodies: PathBuf,
        tokens: PathBuf,
    },
}

impl Requests {
    /// The same thing again and again.
    pub(crate) fn get(connections: u32) -> Self {
        Self { connections, headers: Vec::new(), kind: Kind::Get, pause: Duration::ZERO }
    }

    /// Asks for `duration`, and tells how it went and what `asked` spent on it.
    pub(crate) fn run(&self, url: &str, duration: Duration, asked: &Process) -> anyhow::Result<Load> {
        interrupt::check()?;
        let (mut command, _script) = self.command(url, duration)?;
        let before = asked.cpu()?;
        let output = command.output().context("cannot start wrk; is it installed?")?;
        let spent = asked.cpu()? - before;
        let said = String::from_utf8_lossy(&output.stdout);
        ensure!(output.status.success(), "wrk failed: {said}{}", String::from_utf8_lossy(&output.stderr));
        read(&said, spent).with_context(|| format!("wrk said of {url}:\n{said}"))
    }

    /// Asks until this is dropped, whatever is answered.
    pub(crate) fn flood(&self, url: &str) -> anyhow::Result<(Process, NamedTempFile)> {
        let (mut command, script) = self.command(url, FOR_EVER)?;
        let process = Process::start(command.stdout(Stdio::null()).stderr(Stdio::null()), Signal::SIGKILL)?;
        Ok((process, script))
    }

    /// The command, and the script that it needs while it runs.
    fn command(&self, url: &str, duration: Duration) -> anyhow::Result<(Command, NamedTempFile)> {
        let script = NamedTempFile::new().context("cannot make a script for wrk")?;
        fs::write(script.path(), self.script()).context("cannot write a script for wrk")?;
        let mut command = Command::new("wrk");
        command
            .arg(format!("-t{}", threads(self.connections)))
            .arg(format!("-c{}", self.connections))
            .arg(format!("-d{}s", duration.as_secs()))
            .args(["--timeout", TIMEOUT, "-s"])
            .arg(script.path());
        for header in &self.headers {
            command.args(["-H", header]);
        }
        command.arg(url).arg("--").args(self.arguments());
        Ok((command, script))
    }

    fn script(&self) -> String {
        let requests = match self.kind {
            Kind::Get => "",
            Kind::Post(_) => include_str!("post.lua"),
            Kind::CheckIn { .. } => include_str!("check-in.lua"),
        };
        let pause = match self.pause {
            Duration::ZERO => String::new(),
            pause => format!("function delay() return {} end\n", pause.as_millis()),
        };
        [include_str!("report.lua"), requests, &pause].concat()
    }

    fn arguments(&self) -> Vec<String> {
        let path = |path: &Path| path.display().to_string();
        match &self.kind {
            Kind::Get => Vec::new(),
            Kind::Post(body) => vec![path(body)],
            Kind::CheckIn { bodies, tokens } => vec![path(bodies), path(tokens)],
        }
    }
}

/// About as many as there are processors: a generator that has too few would measure itself. A power of two, since each
/// takes the same share of the connections.
pub(crate) fn threads(connections: u32) -> u32 {
    (1 << machine::processors().ilog2()).min(connections)
}

/// Its version.
pub(crate) fn version() -> anyhow::Result<String> {
    // It says so and fails: it has nothing to do.
    let output = Command::new("wrk").arg("-v").output().context("cannot start wrk; is it installed?")?;
    let said = String::from_utf8_lossy(&output.stdout);
    Ok(said.split_whitespace().take(2).collect::<Vec<_>>().join(" "))
}

/// Reads what report.lua prints.
fn read(said: &str, spent: f64) -> anyhow::Result<Load> {
    let lines = said.lines().filter_map(|line| line.strip_prefix("stationmaster ")?.split_once(' '));
    let numbers: HashMap<&str, f64> =
        lines.map(|(name, number)| Ok((name, number.parse()?))).collect::<Result<_, std::num::ParseFloatError>>()?;
    let number = |name: &str| numbers.get(name).copied().with_context(|| format!("it does not tell {name}"));
    let (refused, broken) = (number("refused")?, number("broken")?);
    ensure!(refused == 0.0 && broken == 0.0, "{refused} requests were refused and {broken} broke");
    let requests = number("requests")?;
    ensure!(requests > 0.0, "nothing was answered");
    Ok(Load {
        rate: requests / (number("microseconds")? / 1e6),
        p50: number("p50")? / 1e6,
        p99: number("p99")? / 1e6,
        cpu: Some(spent / requests),
        requests,
    })
}
