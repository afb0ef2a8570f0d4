//! `stationmaster import`.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use secrecy::SecretString;

use super::{database, rollup};
use crate::config::{DataDir, Database, ImportFrom};
use crate::import::{Import as Run, Progress, Tally};
use crate::store::rollups::{self, Purpose};
use crate::store::{self, distribution, migrations};

/// How often to say how far the import is, where no bar can be drawn.
const EVERY: Duration = Duration::from_secs(5);

/// Copy the database of a Deis workflow-manager-api
///
/// Reads the old database in one read-only transaction; the old service may go on writing meanwhile. Can be interrupted at
/// any time: run it again and it goes on, and nothing comes twice. Run it once more after the switch for what has come since.
///
/// Ends with a table of what was read, imported, already there, and skipped, and why. Skipped rows are no error.
///
/// A server may go on serving from the DATABASE_URL that this imports to. The embedded database belongs to one program at a time: stop the server that
/// uses it first.
#[derive(Debug, Args)]
pub(super) struct Import {
    #[command(flatten)]
    from: ImportFrom,
    #[command(flatten)]
    data_dir: DataDir,
    #[command(flatten)]
    database: Database,
}

impl Import {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let database = database::open(&self.database, &self.data_dir)?;
        for migration in migrations::migrate(&database.direct_url)? {
            tracing::info!(migration, "applied a migration");
        }
        let tallies = copy(&self.from.from, &database.direct_url)?;
        write!(std::io::stdout(), "{}", table(&tallies)).context("cannot write to standard output")
    }
}

fn copy(from: &SecretString, to: &SecretString) -> anyhow::Result<[Tally; 4]> {
    let mut connection = store::connect(to).context("cannot connect to the database")?;
    if distribution::is_spread(&mut connection)? {
        bail!("an import cannot write to a database that is spread over many machines; import first, distribute then");
    }
    let run = Run::new(from, &mut connection, Report::new())?;
    let tallies = run.run().context("the import stopped; what has come over stays. Run it again to go on")?;
    if !rollups::is_counted(&mut connection)? {
        rollup::count(&mut connection, Purpose::Replace)
            .context("everything has come over, but was not counted; a server will do so")?;
    }
    Ok(tallies)
}

/// The tallies as a table, and why rows were skipped.
fn table(tallies: &[Tally]) -> String {
    let mut text = format!("{:<18}{:>12}{:>12}{:>15}{:>10}\n", "table", "read", "imported", "already there", "skipped");
    for tally in tallies {
        let [read, imported, there, skipped] = tally.counts();
        text += &format!("{:<18}{read:>12}{imported:>12}{there:>15}{skipped:>10}\n", tally.table());
    }
    for tally in tallies {
        for (reason, skipped) in tally.skipped() {
            let examples = skipped.examples.join(", ");
            text += &format!("skipped {} of {}: {reason} (such as {examples})\n", skipped.count, tally.table());
        }
    }
    text
}

/// A bar on a terminal; elsewhere a line now and then.
struct Report {
    bar: Option<ProgressBar>,
    table: &'static str,
    rows: u64,
    said: Instant,
}

impl Report {
    fn new() -> Self {
        let style = ProgressStyle::with_template("{msg:18} {bar:40} {human_pos}/{human_len} {per_sec} {eta}")
            .expect("the template above is one");
        let bar = std::io::stderr().is_terminal().then(|| ProgressBar::no_length().with_style(style));
        Self { bar, table: "", rows: 0, said: Instant::now() }
    }
}

impl Progress for Report {
    fn start(&mut self, table: &'static str, rows: u64) {
        (self.table, self.rows, self.said) = (table, rows, Instant::now());
        match &self.bar {
            Some(bar) => {
                bar.reset();
                bar.set_message(table);
                bar.set_length(rows);
            }
            None => tracing::info!(table, rows, "importing"),
        }
    }

    fn reached(&mut self, rows: u64) {
        match &self.bar {
            Some(bar) => bar.set_position(rows),
            None if self.said.elapsed() >= EVERY => {
                self.said = Instant::now();
                tracing::info!(table = self.table, rows, of = self.rows, "importing");
            }
            None => {}
        }
    }
}
