//! A child process, and what Linux says of it in `/proc`.

use std::fs;
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// In what part of a second Linux tells CPU time, on every architecture (`USER_HZ`).
const TICKS: f64 = 100.0;

/// How long a process may take to stop before it is killed.
const PATIENCE: Duration = Duration::from_secs(40);

/// A running child. It is stopped when this is dropped.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    stop: Signal,
}

/// How much memory a process has of its own or shares, in bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Memory {
    pub(crate) now: f64,
    pub(crate) peak: f64,
}

impl Process {
    /// Starts a command that ends well when it gets the signal `stop`.
    pub(crate) fn start(command: &mut Command, stop: Signal) -> anyhow::Result<Self> {
        let child = command.spawn().with_context(|| format!("cannot start {}", command.get_program().display()))?;
        Ok(Self { child, stop })
    }

    pub(crate) fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// User and system time of all its threads so far, in seconds.
    pub(crate) fn cpu(&self) -> anyhow::Result<f64> {
        let stat = self.read("stat")?;
        // Its second field is a name in parentheses, which may itself hold spaces and parentheses.
        let (_, fields) = stat.rsplit_once(')').context("cannot read /proc/PID/stat")?;
        let fields: Vec<&str> = fields.split_whitespace().collect();
        let [user, system] = [11, 12].map(|index| fields.get(index).and_then(|ticks| ticks.parse::<f64>().ok()));
        Ok((user.context("no user time")? + system.context("no system time")?) / TICKS)
    }

    /// Its memory.
    pub(crate) fn memory(&self) -> anyhow::Result<Memory> {
        let status = self.read("status")?;
        let bytes = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let kibibytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
            kibibytes.map(|kibibytes| kibibytes * 1024.0).with_context(|| format!("no {name} in /proc/PID/status"))
        };
        Ok(Memory { now: bytes("VmRSS")?, peak: bytes("VmHWM")? })
    }

    fn read(&self, file: &str) -> anyhow::Result<String> {
        let path = format!("/proc/{}/{file}", self.child.id());
        fs::read_to_string(&path).with_context(|| format!("cannot read {path}; this runs on Linux alone"))
    }

    fn stop(&mut self) -> anyhow::Result<()> {
        if self.child.try_wait()?.is_some() {
            return Ok(());
        }
        kill(Pid::from_raw(self.child.id().cast_signed()), self.stop)?;
        let deadline = Instant::now() + PATIENCE;
        while self.child.try_wait()?.is_none() {
            if Instant::now() > deadline {
                self.child.kill()?;
                self.child.wait()?;
                bail!("had to be killed");
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            eprintln!("process {}: {error:#}", self.child.id());
        }
    }
}

/// The last lines of a log.
pub(crate) fn last_words(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(5)..].join("\n")
}
