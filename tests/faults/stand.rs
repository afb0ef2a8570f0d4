//! Everything that a fault happens to: Postgres, servers, callers, probes.

use std::net::TcpStream;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow};
use tokio::runtime::Runtime;

use crate::audit::{self, Verdict};
use crate::link::Link;
use crate::load::{Fleet, Load};
use crate::patience::{PATIENCE, retry, until};
use crate::postgres::Postgres;
use crate::probes::{Probes, SOON};
use crate::rules::{Permitted, Rules};
use crate::support::replicas::free_port;
use crate::support::{Home, Serving, program, serve};

/// What a fault needs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SetUp {
    pub(crate) servers: usize,
    pub(crate) fleet: Fleet,
    /// Whether Postgres is on a disk that can be filled.
    pub(crate) on_small_disk: bool,
    /// Whether the servers reach Postgres by a link.
    pub(crate) by_link: bool,
    /// How long servers go on after SIGTERM.
    pub(crate) shutdown_delay: &'static str,
}

/// What most faults need.
pub(crate) const PLAIN: SetUp =
    SetUp { servers: 1, fleet: Fleet::Own, on_small_disk: false, by_link: false, shutdown_delay: "0s" };

/// How much there is to do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    /// None for as many as show all sides of a fault.
    pub(crate) cycles: Option<u32>,
    /// How long Postgres stays stopped.
    pub(crate) stopped: Duration,
    /// How long Postgres hangs.
    pub(crate) frozen: Duration,
    /// How long other states last that do not end by themselves.
    pub(crate) lasting: Duration,
    pub(crate) seed: u64,
}

/// A fault's surroundings, under load. Dropped in this order.
pub(crate) struct Stand {
    probes: Probes,
    pub(crate) load: Load,
    servers: Vec<Server>,
    pub(crate) postgres: Postgres,
    pub(crate) link: Option<Link>,
    _home: Home,
    pub(crate) rules: Arc<Rules>,
    pub(crate) random: fastrand::Rng,
    pub(crate) runtime: Runtime,
    pub(crate) size: Size,
    /// From 1.
    pub(crate) cycle: u32,
}

/// A server that keeps its port when it is started again.
struct Server {
    port: u16,
    command: Command,
    /// None while it is not there.
    running: Option<Serving>,
}

impl Stand {
    /// Servers on a new database of this Postgres.
    pub(crate) fn new(set_up: SetUp, size: Size, mut postgres: Postgres) -> anyhow::Result<Self> {
        postgres.renew()?;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let link = set_up.by_link.then(|| Link::to(&postgres.socket(), runtime.handle())).transpose()?;
        let database_url =
            link.as_ref().map_or_else(|| postgres.database.url.clone(), |link| postgres.url_by(link.address()));
        let home = Home::new();
        let servers = (0..set_up.servers).map(|number| {
            let port = free_port();
            let mut command = serve(program());
            command
                .env("STATIONMASTER_LISTEN", format!("127.0.0.1:{port}"))
                .env("STATIONMASTER_DATA_DIR", home.path(format!("server-{number}")))
                .env("STATIONMASTER_SHUTDOWN_DELAY", set_up.shutdown_delay)
                .env("STATIONMASTER_LOG", "warn")
                // All of the load comes from one address, and some of it for few clusters.
                .env("STATIONMASTER_LIMIT_ADDRESS", "off")
                .env("STATIONMASTER_LIMIT_CLUSTER", "off")
                .env("DATABASE_URL", &database_url);
            let mut server = Server { port, command, running: None };
            server.start()?;
            Ok(server)
        });
        let servers: Vec<_> = servers.collect::<anyhow::Result<_>>()?;
        let addresses: Vec<_> = servers.iter().map(Server::address).collect();
        let mut random = fastrand::Rng::with_seed(size.seed);
        let rules = Arc::new(Rules::new());
        let load = Load::start(&addresses, set_up.fleet, &rules, &mut random, runtime.handle());
        let probes = Probes::start(&addresses, &rules, runtime.handle());
        Ok(Self { probes, load, servers, postgres, link, _home: home, rules, random, runtime, size, cycle: 0 })
    }

    /// Where the servers listen.
    pub(crate) fn addresses(&self) -> Vec<String> {
        self.servers.iter().map(Server::address).collect()
    }

    /// Starts a server again.
    pub(crate) fn start(&mut self, server: usize) -> anyhow::Result<()> {
        self.servers[server].start()
    }

    /// A server that runs.
    pub(crate) fn server(&self, server: usize) -> anyhow::Result<&Serving> {
        self.servers[server].running.as_ref().context("the server is not running")
    }

    /// Takes a server, to be ended by the caller.
    pub(crate) fn take_server(&mut self, server: usize) -> anyhow::Result<Serving> {
        self.servers[server].running.take().context("the server is not running")
    }

    /// Whether nobody listens at a server's port.
    pub(crate) fn is_closed(&self, server: usize) -> bool {
        TcpStream::connect(("127.0.0.1", self.servers[server].port)).is_err()
    }

    /// Waits until the load is known to run: until so many more are acknowledged.
    pub(crate) fn progress(&self, count: usize) -> anyhow::Result<()> {
        let enough = self.load.ledger().acknowledged() + count;
        until("writes are acknowledged", PATIENCE, || self.load.ledger().acknowledged() >= enough)
    }

    /// Waits until something in the load is refused.
    pub(crate) fn refusals(&self, count: usize) -> anyhow::Result<()> {
        let enough = self.rules.answers().refused + count;
        until("writes are refused", PATIENCE, || self.rules.answers().refused >= enough)
    }

    /// Waits until probes are told that the server is not well, which has to be soon.
    pub(crate) fn unwell(&self, since: Instant) -> anyhow::Result<()> {
        until("/healthz answers 503", PATIENCE, || self.probes.unwell_since(since))?;
        if since.elapsed() > SOON {
            self.rules.breach(format!("/healthz: 503 after {:.0?}; expected it within {SOON:?}", since.elapsed()));
        }
        Ok(())
    }

    /// Waits until check-ins and publishes are acknowledged again, and probes are told so; answers how long the former
    /// took. From then on everything has to succeed.
    pub(crate) fn recover(&self, since: Instant) -> anyhow::Result<Duration> {
        self.load.await_recovery(since);
        until("it recovers", PATIENCE, || self.load.recovered().is_some() && self.probes.well_since(since))?;
        self.rules.permit(Permitted::Success);
        self.load.recovered().context("it had recovered")
    }

    /// Compares what was acknowledged with what is stored.
    pub(crate) fn audit(&self) -> anyhow::Result<Verdict> {
        audit::compare(self.load.ledger(), &self.postgres.database)
    }

    /// The Postgres, once everything else has ended.
    pub(crate) fn into_postgres(self) -> Postgres {
        self.postgres
    }

    /// Ends the load and then the servers, in order; audits what is left.
    pub(crate) fn finish(&mut self) -> anyhow::Result<Verdict> {
        self.load.stop();
        self.rules.probes.permit(Permitted::Silence);
        for server in 0..self.servers.len() {
            self.take_server(server)?.stop();
        }
        self.audit()
    }

    /// The last lines of what Postgres and the servers that run have logged.
    pub(crate) fn last_words(&self) -> String {
        let logs = self.servers.iter().flat_map(|server| &server.running).map(Serving::log);
        let logs: Vec<_> = logs.chain([self.postgres.log()]).collect();
        let last = |log: &String| {
            let lines: Vec<_> = log.lines().collect();
            lines[lines.len().saturating_sub(8)..].join("\n")
        };
        logs.iter().map(last).collect::<Vec<_>>().join("\n---\n")
    }
}

impl Server {
    fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Starts it again and again until it stays, as a service manager does.
    fn start(&mut self) -> anyhow::Result<()> {
        let started = retry(PATIENCE, || Serving::try_start(&mut self.command).map_err(|complaint| anyhow!(complaint)));
        self.running = Some(started.context("a server does not start")?);
        Ok(())
    }
}
