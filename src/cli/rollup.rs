//! `stationmaster rollup`.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

use super::database;
use crate::config::{DataDir, Database};
use crate::store::rollups::{self, Difference, Progress, Purpose};
use crate::store::{self, Connection, QueryError, migrations};

/// How often to say how far the counting is, where no bar can be drawn.
const EVERY: Duration = Duration::from_secs(5);

/// The numbers that /v4/insight tells, which are kept as check-ins come
#[derive(Debug, Args)]
pub(super) struct Rollup {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Rebuild(Rebuild),
}

/// Count the numbers anew from the whole history
///
/// Nobody needs this in the ordinary run of things: after an update or an import, servers do it by themselves. It proves that the numbers
/// are what the history comes to, and makes them so where somebody has edited the database.
///
/// Servers go on meanwhile, and tell the numbers as they were until the end. Numbers of months whose history was dropped stay.
///
/// Prints a line for each table of numbers: how many there are, and how many of them were different before.
#[derive(Debug, Args)]
struct Rebuild {
    /// Change nothing; exit with 1 if a number is different
    #[arg(long, env = "STATIONMASTER_CHECK")]
    check: bool,
    #[command(flatten)]
    data_dir: DataDir,
    #[command(flatten)]
    database: Database,
}

impl Rollup {
    pub(super) fn run(self) -> anyhow::Result<()> {
        match self.command {
            Command::Rebuild(rebuild) => rebuild.run(),
        }
    }
}

impl Rebuild {
    fn run(self) -> anyhow::Result<()> {
        let database = database::open_shared(&self.database, &self.data_dir)?;
        for migration in migrations::migrate(&database.direct_url)? {
            tracing::info!(migration, "applied a migration");
        }
        let mut connection = store::connect(&database.direct_url).context("cannot connect to the database")?;
        let purpose = if self.check { Purpose::Compare } else { Purpose::Replace };
        let counted = count(&mut connection, purpose).context("the history was not counted; nothing has changed")?;
        let Some(differences) = counted else { bail!("somebody else is counting the history; try again later") };
        let mut text = format!("{:<18}{:>12}{:>12}\n", "table", "numbers", "different");
        for Difference { table, numbers, different } in &differences {
            text += &format!("{table:<18}{numbers:>12}{different:>12}\n");
        }
        write!(std::io::stdout(), "{text}").context("cannot write to standard output")?;
        if self.check && differences.iter().any(|difference| difference.different > 0) {
            bail!("some numbers are not what the history comes to; without --check, this puts them right");
        }
        Ok(())
    }
}

/// Counts the history, and shows how far it is.
pub(super) fn count(connection: &mut Connection, purpose: Purpose) -> Result<Option<Vec<Difference>>, QueryError> {
    let style = ProgressStyle::with_template("counting {bar:40} {human_pos}/{human_len} clusters {eta}")
        .expect("the template above is one");
    let bar = std::io::stderr().is_terminal().then(|| ProgressBar::no_length().with_style(style));
    let mut said = Instant::now();
    let mut report = |Progress { counted, clusters }| match &bar {
        Some(bar) => {
            bar.set_length(clusters as u64);
            bar.set_position(counted as u64);
        }
        None if said.elapsed() >= EVERY => {
            said = Instant::now();
            tracing::info!(counted, of = clusters, "counting the history of clusters");
        }
        None => {}
    };
    rollups::rebuild(connection, purpose, &mut report)
}
