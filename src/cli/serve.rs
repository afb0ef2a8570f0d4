//! `stationmaster serve`.

use std::convert::Infallible;
use std::future::Future;
use std::io::Write;
use std::net::TcpListener;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use secrecy::ExposeSecret;
use tokio::signal::unix::{SignalKind, signal};

use super::database;
use crate::auth::{ClusterTokens, Tokens};
use crate::catalog::{Catalog, Gauges, Keeper};
use crate::config::{
    AccessLog, DataDir, Database, IngestArgs, InsightArgs, Keeping, LegacyApi, LimitArgs, Listen, Pool, Shutdown,
    TlsArgs,
};
use crate::ingest::Ingest;
use crate::service::Service;
use crate::service::legacy::{Legacy, Publishing};
use crate::store::{Store, distribution, housekeeping, migrations, partitions, rollups};
use crate::{clock, http, metrics};

/// How long the database is waited for once everything else has ended. What is not written by then has not been
/// acknowledged.
const LET_GO: Duration = Duration::from_secs(5);

/// Serve the API
///
/// Brings the database up to date first. Prints one line, `listening on http://ADDRESS:PORT`, once it is ready; with
/// --tls-cert and --tls-key it is `https`.
///
/// On SIGTERM it tells probes that it is not ready any more, answers as before for --shutdown-delay, then finishes what
/// it accepted and stops. On SIGINT (Ctrl-C) it does so without the delay. A second signal stops it at once.
///
/// Tokens are signed with the key in the environment variable STATIONMASTER_TOKEN_KEY (at least 32 bytes, the same for all
/// replicas), else with one that is made once in the data directory. Of several keys, with spaces between them, the first
/// signs and all verify. CI jobs may publish with tokens of their platform instead: see `stationmaster publisher --help`.
///
/// v2 and v3 of the Deis workflow-manager-api are answered too. Doctor reports are read with the user and password in the
/// environment variables DOCTOR_AUTH_USER and DOCTOR_AUTH_PASS; while these are not set, nobody can read them.
#[derive(Debug, Args)]
pub(super) struct Serve {
    #[command(flatten)]
    listen: Listen,
    #[command(flatten)]
    tls: TlsArgs,
    #[command(flatten)]
    limits: LimitArgs,
    #[command(flatten)]
    insight: InsightArgs,
    #[command(flatten)]
    data_dir: DataDir,
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    pool: Pool,
    #[command(flatten)]
    ingest: IngestArgs,
    #[command(flatten)]
    keeping: Keeping,
    #[command(flatten)]
    legacy: LegacyApi,
    #[command(flatten)]
    access_log: AccessLog,
    #[command(flatten)]
    shutdown: Shutdown,
}

impl Serve {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let mut registry = metrics::registry();
        let address = self.listen.listen;
        // Before anything that takes time: an address that is taken is known at once.
        let listener = TcpListener::bind(address)
            .with_context(|| format!("cannot listen on {address}; choose another --listen"))?;
        listener.set_nonblocking(true).context("cannot use the listener")?;

        let tls = self.tls()?;
        let limits = self.limits.options(self.other_files())?;
        let access_log = self.open_access_log()?;
        let upstream = self.upstream()?;

        let database::Location { url, direct_url, embedded } = database::open(&self.database, &self.data_dir)?;
        let keys = self.data_dir.token_keys()?;
        let (tokens, cluster_tokens) = (Tokens::new(&keys), ClusterTokens::new(&keys));
        for migration in migrations::migrate(&direct_url)? {
            tracing::info!(migration, "applied a migration");
        }
        let runtime =
            tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start threads")?;
        let store = Store::new(&self.pool.options(url, direct_url));
        let is_spread = runtime.block_on(store.run(distribution::is_spread)).context("cannot ask the database")?;
        let (ingest, writers) =
            Ingest::start(&store, self.ingest.options(is_spread, self.limits.per_cluster()), &mut registry)
                .context("cannot start threads")?;
        let mut letting_go = None;
        let served = runtime.block_on(async {
            store
                .run(|connection| partitions::ensure(connection, clock::now(), partitions::MONTHS_AHEAD))
                .await
                .context("cannot make the partitions of the coming months")?;
            tokio::spawn(housekeeping::keep_house(store.clone(), self.keeping.limits()));
            tokio::spawn(rollups::keep_counted(store.clone()));
            let catalog = Arc::new(Catalog::load(&store).await.context("cannot read what is latest")?);
            let _keeper = Keeper::start(Arc::clone(&catalog), store.clone()).context("cannot start threads")?;
            let stop = stop_signal(self.shutdown.shutdown_delay).context("cannot listen for signals")?;
            let listener = tokio::net::TcpListener::from_std(listener).context("cannot use the listener")?;
            let address = listener.local_addr().context("cannot tell the address")?;
            let scheme = if tls.is_some() { "https" } else { "http" };
            writeln!(std::io::stdout(), "listening on {scheme}://{address}")
                .context("cannot write to standard output")?;
            registry.register_collector(Box::new(store.clone()));
            registry.register_collector(Box::new(Gauges(Arc::clone(&catalog))));
            let times = http::RequestTimes::register(&mut registry);
            let refusals = http::Refusals::register(&mut registry);
            let service = Arc::new(Service::new(
                store,
                catalog,
                ingest,
                tokens,
                cluster_tokens,
                self.insight.public_insight,
                registry,
            ));
            let legacy = self.legacy_api(&service);
            let lines = access_log.as_ref().and_then(http::CombinedLog::lines);
            let options = http::Options { times, upstream, access_log: lines };
            let door = http::Door { listener, tls, limits, refusals };
            http::serve(door, service, legacy, options, stop).await;
            letting_go = Some(end_after(LET_GO));
            Ok(())
        });
        drop(runtime);
        // Whoever sent a check-in may have gone; it is written all the same.
        writers.join();
        drop(letting_go);
        // Requests that were dropped with the runtime have lines too.
        drop(access_log);
        // After everything that uses it.
        drop(embedded);
        served
    }
}

impl Serve {
    fn tls(&self) -> anyhow::Result<Option<http::Tls>> {
        let Some(files) = self.tls.files()? else { return Ok(None) };
        http::Tls::load(files).map(Some).context("cannot serve https; see --tls-cert and --tls-key")
    }

    /// How many files may be open besides the connections of callers: those to the database, logs, and some to spare.
    fn other_files(&self) -> u64 {
        u64::from(self.pool.pool_size) + u64::from(self.ingest.ingest_lanes) + 100
    }

    fn open_access_log(&self) -> anyhow::Result<Option<http::CombinedLog>> {
        let Some(path) = &self.access_log.access_log else { return Ok(None) };
        let log = http::CombinedLog::open(path.clone())
            .with_context(|| format!("cannot write the access log {}; choose another --access-log", path.display()))?;
        Ok(Some(log))
    }

    fn upstream(&self) -> anyhow::Result<Option<http::Upstream>> {
        let LegacyApi { legacy_upstream, legacy_timeout, .. } = &self.legacy;
        let Some(url) = legacy_upstream.as_ref().map(ExposeSecret::expose_secret).filter(|url| !url.is_empty()) else {
            return Ok(None);
        };
        let url = url.parse().map_err(anyhow::Error::msg).context("cannot use --legacy-upstream")?;
        let upstream = http::Upstream::new(url, *legacy_timeout)
            .context("cannot read the system's certificates, which --legacy-upstream needs for https")?;
        Ok(Some(upstream))
    }

    fn legacy_api(&self, service: &Arc<Service>) -> Legacy {
        let publishing = self.legacy.legacy_publish;
        if publishing == Publishing::Open {
            tracing::warn!("anyone may publish through v3, as --legacy-publish open says");
        }
        Legacy::new(Arc::clone(service), publishing, self.legacy.doctor_credentials())
    }
}

/// Ends the process, unless what this answers is dropped by then.
fn end_after(limit: Duration) -> mpsc::Sender<Infallible> {
    let (going_on, hung_up) = mpsc::channel();
    let end = move || {
        if hung_up.recv_timeout(limit) == Err(mpsc::RecvTimeoutError::Timeout) {
            tracing::warn!("stopping at once: the database hangs");
            std::process::exit(1);
        }
    };
    // Without a thread the database is waited for.
    let _ = std::thread::Builder::new().name("end".into()).spawn(end);
    going_on
}

/// Ready at the first SIGTERM or SIGINT, with how long to go on after it. The second one ends the process.
fn stop_signal(delay: Duration) -> std::io::Result<impl Future<Output = Duration> + Send + 'static> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        // A person at a terminal waits for it; behind a load balancer it is the other way round.
        let delay = tokio::select! { _ = terminate.recv() => delay, _ = interrupt.recv() => Duration::ZERO };
        tokio::spawn(async move {
            tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
            tracing::warn!("stopping at once");
            // The embedded Postgres is told by the system and shuts down by itself.
            std::process::exit(1);
        });
        delay
    })
}
