//! The real program, started on a free port.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use stationmaster_client::Client;
use tempfile::TempDir;

use super::{Database, ISSUER_KEY, token};

/// A running server. It is killed when this is dropped.
pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) database: Option<Database>,
    child: Child,
    log: PathBuf,
    _directory: TempDir,
}

/// How to start a server otherwise than [`Server::start`] does.
#[derive(Default)]
pub(crate) struct ServerOptions {
    /// The database to use; one of its own when left out.
    pub(crate) database: Option<Database>,
    /// More arguments of `serve`.
    pub(crate) arguments: Vec<String>,
    /// More variables of its environment.
    pub(crate) environment: Vec<(String, String)>,
}

impl Server {
    /// A server with an empty database.
    pub(crate) fn start() -> Self {
        Self::start_with(ServerOptions::default())
    }

    /// A server with an empty database and these arguments of `serve`.
    pub(crate) fn start_as(arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(|argument| String::from(*argument)).collect();
        Self::start_with(ServerOptions { arguments, ..ServerOptions::default() })
    }

    pub(crate) fn start_with(options: ServerOptions) -> Self {
        let database = options.database.unwrap_or_else(Database::new);
        let directory = TempDir::with_prefix("stationmaster-server-").expect("a temporary directory");
        let log = directory.path().join("log");
        let mut child = Command::new(env!("CARGO_BIN_EXE_stationmaster"))
            .args(["serve", "--listen", "127.0.0.1:0"])
            .arg("--data-dir")
            .arg(directory.path())
            .args(&options.arguments)
            .env("DATABASE_URL", &database.url)
            .env("STATIONMASTER_TOKEN_KEY", ISSUER_KEY)
            .env("STATIONMASTER_SHUTDOWN_DELAY", "0s")
            .envs(options.environment)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(&log).expect("a log file"))
            .spawn()
            .expect("start the program");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("its output is piped");
        BufReader::new(stdout).read_line(&mut line).expect("its first line");
        let log_so_far = || std::fs::read_to_string(&log).unwrap_or_default();
        let url = line.trim().strip_prefix("listening on ").unwrap_or_else(|| panic!("{line:?}\n{}", log_so_far()));
        Self { url: url.into(), database: Some(database), child, log, _directory: directory }
    }

    pub(crate) fn database(&self) -> &Database {
        self.database.as_ref().expect("the server still has its database")
    }

    /// A caller without a token.
    pub(crate) fn anonymous(&self) -> Client {
        Client::new(&self.url)
    }

    /// A caller who may do everything.
    pub(crate) fn admin(&self) -> Client {
        self.caller("versions:publish clusters:read clusters:write audit:read")
    }

    /// A caller with a token of these scopes.
    pub(crate) fn caller(&self, scopes: &str) -> Client {
        Client::new_with_client(&self.url, http(&token(scopes)))
    }

    /// Everything that the server has logged.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).expect("the log")
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends SIGTERM.
    pub(crate) fn terminate(&self) {
        let pid = nix::unistd::Pid::from_raw(self.child.id() as i32);
        nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).expect("signal the server");
    }

    /// Waits until the server has ended.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            if let Some(status) = self.child.try_wait().expect("wait for the server") {
                return status;
            }
            assert!(Instant::now() < deadline, "the server did not end\n{}", self.log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A caller who sends this token.
pub(super) fn http(token: &str) -> reqwest::Client {
    caller(token).build().expect("a client")
}

/// A caller who sends this token, to be set up further.
pub(super) fn caller(token: &str) -> reqwest::ClientBuilder {
    let mut value = HeaderValue::try_from(format!("Bearer {token}")).expect("a token is ASCII");
    value.set_sensitive(true);
    let headers = HeaderMap::from_iter([(AUTHORIZATION, value)]);
    reqwest::Client::builder().default_headers(headers)
}
