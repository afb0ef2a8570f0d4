//! Fills a Stationmaster with the releases of Deis Workflow and a simulated fleet that runs them, then asks it what is
//! latest and how the fleet is doing.

mod calls;
mod data;
mod patience;
mod report;

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use reqwest::Url;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use stationmaster_client::Client;

use crate::report::Report;

/// Fill a Stationmaster with the releases of Deis Workflow and clusters that run them, and print what it then says
///
/// Publishes 372 real releases of 17 components, checks in simulated clusters that each run a real release of Workflow
/// (one in ten is labelled `ci`), asks what is latest, and runs the age filters. It may run again: what is published
/// stays as it is, and the same clusters check in once more.
///
/// Start a server and make a token with:
///
///   stationmaster serve
///   stationmaster token --subject demo --scope 'versions:publish clusters:read'
#[derive(Debug, Parser)]
#[command(name = "deis", verbatim_doc_comment)]
struct Arguments {
    /// Where the server is
    #[arg(long, env = "STATIONMASTER_URL", default_value = "http://127.0.0.1:8080")]
    url: Url,
    /// A token that allows versions:publish and clusters:read
    #[arg(long, env = "STATIONMASTER_TOKEN", hide_env_values = true)]
    token: String,
    /// How many clusters to simulate
    #[arg(long, value_name = "COUNT", default_value_t = 500)]
    clusters: u32,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("deis: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let url = arguments.url.as_str().trim_end_matches('/');
    let client = connect(url, &arguments.token)?;
    let clusters = Client::new(url);
    let releases = data::releases()?;
    let fleet = data::fleet(arguments.clusters)?;
    let report = Report {
        published: calls::publish(&client, &releases).await?,
        checked_in: calls::check_in(&clusters, &fleet).await?,
        counts: calls::count_by_age(&client).await?,
        latest: calls::latest(&client, &releases).await?,
        oldest: calls::oldest(&client).await?,
    };
    // At once, so that `| head` gets its fill before it hangs up.
    io::stdout().write_all(report.to_string().as_bytes()).context("cannot print what it saw")
}

/// The client takes any `reqwest` client: this one sends the token with every call.
fn connect(url: &str, token: &str) -> anyhow::Result<Client> {
    let mut bearer =
        HeaderValue::try_from(format!("Bearer {token}")).context("--token is not what `stationmaster token` prints")?;
    bearer.set_sensitive(true);
    let http = reqwest::Client::builder().default_headers(HeaderMap::from_iter([(AUTHORIZATION, bearer)])).build()?;
    Ok(Client::new_with_client(url, http))
}
