//! Every setting: its flag, its environment variable, its default. Secrets never print.

mod limits;

use std::convert::Infallible;
use std::env;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use secrecy::{ExposeSecret, SecretString};

use crate::auth::{BasicCredentials, KeyError, TokenKeys};
use crate::domain::calendar::Span;
use crate::domain::rate::Rate;
use crate::domain::shard;
use crate::ingest::IngestOptions;
use crate::service::legacy::Publishing;
use crate::store::StoreOptions;
use crate::store::housekeeping::Limits;
use crate::telemetry::LogFormat;

pub use limits::{LimitArgs, TlsArgs, TlsCertificate};

/// The variable with the keys that sign and verify tokens. There is no flag for it: flags show in the process list.
const TOKEN_KEY: &str = "STATIONMASTER_TOKEN_KEY";

/// The variables with the user and password for reading doctor reports, as the old service called them.
const DOCTOR_AUTH: [&str; 2] = ["DOCTOR_AUTH_USER", "DOCTOR_AUTH_PASS"];

/// What the old service also looked for in front of the names of its variables.
const OLD_PREFIX: &str = "WORKFLOW_MANAGER_API_";

/// How long a request waits for a connection to the database; within 2 seconds it is answered with 503.
const ACQUIRE_TIMEOUT: Duration = Duration::from_millis(1_500);

/// Where the service listens.
#[derive(Debug, Clone, Args)]
pub struct Listen {
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, env = "STATIONMASTER_LISTEN", value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
}

/// Who may ask what the fleet runs, in numbers.
#[derive(Debug, Clone, Args)]
pub struct InsightArgs {
    /// Tell anyone what /v4/insight answers, without a token; nothing that fewer than 5 clusters have in common
    #[arg(long, env = "STATIONMASTER_PUBLIC_INSIGHT")]
    pub public_insight: bool,
}

/// What may be published.
#[derive(Debug, Clone, Args)]
pub struct Coverage {
    /// Only components that match this glob, such as 'deis-*'; may be repeated
    #[arg(long, env = "STATIONMASTER_COMPONENT", value_name = "GLOB", value_delimiter = ' ')]
    pub component: Vec<String>,
    /// Only trains that match this glob; may be repeated
    #[arg(long, env = "STATIONMASTER_TRAIN", value_name = "GLOB", value_delimiter = ' ')]
    pub train: Vec<String>,
}

/// Where files are kept.
#[derive(Debug, Clone, Args)]
pub struct DataDir {
    /// Directory for the token key and, without DATABASE_URL, for the embedded database
    #[arg(long, env = "STATIONMASTER_DATA_DIR", value_name = "DIR", default_value_os_t = default_data_dir())]
    pub data_dir: PathBuf,
}

/// Which database to use.
#[derive(Debug, Clone, Args)]
pub struct Database {
    /// A PostgreSQL database to use instead of the embedded one, as a URL: postgres://user:password@host/name
    #[arg(long, env = "DATABASE_URL", value_name = "URL", hide_env_values = true, value_parser = secret)]
    pub database_url: Option<SecretString>,
    /// The same database past PgBouncer, for migrations and imports, where DATABASE_URL leads to it in transaction mode
    #[arg(long, env = "DATABASE_DIRECT_URL", value_name = "URL", hide_env_values = true, value_parser = secret)]
    pub database_direct_url: Option<SecretString>,
}

/// Which old database to import.
#[derive(Debug, Clone, Args)]
pub struct ImportFrom {
    /// The old service's database, as a URL: postgres://user:password@host/name. Its role needs no more than to read
    #[arg(long, env = "STATIONMASTER_IMPORT_FROM", value_name = "URL", hide_env_values = true, value_parser = secret)]
    pub from: SecretString,
}

/// How the database is used.
#[derive(Debug, Clone, Args)]
pub struct Pool {
    /// The most connections to keep to the database
    #[arg(long, env = "STATIONMASTER_POOL_SIZE", value_name = "COUNT", default_value_t = 16,
          value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub pool_size: u32,
    /// How long a statement may run before it is given up, and a request wait for the database, such as 4s
    #[arg(long, env = "STATIONMASTER_STATEMENT_TIMEOUT", value_name = "TIME", default_value = "4s",
          value_parser = humantime::parse_duration)]
    pub statement_timeout: Duration,
}

/// How check-ins are written.
#[derive(Debug, Clone, Args)]
pub struct IngestArgs {
    /// How many groups of check-ins to write at once, each over a connection of its own. One is quickest on one machine
    /// until a core of the database is busy with it
    #[arg(long, env = "STATIONMASTER_INGEST_LANES", value_name = "COUNT", default_value_t = 1,
          value_parser = clap::value_parser!(u8).range(1..=i64::from(shard::SHARDS)))]
    pub ingest_lanes: u8,
    /// The most check-ins to commit together
    #[arg(long, env = "STATIONMASTER_INGEST_GROUP", value_name = "COUNT", default_value_t = 500,
          value_parser = clap::value_parser!(u16).range(1..=5_000))]
    pub ingest_group: u16,
    /// The most check-ins that wait to be written, in each lane. More are answered 503 at once
    #[arg(long, env = "STATIONMASTER_INGEST_QUEUE", value_name = "COUNT", default_value_t = 2_000,
          value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub ingest_queue: u32,
}

/// How long things are kept.
#[derive(Debug, Clone, Args)]
pub struct Keeping {
    /// Drop check-ins that are older, a month of them at a time. Years, months, weeks or days, such as P24M; kept for ever
    /// if left out
    ///
    /// Clusters stay, with when they were first and last seen and how often they checked in.
    #[arg(long, env = "STATIONMASTER_HISTORY_RETENTION", value_name = "SPAN")]
    pub history_retention: Option<Span>,
    /// Forget clusters that have been silent for longer, with their check-ins: a span such as P3Y; never if left out
    ///
    /// One that checks in again after that is a new one.
    #[arg(long, env = "STATIONMASTER_FORGET_AFTER", value_name = "SPAN")]
    pub forget_after: Option<Span>,
}

/// How v2 and v3 are served.
#[derive(Debug, Clone, Args)]
pub struct LegacyApi {
    /// Who may publish through v3
    #[arg(long, env = "STATIONMASTER_LEGACY_PUBLISH", value_name = "WHO", default_value = "token")]
    pub legacy_publish: Publishing,
    /// Where the old service is: requests that no document here names are passed to it
    // Secret until it is known to have no password in it.
    #[arg(long, env = "STATIONMASTER_LEGACY_UPSTREAM", value_name = "URL", hide_env_values = true, value_parser = secret)]
    pub legacy_upstream: Option<SecretString>,
    /// How long the old service may take to take a part of a request, to begin an answer, and between any two parts of it
    #[arg(long, env = "STATIONMASTER_LEGACY_TIMEOUT", value_name = "TIME", default_value = "30s",
          value_parser = humantime::parse_duration)]
    pub legacy_timeout: Duration,
}

/// A log for tools that read those of other servers.
#[derive(Debug, Clone, Args)]
pub struct AccessLog {
    /// Append a line per request to this file, in the Apache combined format
    ///
    /// Host, user, referer and user agent are always `-`, and queries are left out. The status of a request whose caller
    /// went before the answer is 499. Log rotation may move the file away, and need not signal that: it is made anew.
    #[arg(long, env = "STATIONMASTER_ACCESS_LOG", value_name = "FILE")]
    pub access_log: Option<PathBuf>,
}

/// How the server stops.
#[derive(Debug, Clone, Args)]
pub struct Shutdown {
    /// How long to go on answering after SIGTERM, while load balancers see that the server is not ready any more
    #[arg(long, env = "STATIONMASTER_SHUTDOWN_DELAY", value_name = "TIME", default_value = "5s",
          value_parser = humantime::parse_duration)]
    pub shutdown_delay: Duration,
}

/// What is logged, and how. Logs go to standard error.
#[derive(Debug, Clone, Args)]
pub struct Log {
    /// What to log: error, warn, info, debug or trace, also per module as in info,stationmaster::access=warn
    #[arg(long, env = "STATIONMASTER_LOG", value_name = "FILTER", default_value = "info", global = true)]
    pub log: String,
    /// How to write log lines
    #[arg(long, env = "STATIONMASTER_LOG_FORMAT", value_name = "FORMAT", default_value = "text", global = true)]
    pub log_format: LogFormat,
}

impl DataDir {
    /// The keys that sign and verify tokens: from the environment, else from the data directory, where one is made once.
    ///
    /// # Errors
    /// If a key is too short, or the file cannot be used.
    pub fn token_keys(&self) -> Result<TokenKeys, KeyError> {
        match env::var(TOKEN_KEY) {
            Ok(keys) if !keys.is_empty() => TokenKeys::from_text(&keys, TOKEN_KEY),
            _ => TokenKeys::in_directory(&self.data_dir),
        }
    }
}

impl LegacyApi {
    /// Who may read doctor reports: both variables must be set, with the old service's prefix or without.
    pub fn doctor_credentials(&self) -> Option<BasicCredentials> {
        let [user, password] = DOCTOR_AUTH.map(|name| {
            let prefixed = env::var(format!("{OLD_PREFIX}{name}")).ok();
            prefixed.or_else(|| env::var(name).ok()).filter(|text| !text.is_empty())
        });
        Some(BasicCredentials::new(user?, password?.into()))
    }
}

impl Database {
    /// The database that was asked for; none means the embedded one.
    pub fn url(&self) -> Option<SecretString> {
        given(&self.database_url)
    }

    /// The way to it past any pooler, if there is another one.
    pub fn direct_url(&self) -> Option<SecretString> {
        given(&self.database_direct_url)
    }
}

impl Keeping {
    /// The limits that housekeeping keeps to.
    pub fn limits(&self) -> Limits {
        Limits { history: self.history_retention, silent_clusters: self.forget_after }
    }
}

impl Pool {
    /// The options of a store on this database.
    pub fn options(&self, url: SecretString, direct_url: SecretString) -> StoreOptions {
        StoreOptions {
            url,
            direct_url,
            max_connections: self.pool_size,
            acquire_timeout: ACQUIRE_TIMEOUT,
            statement_timeout: self.statement_timeout,
        }
    }
}

impl IngestArgs {
    /// The options of what writes check-ins, into a database that may be spread over many machines.
    pub fn options(&self, is_spread: bool, per_cluster: Option<Rate>) -> IngestOptions {
        IngestOptions {
            lanes: self.ingest_lanes,
            group: self.ingest_group.into(),
            queue: self.ingest_queue.try_into().unwrap_or(usize::MAX),
            by_shard: is_spread,
            per_cluster,
        }
    }
}

/// A variable that is empty counts as not set.
fn given(url: &Option<SecretString>) -> Option<SecretString> {
    url.clone().filter(|url| !url.expose_secret().is_empty())
}

fn secret(text: &str) -> Result<SecretString, Infallible> {
    Ok(text.into())
}

/// `/var/lib/stationmaster` for root, else where the user's data belongs (XDG base directories).
fn default_data_dir() -> PathBuf {
    if nix::unistd::geteuid().is_root() {
        return "/var/lib/stationmaster".into();
    }
    let home = || env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/share"));
    let base = env::var_os("XDG_DATA_HOME").filter(|base| !base.is_empty()).map(PathBuf::from).or_else(home);
    base.unwrap_or_default().join("stationmaster")
}
