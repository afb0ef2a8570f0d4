//! `stationmaster token`.

use std::io::Write;
use std::time::Duration;

use anyhow::{Context, ensure};
use chrono::TimeDelta;
use clap::Args;
use clap::builder::PossibleValuesParser;

use crate::auth::{Grant, Tokens};
use crate::clock;
use crate::config::DataDir;

/// The scopes that the API's operations ask for.
const SCOPES: [&str; 4] = ["versions:publish", "clusters:read", "clusters:write", "audit:read"];

/// Print a token for a caller
///
/// It is signed with STATIONMASTER_TOKEN_KEY, else with the key in the data directory, which must be the one that the
/// server uses. Example: a CI job that may publish one component:
///
///   stationmaster token --subject ci-router --scope versions:publish --component deis-router --ttl 90d
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Token {
    /// Whom the token is for; it is logged with what they do
    #[arg(long, env = "STATIONMASTER_TOKEN_SUBJECT", value_name = "NAME")]
    subject: String,
    /// What the token allows; may be repeated, or list several
    #[arg(long, env = "STATIONMASTER_TOKEN_SCOPE", value_name = "SCOPE", required = true, value_delimiter = ' ',
          value_parser = PossibleValuesParser::new(SCOPES))]
    scope: Vec<String>,
    /// Only components that match this glob, such as 'deis-*'; may be repeated
    #[arg(long, env = "STATIONMASTER_TOKEN_COMPONENT", value_name = "GLOB", value_delimiter = ' ')]
    component: Vec<String>,
    /// Only trains that match this glob; may be repeated
    #[arg(long, env = "STATIONMASTER_TOKEN_TRAIN", value_name = "GLOB", value_delimiter = ' ')]
    train: Vec<String>,
    /// How long the token is good for, such as 12h or 90d
    #[arg(long, env = "STATIONMASTER_TOKEN_TTL", value_name = "TIME", default_value = "90d",
          value_parser = humantime::parse_duration)]
    ttl: Duration,
    #[command(flatten)]
    data_dir: DataDir,
}

impl Token {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let limit = |globs: Vec<String>| (!globs.is_empty()).then_some(globs);
        let grant = Grant { scope: self.scope.join(" "), components: limit(self.component), trains: limit(self.train) };
        let now = clock::now();
        let ttl = TimeDelta::from_std(self.ttl).ok().filter(|ttl| now.checked_add_signed(*ttl).is_some());
        let ttl = ttl.context("--ttl is longer than the calendar; choose a shorter one")?;
        ensure!(ttl >= TimeDelta::seconds(1), "--ttl is shorter than a second; choose a longer one");
        let token = Tokens::new(&self.data_dir.token_key()?).issue(self.subject, grant, now, ttl)?;
        writeln!(std::io::stdout(), "{token}").context("cannot write to standard output")
    }
}
