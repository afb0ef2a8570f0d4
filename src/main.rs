//! The `stationmaster` program.

use std::process::ExitCode;

use clap::Parser;
use stationmaster::cli::Cli;

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("stationmaster: {error:#}");
            ExitCode::FAILURE
        }
    }
}
