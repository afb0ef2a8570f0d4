//! What can go wrong with the embedded database. Every message is written for the operator: what
//! happened, then what to do.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

/// Why the embedded database did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmbeddedError {
    /// Another server holds the directory's lock.
    #[error(
        "{} is in use by another stationmaster: stop that server or choose another --data-dir \
         (remove nothing)",
        data_dir.display()
    )]
    InUse {
        /// The directory asked for.
        data_dir: PathBuf,
    },

    /// The directory holds files that no stationmaster put there.
    #[error(
        "{} is not empty, and what it holds is no stationmaster's: choose a new or an empty \
         directory as --data-dir",
        data_dir.display()
    )]
    NotOurs {
        /// The directory asked for.
        data_dir: PathBuf,
    },

    /// We are root, Postgres refuses root, and there is nobody to run it as.
    #[error(
        "PostgreSQL refuses to run as root, and there is no user `postgres` or `nobody` to run it \
         as: give {} to the user who shall run it (chown), or start the server as that user",
        data_dir.display()
    )]
    NoAccount {
        /// The directory asked for.
        data_dir: PathBuf,
    },

    /// The account that runs Postgres for root cannot get to a directory it needs.
    #[error(
        "user {account} (PostgreSQL refuses to run as root) may not enter {}, which is above {}: \
         choose a --data-dir they can reach, such as /var/lib/stationmaster",
        barrier.display(),
        path.display()
    )]
    Unreachable {
        /// The name, or the number, of the user.
        account: String,
        /// The directory the user may not enter.
        barrier: PathBuf,
        /// The directory it keeps them from.
        path: PathBuf,
    },

    /// The directory for the socket exists and is not a directory of ours.
    #[error(
        "{} is where the database's socket belongs, and it is someone else's: remove it, choose a \
         shorter --data-dir, or set TMPDIR to a directory of your own",
        path.display()
    )]
    SocketDirTaken {
        /// The place for the socket.
        path: PathBuf,
    },

    /// No PostgreSQL programs, or none new enough.
    #[error(
        "no PostgreSQL programs (initdb and postgres, {} or later) found{passed_over}; do one of:\n  \
         Debian, Ubuntu: apt-get install postgresql\n  \
         Fedora, RHEL: dnf install postgresql-server\n  \
         macOS: brew install postgresql@17\n  \
         or set DATABASE_URL to a Postgres that already runs",
        super::programs::OLDEST_MAJOR
    )]
    NoPrograms {
        /// What was found and why it did not do; empty, or begins with a space.
        passed_over: String,
    },

    /// The database exists, and the programs that made it do not.
    #[error(
        "the database in {} was made by PostgreSQL {major}, whose programs are not \
         installed{passed_over}; do one of:\n  \
         Debian, Ubuntu: apt-get install postgresql-{major}\n  \
         Fedora, RHEL: dnf install postgresql{major}-server\n  \
         macOS: brew install postgresql@{major}\n  \
         or choose another --data-dir to begin with an empty database",
        data_dir.display()
    )]
    OtherMajor {
        /// The directory of the database.
        data_dir: PathBuf,
        /// The major version that made it.
        major: u32,
        /// What was found and why it did not do; empty, or begins with a space.
        passed_over: String,
    },

    /// `initdb` failed.
    #[error("initdb could not create a database in {} ({status}); it says:\n{output}", data_dir.display())]
    Create {
        /// The directory of the database.
        data_dir: PathBuf,
        /// How `initdb` ended.
        status: ExitStatus,
        /// What it printed last.
        output: String,
    },

    /// Postgres ended before it accepted connections.
    #[error("PostgreSQL did not start ({status}); {} says:\n{output}", log.display())]
    Exited {
        /// How Postgres ended.
        status: ExitStatus,
        /// Postgres's log.
        log: PathBuf,
        /// The last lines this start wrote to it.
        output: String,
    },

    /// Postgres neither ended nor became ready.
    #[error("PostgreSQL was not ready after {seconds} s; {} says:\n{output}", log.display())]
    NotReady {
        /// How long we waited.
        seconds: u64,
        /// Postgres's log.
        log: PathBuf,
        /// The last lines this start wrote to it.
        output: String,
    },

    /// The Postgres of a server that was killed is still there, and does not stop.
    #[error(
        "the PostgreSQL of an earlier server (process {pid}) still runs on {} and obeys neither \
         SIGINT nor SIGQUIT: see what it waits for, end it, and start again",
        data_dir.display()
    )]
    Survivor {
        /// The process.
        pid: i32,
        /// The directory of the database.
        data_dir: PathBuf,
    },

    /// The system refused something.
    #[error("cannot {action}: {error}")]
    Io {
        /// What was tried, with the path it was tried on.
        action: String,
        /// What the system answered.
        error: io::Error,
    },
}

impl EmbeddedError {
    /// For `map_err`: says what was being done, and to which path.
    pub(super) fn io(action: &str, path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let action = format!("{action} {}", path.display());
        move |error| Self::Io { action, error }
    }

    /// Whether Postgres refused to start because backends of a killed postmaster have not ended
    /// yet: the one failure that time alone puts right. (Its messages are never translated: we run
    /// it with `LC_ALL=C`.)
    pub(super) fn is_waiting_for_orphans(&self) -> bool {
        matches!(self, Self::Exited { output, .. } if output.contains("pre-existing shared memory block"))
    }
}
