//! `stationmaster publisher list`.

use std::io::Write;

use anyhow::Context;
use chrono::SecondsFormat;
use clap::Args;
use serde_json::{Value, json};

use super::{Kept, claims};
use crate::store::publishers::{self, Stored};

/// List who may publish with the tokens of CI platforms
#[derive(Debug, Args)]
pub(super) struct List {
    /// Print a JSON array, for scripts, instead of a table
    #[arg(long, env = "STATIONMASTER_PUBLISHER_JSON")]
    json: bool,
    #[command(flatten)]
    kept: Kept,
}

impl List {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let listed = self.kept.with(|connection| publishers::list(connection).context("cannot list the publishers"))?;
        let text = match self.json {
            true => format!("{:#}\n", Value::Array(listed.iter().map(object).collect())),
            false => table(&listed),
        };
        write!(std::io::stdout(), "{text}").context("cannot write to standard output")
    }
}

fn object(stored: &Stored) -> Value {
    let Stored { id, created_at, publisher } = stored;
    json!({
        "id": id,
        "issuer": publisher.issuer,
        "audience": publisher.audience,
        "claims": publisher.claims,
        "components": publisher.components,
        "trains": publisher.trains,
        "created_at": created_at.to_rfc3339_opts(SecondsFormat::AutoSi, true),
    })
}

/// A table with a heading, in columns as wide as what is in them.
fn table(listed: &[Stored]) -> String {
    let heading = ["ID", "ISSUER", "AUDIENCE", "CLAIMS", "COMPONENTS", "TRAINS", "ADDED"].map(str::to_owned);
    let rows: Vec<[String; 7]> = std::iter::once(heading).chain(listed.iter().map(row)).collect();
    let mut text = String::new();
    for row in &rows {
        let cells = row.iter().enumerate().map(|(column, cell)| {
            let width = rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
            format!("{cell:<width$}")
        });
        text += cells.collect::<Vec<_>>().join("  ").trim_end();
        text.push('\n');
    }
    text
}

fn row(stored: &Stored) -> [String; 7] {
    let Stored { id, created_at, publisher } = stored;
    [
        id.to_string(),
        publisher.issuer.clone(),
        publisher.audience.clone(),
        claims(publisher),
        publisher.components.join(" "),
        publisher.trains.join(" "),
        created_at.format("%Y-%m-%d").to_string(),
    ]
}
