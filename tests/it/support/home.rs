//! Servers with embedded databases: where they keep them, as whom they run, and what runs there.

use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::unistd::{Pid, User, geteuid};
use tempfile::TempDir;

use super::program::{isolated, serve};

/// A directory for a test's data directories; removed with all of them when this is dropped.
pub(crate) struct Home {
    program: PathBuf,
    /// Who runs the program, if not we.
    user: Option<User>,
    directory: TempDir,
}

/// The data directory of a server.
pub(crate) struct DataDir(pub(crate) PathBuf);

impl Home {
    pub(crate) fn new() -> Self {
        let directory = TempDir::with_prefix("stationmaster-home-").expect("a temporary directory");
        // As root, the server runs Postgres as another user, who has to get past this directory.
        fs::set_permissions(directory.path(), Permissions::from_mode(0o755)).expect("open the directory");
        Self { program: env!("CARGO_BIN_EXE_stationmaster").into(), user: None, directory }
    }

    /// A home where an ordinary user runs the program: we, or `nobody` when we are root.
    pub(crate) fn of_an_ordinary_user() -> Self {
        let home = Self::new();
        if !geteuid().is_root() {
            return home;
        }
        let nobody = User::from_name("nobody").expect("the list of users").expect("`nobody`");
        chown(home.directory.path(), Some(nobody.uid.as_raw()), Some(nobody.gid.as_raw())).expect("give it away");
        // They need not be able to reach the program that cargo built.
        let program = home.path("program");
        fs::copy(&home.program, &program).expect("copy the program");
        Self { program, user: Some(nobody), ..home }
    }

    pub(crate) fn path(&self, name: impl AsRef<OsStr>) -> PathBuf {
        self.directory.path().join(name.as_ref())
    }

    pub(crate) fn data_dir(&self) -> DataDir {
        DataDir(self.path("data-dir"))
    }

    /// `serve` in [`data_dir`](Self::data_dir).
    pub(crate) fn serve(&self) -> Command {
        self.serve_in(&self.data_dir().0)
    }

    pub(crate) fn serve_in(&self, directory: &Path) -> Command {
        let mut program = isolated(&self.program);
        if let Some(user) = &self.user {
            program.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        let mut command = serve(program);
        command.arg("--data-dir").arg(directory);
        command
    }
}

impl DataDir {
    pub(crate) fn pid_file(&self) -> PathBuf {
        self.0.join("data/postmaster.pid")
    }

    /// The main process of Postgres.
    pub(crate) fn postmaster(&self) -> Pid {
        let file = fs::read_to_string(self.pid_file()).expect("postmaster.pid");
        let pid = file.lines().next().and_then(|line| line.parse().ok());
        Pid::from_raw(pid.expect("a process"))
    }

    /// Whether Postgres answers here.
    pub(crate) fn answers(&self) -> bool {
        UnixStream::connect(self.0.join("run/.s.PGSQL.5432")).is_ok()
    }
}
