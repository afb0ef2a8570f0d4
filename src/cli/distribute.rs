//! `stationmaster distribute`.

use std::io::Write;

use anyhow::Context;
use clap::Args;

use crate::config::Database;
use crate::store::distribution::{self, Outcome};
use crate::store::{self, migrations};

/// Spread the tables over the machines of a Citus cluster
///
/// For fleets that have outgrown one database machine; docs/scaling.md tells when that is, and the way there.
/// DATABASE_URL has to name the database on the coordinator, with the role that owns its tables.
///
/// Every machine gets a copy of the versions and the sets of components. Clusters are cut into 32 shards by their ids,
/// and each shard has the check-ins of its clusters beside it. Servers may run meanwhile: what needs a table whose rows
/// are being copied is answered with 503.
///
/// Can be interrupted at any time and run again: no row is lost. Prints the tables that it distributed, one per line.
/// On a PostgreSQL without Citus there is nothing to do, and it says so.
#[derive(Debug, Args)]
pub(super) struct Distribute {
    #[command(flatten)]
    database: Database,
}

impl Distribute {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let url = self.database.url().context(
            "no database to distribute: let DATABASE_URL name the one on the Citus coordinator. \
             The embedded database is on one machine for good",
        )?;
        for migration in migrations::migrate(&url)? {
            tracing::info!(migration, "applied a migration");
        }
        let mut connection = store::connect(&url).context("cannot connect to the database")?;
        let outcome = distribution::distribute(&mut connection).context(
            "the tables are not distributed to the end, and no row is lost; run it again when the cause is gone",
        )?;
        let mut out = std::io::stdout();
        let said = match outcome {
            Outcome::OneMachine => {
                writeln!(out, "nothing to do: this PostgreSQL has no Citus, and keeps all on one machine")
            }
            Outcome::Distributed(tables) if tables.is_empty() => {
                writeln!(out, "nothing to do: all tables are distributed already")
            }
            Outcome::Distributed(tables) => tables.iter().try_for_each(|table| writeln!(out, "{table}")),
        };
        said.context("cannot write to standard output")
    }
}
