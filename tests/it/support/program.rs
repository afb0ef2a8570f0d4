//! The program as it is run: with any arguments, in any surroundings, to its end or serving.

use std::env;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use stationmaster_client::Client;
use tempfile::NamedTempFile;

use super::{ISSUER_KEY, server, token_for_all};

/// How long a program may take that should end by itself.
const PATIENCE: Duration = Duration::from_secs(180);

/// A program that has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The program, serving. It is stopped when this is dropped.
pub(crate) struct Serving {
    pub(crate) url: String,
    child: Child,
    stdout: BufReader<ChildStdout>,
    log: NamedTempFile,
}

/// The program that cargo built.
pub(crate) fn program() -> Command {
    isolated(env!("CARGO_BIN_EXE_stationmaster"))
}

/// A program, without the settings of whoever runs the tests.
pub(crate) fn isolated(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.stdin(Stdio::null());
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("STATIONMASTER_") || text.starts_with("DATABASE_") {
            command.env_remove(name);
        }
    }
    command
}

/// Makes it serve, on a free port and with the key of [`token`](super::token), unless its arguments say otherwise.
pub(crate) fn serve(mut program: Command) -> Command {
    program.arg("serve").env("STATIONMASTER_LISTEN", "127.0.0.1:0").env("STATIONMASTER_TOKEN_KEY", ISSUER_KEY);
    program.env("STATIONMASTER_SHUTDOWN_DELAY", "0s");
    program
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Ended {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("start the program");
    let pid = pid_of(&child);
    let (done, end) = mpsc::channel();
    thread::spawn(move || done.send(child.wait_with_output()));
    let output = end.recv_timeout(PATIENCE).unwrap_or_else(|_| {
        // So that nothing is left behind by a test that fails.
        let _ = kill(pid, Signal::SIGKILL);
        panic!("still running after {PATIENCE:?}: {command:?}")
    });
    let output = output.expect("wait for the program");
    Ended {
        status: output.status,
        stdout: String::from_utf8(output.stdout).expect("UTF-8 on stdout"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8 on stderr"),
    }
}

impl Ended {
    /// What it printed; it must have succeeded.
    pub(crate) fn printed(self) -> String {
        assert!(self.status.success(), "{self:?}");
        self.stdout
    }

    /// What it complained of; it must have ended with this code, and printed nothing else.
    pub(crate) fn complaint(self, code: i32) -> String {
        assert_eq!((self.status.code(), self.stdout.as_str()), (Some(code), ""), "{self:?}");
        self.stderr
    }
}

impl Serving {
    /// Starts a command that serves, and waits until it is ready.
    pub(crate) fn start(command: &mut Command) -> Self {
        Self::try_start(command).unwrap_or_else(|complaint| panic!("{complaint}"))
    }

    /// The same for one that may end instead, as without its database: then this is what it said.
    pub(crate) fn try_start(command: &mut Command) -> Result<Self, String> {
        let log = NamedTempFile::new().expect("a file for the log");
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(log.reopen().expect("the file for the log"))
            .spawn()
            .expect("start the program");
        let mut stdout = BufReader::new(child.stdout.take().expect("its output is piped"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("its first line");
        let mut serving = Self { url: String::new(), child, stdout, log };
        let url = line.trim_end().strip_prefix("listening on ");
        serving.url = url.ok_or_else(|| format!("{line:?}\n{}", serving.log()))?.into();
        Ok(serving)
    }

    pub(crate) fn pid(&self) -> Pid {
        pid_of(&self.child)
    }

    /// Everything that it has logged.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.log.path()).expect("the log")
    }

    /// Stops it by SIGTERM; answers what it printed after its first line.
    pub(crate) fn stop(self) -> String {
        self.terminate();
        self.ended()
    }

    /// Sends SIGTERM.
    pub(crate) fn terminate(&self) {
        kill(self.pid(), Signal::SIGTERM).expect("signal the server");
    }

    /// Waits for its end, which has to be a good one; answers what it printed after its first line.
    pub(crate) fn ended(mut self) -> String {
        let status = self.wait();
        assert!(status.success(), "{status}\n{}", self.log());
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).expect("the rest of its output");
        rest
    }

    /// Ends it by SIGKILL: it can neither finish nor tidy anything.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("kill the server");
        self.child.wait().expect("wait for the server");
    }

    /// A caller who may do everything.
    pub(crate) fn admin(&self) -> Client {
        Client::new_with_client(&self.url, server::http(&token_for_all()))
    }

    fn wait(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("wait for the server") {
                return status;
            }
            if Instant::now() >= deadline {
                self.child.kill().expect("kill the server");
            }
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // Asked to stop first, so that its Postgres is gone before the directory that holds it.
        if matches!(self.child.try_wait(), Ok(None)) {
            self.terminate();
            self.wait();
        }
    }
}

fn pid_of(child: &Child) -> Pid {
    Pid::from_raw(child.id().cast_signed())
}
