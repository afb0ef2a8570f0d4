//! `stationmaster publisher add`.

use std::collections::BTreeMap;
use std::io::Write;

use anyhow::{Context, bail, ensure};
use clap::Args;

use super::{Kept, sentence};
use crate::auth::{AUDIENCE, IssuerUrl};
use crate::config::Coverage;
use crate::domain::publisher::Publisher;
use crate::store::audit::Actor;
use crate::store::publishers;

/// Let CI jobs publish with the tokens of their platform
///
/// A job may publish if its token is signed by the issuer, is for the audience, and has every
/// claim. The value of a claim matches as it is written, and * stands for any characters. What no
/// claim pins down, anyone on the platform may choose: name at least the repository or project, and
/// the branch, tag or environment too where only those should publish.
///
/// GitHub Actions, jobs of one repository in its environment `release` (there are the claims
/// repository, repository_id, environment, ref, workflow_ref, job_workflow_ref and more):
///
///   stationmaster publisher add --issuer https://token.actions.githubusercontent.com \
///     --claim repository=deis/router --claim environment=release --component deis-router
///
/// GitLab CI, jobs of one project for its protected branches and tags (there are the claims
/// project_path, project_id, ref, ref_type, ref_protected, environment and more):
///
///   stationmaster publisher add --issuer https://gitlab.com \
///     --claim project_path=deis/router --claim ref_protected=true \
///     --component deis-router --train stable
///
/// A publisher that is there already stays as it is. Prints its number, which is for
/// `stationmaster publisher remove`, and what it may do.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment, mut_arg("component", |component| component.required(true)))]
pub(super) struct Add {
    /// Who signs the tokens: their claim `iss`, letter by letter. An https URL; http only for this machine
    #[arg(long, env = "STATIONMASTER_PUBLISHER_ISSUER", value_name = "URL")]
    issuer: IssuerUrl,
    /// A claim that the tokens have, such as repository=deis/router; repeated, all of them. * stands for any characters
    #[arg(long, env = "STATIONMASTER_PUBLISHER_CLAIM", value_name = "NAME=VALUE", required = true,
          value_delimiter = '\n', value_parser = claim)]
    claim: Vec<(String, String)>,
    #[command(flatten)]
    coverage: Coverage,
    /// Whom the tokens are for: their claim `aud`
    #[arg(long, env = "STATIONMASTER_PUBLISHER_AUDIENCE", value_name = "NAME", default_value = AUDIENCE)]
    audience: String,
    #[command(flatten)]
    kept: Kept,
}

impl Add {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let Self { issuer, claim, coverage: Coverage { component, train }, audience, kept } = self;
        ensure!(!audience.is_empty(), "--audience is empty; leave it out for {AUDIENCE}");
        let mut claims = BTreeMap::new();
        for (name, value) in claim {
            if let Some(before) = claims.insert(name.clone(), value.clone()) {
                bail!(
                    "--claim {name} is given twice, as {before} and {value}, and no token has both: \
                     use one pattern with *, or add two publishers"
                );
            }
        }
        ensure!(
            claims.values().any(|value| value.chars().any(|character| character != '*')),
            "no --claim says whose jobs are meant: anyone who has an account with {issuer} could publish"
        );
        let trains = if train.is_empty() { vec!["*".to_owned()] } else { train };
        let publisher = Publisher { issuer: issuer.to_string(), audience, claims, components: component, trains };
        let added = kept.with(|connection| {
            publishers::add(connection, &Actor::command("publisher add"), &publisher)
                .context("cannot add the publisher")
        })?;
        let said = writeln!(std::io::stdout(), "publisher {}: {}", added.id, sentence(&added.publisher));
        said.context("cannot write to standard output")
    }
}

fn claim(text: &str) -> Result<(String, String), &'static str> {
    match text.split_once('=') {
        Some(("", _)) | None => Err("a claim is a name and a value: repository=deis/router"),
        Some((_, "")) => Err("the value is empty; a claim with any value is matched by *"),
        Some((name, value)) => Ok((name.into(), value.into())),
    }
}
