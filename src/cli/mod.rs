//! The command line: one file per subcommand, and what they share.

mod database;
mod distribute;
mod healthcheck;
mod import;
mod migrate;
mod openapi;
mod publisher;
mod rollup;
mod serve;
mod token;

use clap::{Parser, Subcommand};

use crate::config::Log;
use crate::telemetry;

/// The versions service: tells a fleet of clusters what is current, and its makers what the fleet runs
///
/// Start it with `stationmaster serve`: without further settings it keeps its own database in a directory.
/// Every flag can also be given as the environment variable that its help names.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    log: Log,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(Box<serve::Serve>),
    Migrate(migrate::Migrate),
    Import(import::Import),
    Distribute(distribute::Distribute),
    Token(token::Token),
    Publisher(publisher::Publisher),
    Rollup(rollup::Rollup),
    Openapi(openapi::Openapi),
    Healthcheck(healthcheck::Healthcheck),
}

impl Cli {
    /// Does what the command line asks for.
    ///
    /// # Errors
    /// What went wrong, in words for the person at the command line.
    pub fn run(self) -> anyhow::Result<()> {
        telemetry::start(self.log.log_format, &self.log.log)?;
        match self.command {
            Command::Serve(command) => command.run(),
            Command::Migrate(command) => command.run(),
            Command::Import(command) => command.run(),
            Command::Distribute(command) => command.run(),
            Command::Token(command) => command.run(),
            Command::Publisher(command) => command.run(),
            Command::Rollup(command) => command.run(),
            Command::Openapi(command) => command.run(),
            Command::Healthcheck(command) => command.run(),
        }
    }
}
