//! `stationmaster migrate`.

use std::io::Write;

use anyhow::Context;
use clap::Args;

use super::database;
use crate::config::{DataDir, Database};
use crate::store::migrations;

/// Bring the database up to date, and stop
///
/// `serve` does this too. Prints the migrations that it applied, one per line; none if the database was up to date.
#[derive(Debug, Args)]
pub(super) struct Migrate {
    #[command(flatten)]
    data_dir: DataDir,
    #[command(flatten)]
    database: Database,
}

impl Migrate {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let database = database::open(&self.database, &self.data_dir)?;
        let mut out = std::io::stdout();
        for migration in migrations::migrate(&database.direct_url)? {
            writeln!(out, "{migration}").context("cannot write to standard output")?;
        }
        Ok(())
    }
}
