//! `stationmaster migrate`.

use std::io::Write;

use anyhow::Context;
use clap::Args;

use crate::config::{DataDir, Database};
use crate::store::embedded::Embedded;
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
        let (url, _embedded) = match self.database.url() {
            Some(url) => (url, None),
            None => {
                let embedded = Embedded::start(&self.data_dir.data_dir)?;
                (embedded.database_url().into(), Some(embedded))
            }
        };
        let mut out = std::io::stdout();
        for migration in migrations::migrate(&url)? {
            writeln!(out, "{migration}").context("cannot write to standard output")?;
        }
        Ok(())
    }
}
