//! Three servers on one database, and HAProxy in front of them.

use std::net::TcpListener;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};

use stationmaster_client::Client;
use tempfile::NamedTempFile;

use super::program::isolated;
use super::{Database, Home, Serving, eventually, program, serve};

/// The file that operators are given too.
const CONFIGURATION: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/haproxy.cfg");

/// Replicas, each of which keeps its port when it is started again.
pub(crate) struct Replicas {
    pub(crate) database: Database,
    home: Home,
    ports: [u16; 3],
    servers: [Option<Serving>; 3],
}

/// A running HAProxy. It is killed when this is dropped.
pub(crate) struct HaProxy {
    pub(crate) url: String,
    child: Child,
    log: NamedTempFile,
}

impl Replicas {
    pub(crate) fn start() -> Self {
        let mut replicas = Self {
            database: Database::new(),
            home: Home::new(),
            ports: [(); 3].map(|()| free_port()),
            servers: [None, None, None],
        };
        for replica in 0..3 {
            replicas.servers[replica] = Some(replicas.start_one(replica));
        }
        replicas
    }

    fn start_one(&self, replica: usize) -> Serving {
        let mut command = serve(program());
        command
            .env("STATIONMASTER_LISTEN", format!("127.0.0.1:{}", self.ports[replica]))
            .env("DATABASE_URL", &self.database.url)
            .env("STATIONMASTER_DATA_DIR", self.home.path(replica.to_string()))
            // The delay that the program has by itself must be enough.
            .env_remove("STATIONMASTER_SHUTDOWN_DELAY");
        Serving::start(&mut command)
    }

    pub(crate) fn url(&self, replica: usize) -> &str {
        &self.servers[replica].as_ref().expect("it runs").url
    }

    /// Callers who may do everything, one of each replica.
    pub(crate) fn admins(&self) -> Vec<Client> {
        self.servers.iter().flatten().map(Serving::admin).collect()
    }

    /// Stops a replica by SIGTERM; answers when it has ended.
    pub(crate) async fn stop(&mut self, replica: usize) {
        let server = self.servers[replica].take().expect("it runs");
        tokio::task::spawn_blocking(|| server.stop()).await.expect("it stopped in order");
    }

    /// Starts a replica again; answers when it is ready.
    pub(crate) fn restart(&mut self, replica: usize) {
        self.servers[replica] = Some(self.start_one(replica));
    }
}

impl HaProxy {
    /// Starts it, and waits until it has found the replicas.
    pub(crate) async fn in_front_of(replicas: &Replicas) -> Self {
        let address = format!("127.0.0.1:{}", free_port());
        let log = NamedTempFile::new().expect("a file for the log");
        let mut command = isolated("haproxy");
        // Debian keeps it where the PATH of an ordinary user does not lead.
        let path = std::env::var("PATH").unwrap_or_default();
        command.env("PATH", format!("{path}:/usr/sbin:/usr/local/sbin")).env("LISTEN", &address);
        for (number, port) in (1..).zip(replicas.ports) {
            command.env(format!("REPLICA_{number}"), format!("127.0.0.1:{port}"));
        }
        let logged = || log.reopen().expect("the file for the log");
        let child = command.args(["-db", "-f", CONFIGURATION]).stdout(logged()).stderr(logged()).stdin(Stdio::null());
        let child = child.spawn().expect("HAProxy; `make test` installs it");
        let haproxy = Self { url: format!("http://{address}"), child, log };
        let client = Client::new(&haproxy.url);
        eventually("HAProxy answers", async || client.health().send().await.is_ok()).await;
        haproxy
    }

    /// Everything that it has logged.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.log.path()).expect("the log")
    }
}

impl Drop for HaProxy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that nobody has, and that nobody is given who does not ask for it: the system gives outgoing connections, and
/// whoever lets it choose, ports above 32767. A server that is started again would find such a one taken.
pub(crate) fn free_port() -> u16 {
    static TAKEN: AtomicU16 = AtomicU16::new(0);
    // Other runs of the tests begin elsewhere.
    let first = (std::process::id() % 12_000) as u16;
    let ports = std::iter::from_fn(|| Some(20_000 + (first + TAKEN.fetch_add(1, Ordering::Relaxed)) % 12_000));
    ports.take(1_000).find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).expect("a free port")
}
