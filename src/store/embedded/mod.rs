//! The embedded database: a private Postgres that lives and dies with the server, made from the
//! PostgreSQL programs installed on the machine and reached through a Unix socket alone.
//!
//! One file, one role:
//! - `layout`: the data directory, its lock, the socket's place
//! - `account`: who runs Postgres when we are root, and whether they can get there
//! - `programs`: finding `initdb` and `postgres`, and calling them
//! - `cluster`: `initdb`, once, all or nothing
//! - `postmaster`: one Postgres process, from its start to its end
//! - `pid_file`, `server_log`: what that process writes
//! - `supervisor`: the thread that starts it again when it dies
//!
//! No SQL here: to the rest of `store` this is a URL like any other.

mod account;
mod cluster;
mod error;
mod layout;
mod pid_file;
mod postmaster;
mod programs;
mod server_log;
mod supervisor;

use std::convert::Infallible;
use std::path::Path;
use std::sync::mpsc;
use std::thread;

pub use self::error::EmbeddedError;
use self::layout::Layout;
use self::postmaster::Launcher;
use self::programs::Programs;
use self::supervisor::Supervisor;

/// A running private Postgres. Dropping it stops Postgres.
///
/// While it lives, Postgres is started again whenever it dies. If this process dies, even of
/// `kill -9`, Postgres shuts down too (on Linux; elsewhere the next start shuts it down).
#[derive(Debug)]
#[must_use = "Postgres stops when this is dropped"]
pub struct Embedded {
    database_url: String,
    /// Hung up to ask the supervisor to stop; nothing is ever sent.
    stop: Option<mpsc::Sender<Infallible>>,
    supervisor: Option<thread::JoinHandle<()>>,
    /// Keeps the directory locked until `drop` has stopped Postgres.
    _layout: Layout,
}

impl Embedded {
    /// Starts Postgres on `data_dir`, creating the directory and the database if there is none,
    /// and returns when it accepts connections.
    ///
    /// Blocks: about a second for a new database, a tenth of that for an existing one, and as long
    /// as recovery takes (at most five minutes) after a crash of the machine. Runs with the
    /// PostgreSQL programs on `PATH`, else the newest in the usual places, 14 or later; a database
    /// that exists needs the major version that made it.
    ///
    /// # Errors
    /// When the directory is in use, unusable or somebody else's, when the programs are missing,
    /// and when Postgres does not start: each error says what to do next.
    pub fn start(data_dir: &Path) -> Result<Self, EmbeddedError> {
        Self::start_inner(data_dir, None)
    }

    /// [`start`](Self::start) with the programs in `bin_dir` and no others.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn start_with_programs(data_dir: &Path, bin_dir: &Path) -> Result<Self, EmbeddedError> {
        Self::start_inner(data_dir, Some(bin_dir))
    }

    fn start_inner(data_dir: &Path, bin_dir: Option<&Path>) -> Result<Self, EmbeddedError> {
        let layout = Layout::open(data_dir)?;
        cluster::remove_unfinished(&layout)?;
        let made_by = cluster::major_version(&layout)?;
        let programs = Programs::find(bin_dir, made_by, layout.account())?;
        if made_by.is_none() {
            cluster::create(&layout, &programs)?;
        }
        let database_url = database_url(layout.socket_dir());
        let (stop, stop_requests) = mpsc::channel();
        let launcher = Launcher::new(&layout, programs);
        let supervisor = Supervisor::spawn(launcher, stop_requests)?;
        Ok(Self { database_url, stop: Some(stop), supervisor: Some(supervisor), _layout: layout })
    }

    /// Where to connect to the Postgres that another program runs in `data_dir`: a libpq URL. Whether it is ready,
    /// only connecting will tell.
    ///
    /// # Errors
    /// When the directory, or the place for the socket, is not there or is somebody else's.
    pub fn url_of_running(data_dir: &Path) -> Result<String, EmbeddedError> {
        Ok(database_url(&layout::existing_socket_dir(data_dir)?))
    }

    /// Where to connect: a libpq URL, good for as long as this value lives, through every restart
    /// of Postgres. The role it names is the superuser.
    pub fn database_url(&self) -> &str {
        &self.database_url
    }

    /// Stops Postgres and waits for its end: a fast shutdown (open transactions roll back), after
    /// 10 s an immediate one. Milliseconds as a rule; gives up, and logs it, after 18 s. The same as
    /// dropping the value.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(supervisor) = self.supervisor.take()
            && supervisor.join().is_err()
        {
            tracing::error!("the thread that watches the embedded database panicked");
        }
    }
}

/// The port is named because libpq would otherwise take it from `PGPORT`.
fn database_url(socket_dir: &Path) -> String {
    let user = cluster::SUPERUSER;
    let host = percent_encode(socket_dir.as_os_str().as_encoded_bytes());
    let port = layout::PORT;
    format!("postgres://{user}@/postgres?host={host}&port={port}")
}

fn percent_encode(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut encoded = String::with_capacity(bytes.len());
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_survives_any_directory_name() {
        assert_eq!(
            database_url(Path::new("/srv/a b/ü&=,%")),
            "postgres://stationmaster@/postgres?host=%2Fsrv%2Fa%20b%2F%C3%BC%26%3D%2C%25&port=5432"
        );
    }
}
