//! Fills a Stationmaster with two years of a fleet that does not exist, on real releases: what `make demo` shows.
//!
//! The releases are published through the API. The history of the clusters is written past it, straight into the database,
//! as no API lets anyone check in for a day that is over.

mod catalog;
mod clusters;
mod notes;
#[path = "../../client/examples/deis/patience.rs"]
mod patience;
mod publish;
mod releases;
mod sets;
mod summary;
mod upgrades;
mod write;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use clap::Parser;
use reqwest::Url;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use stationmaster::store::embedded::Embedded;
use stationmaster::store::rollups;
use stationmaster::{clock, store};
use stationmaster_client::Client;

use crate::catalog::Catalog;
use crate::publish::Published;
use crate::sets::Sets;
use crate::summary::Summary;
use crate::write::Written;

/// Fill a Stationmaster with two years of a plausible fleet
///
/// Publishes 372 real releases of 17 components through the API, moved in time so that the fleet has been there for two
/// years, and writes the history of clusters that ran them straight into the server's database. The same seed and instant
/// make the same fleet. It may run again: what is there stays as it is.
#[derive(Debug, Parser)]
#[command(name = "demo-fleet", verbatim_doc_comment)]
struct Arguments {
    /// Where the server is
    #[arg(long, env = "STATIONMASTER_URL", default_value = "http://127.0.0.1:8080")]
    url: Url,
    /// A token that allows versions:publish
    #[arg(long, env = "STATIONMASTER_TOKEN", hide_env_values = true)]
    token: String,
    /// The server's database, if it is not the embedded one
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// Where the server keeps its embedded database
    #[arg(long, env = "STATIONMASTER_DATA_DIR", value_name = "DIRECTORY", required_unless_present = "database_url")]
    data_dir: Option<PathBuf>,
    /// How many clusters there have ever been
    #[arg(long, value_name = "COUNT", default_value_t = 4_000, value_parser = clap::value_parser!(u32).range(1..))]
    clusters: u32,
    /// What chance decides; the same number, the same fleet
    #[arg(long, value_name = "NUMBER", default_value_t = 6)]
    seed: u64,
    /// The instant at which the history ends, such as 2026-11-25T12:00:00Z; the present if left out
    #[arg(long, value_name = "INSTANT")]
    now: Option<DateTime<Utc>>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("demo-fleet: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let now = clock::to_micros(arguments.now.unwrap_or_else(clock::now));
    let releases = releases::before(now)?;

    let began = Instant::now();
    let client = connect(arguments.url.as_str().trim_end_matches('/'), &arguments.token)?;
    let Published { new, known, yanked } = publish::publish(&client, &releases).await?;
    tell(&format!("{new} releases published, {known} there already; {yanked} are yanked ({:.1?})", began.elapsed()))?;

    let began = Instant::now();
    let mut sets = Sets::new(Catalog::new(&releases)?);
    let clusters = clusters::simulate(arguments.clusters, arguments.seed, now, &mut sets);
    tell(&format!("{} ({:.1?})", Summary::of(&clusters, &sets, now), began.elapsed()))?;

    let began = Instant::now();
    let database = match (arguments.database_url, arguments.data_dir) {
        (Some(url), _) => url,
        (None, Some(directory)) => Embedded::url_of_running(&directory)?,
        (None, None) => bail!("neither --database-url nor --data-dir"),
    };
    let mut connection = store::connect(&database.into()).context("cannot connect to the database")?;
    let written = match write::write(&mut connection, &clusters, sets.all())? {
        Written::All => "written to the database",
        Written::Nothing => "nothing written: this fleet is there already",
    };
    tell(&format!("{written} ({:.1?})", began.elapsed()))?;

    let began = Instant::now();
    while !rollups::is_counted(&mut connection)? {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    tell(&format!("counted by the server ({:.1?})", began.elapsed()))
}

/// The client takes any `reqwest` client: this one sends the token with every call.
fn connect(url: &str, token: &str) -> anyhow::Result<Client> {
    let mut bearer =
        HeaderValue::try_from(format!("Bearer {token}")).context("--token is not what `stationmaster token` prints")?;
    bearer.set_sensitive(true);
    let http = reqwest::Client::builder().default_headers(HeaderMap::from_iter([(AUTHORIZATION, bearer)])).build()?;
    Ok(Client::new_with_client(url, http))
}

fn tell(line: &str) -> anyhow::Result<()> {
    writeln!(io::stdout(), "{line}").context("cannot print")
}
