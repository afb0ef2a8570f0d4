//! One Postgres server process: making way for it, starting it, asking after it, ending it.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::error::EmbeddedError;
use super::layout::{self, Layout};
use super::pid_file::PidFile;
use super::programs::Programs;
use super::server_log::ServerLog;

/// Given on the command line, so that they hold whatever `postgresql.conf` says. `fsync` stays on.
const SETTINGS: [&str; 10] = [
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "max_connections=60",
    "shared_buffers=64MB",
    "max_wal_size=1GB",
    "wal_compression=on",
    "jit=off", // compiling costs more than any statement of ours takes
    "timezone=UTC",
    "log_timezone=UTC",
    "logging_collector=off", // stderr is already the log
];

/// Postgres's ways to shut down, and how long each gets. The second takes effect at once, at the
/// price of recovery on the next start; Postgres itself gives its backends 5 s to comply. There is
/// no third: a postmaster killed by force leaves its backends behind.
const SHUTDOWNS: [(Signal, Duration); 2] =
    [(Signal::SIGINT, Duration::from_secs(10)), (Signal::SIGQUIT, Duration::from_secs(8))];

const POLL_INTERVAL: Duration = Duration::from_millis(5);

/// Everything that stays the same from one start to the next.
#[derive(Debug)]
pub(super) struct Launcher {
    programs: Programs,
    root: PathBuf,
    data: PathBuf,
    socket_dir: PathBuf,
    log: ServerLog,
}

/// A server process of ours, running or not.
#[derive(Debug)]
pub(super) struct Postmaster {
    child: Child,
    /// The length of the log when this process began to write.
    log_start: u64,
}

/// What a postmaster is doing.
#[derive(Debug)]
pub(super) enum State {
    Starting,
    Ready,
    Exited(ExitStatus),
}

impl Launcher {
    pub(super) fn new(layout: &Layout, programs: Programs) -> Self {
        Self {
            programs,
            root: layout.root().to_owned(),
            data: layout.data(),
            socket_dir: layout.socket_dir().to_owned(),
            log: ServerLog::new(layout.log(), layout.account()),
        }
    }

    pub(super) fn log(&self) -> &ServerLog {
        &self.log
    }

    /// Starts Postgres, once the one of a server that was killed is out of the way. Returns at
    /// once: Postgres is not ready yet. It is interrupted when the calling thread ends.
    pub(super) fn launch(&self) -> Result<Postmaster, EmbeddedError> {
        self.make_way()?;
        let in_log = |action| EmbeddedError::io(action, self.log.path());
        self.log.rotate().map_err(in_log("rotate"))?;
        let log = self.log.open().map_err(in_log("open"))?;
        let log_start = log.metadata().map_err(in_log("examine"))?.len();

        let mut command = self.programs.command("postgres");
        command.arg("-D").arg(&self.data);
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        command.args(["-c", &format!("port={}", layout::PORT)]);
        command.arg("-c").arg(socket_setting(&self.socket_dir));
        if let Some(stale) = PidFile::read(&self.data) {
            // Postgres will not start while the process named in postmaster.pid lives, though it
            // be an unrelated one with a recycled number; it makes an exception for this one.
            // Removing the file instead would also remove the only trace of backends that a killed
            // postmaster left behind, and with it the check that they are gone.
            command.env("PG_GRANDPARENT_PID", stale.pid.to_string());
        }
        let child = command
            .stdout(log.try_clone().map_err(in_log("open"))?)
            .stderr(Stdio::from(log))
            .spawn()
            .map_err(EmbeddedError::io("run postgres for", &self.root))?;
        Ok(Postmaster { child, log_start })
    }

    pub(super) fn state(&self, postmaster: &mut Postmaster) -> State {
        if let Some(status) = postmaster.exit_status() {
            return State::Exited(status);
        }
        match PidFile::read(&self.data) {
            Some(file) if file.pid == postmaster.pid() && file.is_ready => State::Ready,
            _ => State::Starting,
        }
    }

    /// What `postmaster` logged last.
    pub(super) fn last_words(&self, postmaster: &Postmaster) -> String {
        self.log.last_lines_since(postmaster.log_start)
    }

    /// Shuts down what is left of a server that was killed. We hold the directory's lock, so
    /// nothing that runs here has an owner.
    fn make_way(&self) -> Result<(), EmbeddedError> {
        if let Some(pid) = self.survivor() {
            tracing::warn!(%pid, "shutting down the Postgres of a server that was killed");
            if !shut_down(pid, || self.survivor().is_none()) {
                return Err(EmbeddedError::Survivor { pid: pid.as_raw(), data_dir: self.root.clone() });
            }
        }
        layout::remove_stale_socket(&self.socket_dir);
        let pid_file = PidFile::path(&self.data);
        if fs::metadata(&pid_file).is_ok_and(|file| file.len() == 0) {
            // A power cut leaves it so, and Postgres stumbles over it. It names no backends.
            fs::remove_file(&pid_file).map_err(EmbeddedError::io("remove", &pid_file))?;
        }
        Ok(())
    }

    /// The postmaster named in `postmaster.pid`, if that is what the process still is.
    fn survivor(&self) -> Option<Pid> {
        let pid = PidFile::read(&self.data)?.pid;
        // A connection says less: a postmaster that hangs lets it wait for ever.
        let has_proc = Path::new("/proc/self/exe").exists();
        let is_postmaster = kill(pid, None) != Err(Errno::ESRCH)
            && if has_proc { is_postgres_in(&self.data, pid) } else { layout::socket_answers(&self.socket_dir) };
        is_postmaster.then_some(pid)
    }
}

impl Postmaster {
    /// How it ended; `None` while it runs.
    pub(super) fn exit_status(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap_or_else(|error| {
            // Somebody else has reaped our child: it is gone, and with it how it ended.
            tracing::error!(%error, "cannot ask after the embedded database");
            Some(ExitStatus::default())
        })
    }

    /// Shuts it down and waits for its end.
    pub(super) fn stop(mut self) {
        let pid = self.pid();
        if !shut_down(pid, || self.exit_status().is_some()) {
            tracing::error!(%pid, "the embedded database does not stop; leaving it to the next start");
        }
    }

    fn pid(&self) -> Pid {
        // The kernel's pids are positive i32; std widens them.
        Pid::from_raw(self.child.id().cast_signed())
    }
}

/// Shuts a postmaster down, less gently if need be. False when it is still there at the end.
fn shut_down(pid: Pid, mut is_gone: impl FnMut() -> bool) -> bool {
    for (signal, patience) in SHUTDOWNS {
        if is_gone() {
            return true;
        }
        if let Err(error) = kill(pid, signal) {
            tracing::debug!(%pid, %signal, %error, "cannot signal the database");
        }
        let deadline = Instant::now() + patience;
        while Instant::now() < deadline {
            if is_gone() {
                return true;
            }
            thread::sleep(POLL_INTERVAL);
        }
        tracing::warn!(%pid, %signal, "the database takes long to stop");
    }
    false
}

/// A postmaster works in its data directory, so this holds even if the directory was moved. Needs
/// /proc. Not true of a zombie, which is as good as gone.
fn is_postgres_in(data: &Path, pid: Pid) -> bool {
    let link = |name| fs::read_link(format!("/proc/{pid}/{name}"));
    // After an upgrade of the package the name reads `postgres (deleted)`.
    let runs_postgres = link("exe")
        .is_ok_and(|exe| exe.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"postgres")));
    runs_postgres && link("cwd").is_ok_and(|cwd| cwd == data)
}

/// The setting is a list; quoted, a directory's name may hold anything.
fn socket_setting(socket_dir: &Path) -> OsString {
    use std::os::unix::ffi::{OsStrExt, OsStringExt};
    let mut setting = b"unix_socket_directories=\"".to_vec();
    for &byte in socket_dir.as_os_str().as_bytes() {
        if byte == b'"' {
            setting.push(byte);
        }
        setting.push(byte);
    }
    setting.push(b'"');
    OsString::from_vec(setting)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_directory_is_one_entry_of_the_list() {
        let setting = socket_setting(Path::new("/srv/a, \"b\"/run"));
        assert_eq!(setting, r#"unix_socket_directories="/srv/a, ""b""/run""#);
    }
}
