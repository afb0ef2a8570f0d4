//! The agent of a cluster: checks in, and keeps what shows that it is the same cluster.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Parser;
use reqwest::StatusCode;
use reqwest::header::RETRY_AFTER;
use serde::{Deserialize, Serialize};
use stationmaster_client::types::{CheckIn, InstalledComponent};
use stationmaster_client::{Client, Error};
use uuid::Uuid;

/// Check a cluster in once, and print what is newer than what it runs
///
/// The cluster makes up its id on its first run, and keeps it in a file, with its token. Run it every hour or so:
///
///   agent --state ./cluster.json --runs deis-router@stable=v2.3.0 --runs deis-builder@stable=v2.7.1
#[derive(Debug, Parser)]
#[command(name = "agent", verbatim_doc_comment)]
struct Arguments {
    /// Where the server is
    #[arg(long, env = "STATIONMASTER_URL", default_value = "http://127.0.0.1:8080")]
    url: String,
    /// Where the cluster keeps its id and its token
    #[arg(long, value_name = "FILE")]
    state: PathBuf,
    /// What the cluster runs; may be repeated
    #[arg(long, value_name = "COMPONENT@TRAIN=VERSION", required = true, value_parser = installed)]
    runs: Vec<InstalledComponent>,
}

/// Who the cluster is.
#[derive(Serialize, Deserialize)]
struct Identity {
    id: Uuid,
    /// For the first check-in, in case its answer is lost.
    claim_key: Uuid,
    /// From the answer to the first check-in.
    token: Option<String>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Arguments { url, state, runs } = Arguments::parse();
    let mut identity = Identity::load_or_make(&state)?;
    let client = Client::new(url.trim_end_matches('/'));
    let check_in = client.check_in().id(identity.id).body(CheckIn::builder().components(runs));
    let check_in = match &identity.token {
        Some(token) => check_in.authorization(format!("Bearer {token}")),
        None => check_in.claim_key(identity.claim_key.to_string()),
    };
    let receipt = match check_in.send().await {
        Ok(receipt) => receipt.into_inner(),
        Err(Error::ErrorResponse(refusal)) if refusal.headers().contains_key(RETRY_AFTER) => {
            let seconds = refusal.headers()[RETRY_AFTER].to_str().unwrap_or_default();
            bail!("the service is busy; run this again in {seconds} seconds");
        }
        Err(Error::ErrorResponse(refusal)) if refusal.status() == StatusCode::UNAUTHORIZED => {
            let id = identity.id;
            bail!("the token of cluster {id} was refused; to go on as a new cluster, delete {}", state.display());
        }
        Err(error) => return Err(error).context("could not check in"),
    };
    // There is one the first time, and when the service has replaced its keys.
    if let Some(token) = receipt.token {
        identity.token = Some(token);
        identity.keep(&state)?;
    }
    for update in receipt.updates {
        println!("{} {} -> {}", update.component, update.installed, update.latest.version);
    }
    Ok(())
}

impl Identity {
    /// The identity in the file; a new one is kept there before anyone hears of it.
    fn load_or_make(path: &Path) -> anyhow::Result<Self> {
        match fs::read(path) {
            Ok(kept) => serde_json::from_slice(&kept).with_context(|| format!("cannot read {}", path.display())),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let new = Self { id: Uuid::new_v4(), claim_key: Uuid::new_v4(), token: None };
                new.keep(path).map(|()| new)
            }
            Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
    }

    /// Keeps it in the file, as a whole or not at all. Only its owner may read it.
    fn keep(&self, path: &Path) -> anyhow::Result<()> {
        let scratch = path.with_extension("new");
        let write = || -> anyhow::Result<()> {
            let mut file: File =
                OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&scratch)?;
            file.write_all(&serde_json::to_vec(self)?)?;
            file.sync_all()?;
            Ok(fs::rename(&scratch, path)?)
        };
        write().with_context(|| format!("cannot keep the cluster's identity in {}", path.display()))
    }
}

/// A component as the command line has it.
fn installed(text: &str) -> Result<InstalledComponent, String> {
    let parts = text.split_once('=').and_then(|(name, version)| Some((name.split_once('@')?, version)));
    let ((component, train), version) = parts.ok_or("write COMPONENT@TRAIN=VERSION")?;
    let installed = InstalledComponent::builder().component(component).train(train).version(version);
    installed.try_into().map_err(|error: stationmaster_client::types::error::ConversionError| error.to_string())
}
