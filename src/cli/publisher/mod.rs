//! `stationmaster publisher`.

mod add;
mod list;
mod remove;

use anyhow::Context;
use clap::{Args, Subcommand};

use super::database::{self, Location};
use crate::config::{DataDir, Database};
use crate::domain::publisher::Publisher as Described;
use crate::store::{self, Connection, migrations};

/// Say which CI jobs may publish with the tokens of their own platform
///
/// A platform such as GitHub Actions or GitLab CI gives each job a token that says what it is: of which repository, branch,
/// environment. A publisher says which of them may publish what. So no secret of this service is stored anywhere, and none
/// can leak. docs/publishing.md has whole workflows.
///
/// All servers on the database know at once who was added or removed.
#[derive(Debug, Args)]
pub(in crate::cli) struct Publisher {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Add(add::Add),
    List(list::List),
    Remove(remove::Remove),
}

impl Publisher {
    pub(in crate::cli) fn run(self) -> anyhow::Result<()> {
        match self.command {
            Command::Add(command) => command.run(),
            Command::List(command) => command.run(),
            Command::Remove(command) => command.run(),
        }
    }
}

/// Where the publishers are kept.
#[derive(Debug, Args)]
struct Kept {
    #[command(flatten)]
    data_dir: DataDir,
    #[command(flatten)]
    database: Database,
}

impl Kept {
    /// Does something with the database, once it is up to date.
    fn with<T>(&self, action: impl FnOnce(&mut Connection) -> anyhow::Result<T>) -> anyhow::Result<T> {
        // The embedded database, if we have started it, has to outlive the connection.
        let Location { direct_url, embedded: _embedded, .. } = database::open_shared(&self.database, &self.data_dir)?;
        for migration in migrations::migrate(&direct_url)? {
            tracing::info!(migration, "applied a migration");
        }
        let mut connection = store::connect(&direct_url).context("cannot connect to the database")?;
        action(&mut connection)
    }
}

/// A publisher as a sentence.
fn sentence(publisher: &Described) -> String {
    let Described { issuer, audience, components, trains, .. } = publisher;
    let (claims, components, trains) = (claims(publisher), components.join(" "), trains.join(" "));
    format!(
        "tokens of {issuer} for {audience} with {claims} may publish the components {components} on the trains {trains}"
    )
}

/// The claims of a publisher, as they were given.
fn claims(publisher: &Described) -> String {
    let claims = publisher.claims.iter().map(|(name, pattern)| format!("{name}={pattern}"));
    claims.collect::<Vec<_>>().join(" ")
}
