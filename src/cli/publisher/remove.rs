//! `stationmaster publisher remove`.

use std::io::Write;

use anyhow::Context;
use clap::Args;

use super::{Kept, sentence};
use crate::store::audit::Actor;
use crate::store::publishers;

/// Let the CI jobs of a publisher publish no more
///
/// From the next request on, at every server. What they have published stays. Prints what the publisher was.
#[derive(Debug, Args)]
pub(super) struct Remove {
    /// Its number, as `stationmaster publisher list` tells it
    id: i64,
    #[command(flatten)]
    kept: Kept,
}

impl Remove {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let id = self.id;
        let removed = self
            .kept
            .with(|connection| {
                publishers::remove(connection, &Actor::command("publisher remove"), id)
                    .context("cannot remove the publisher")
            })?
            .with_context(|| {
                format!("there is no publisher {id}; `stationmaster publisher list` tells which there are")
            })?;
        let said = writeln!(std::io::stdout(), "no more: {}", sentence(&removed.publisher));
        said.context("cannot write to standard output")
    }
}
