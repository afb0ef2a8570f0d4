//! What the server does, measured beside a reference in one run: `make bench`, `make bench-full`.
//! docs/performance.md says how to read the table that it prints.
//!
//! | file | role |
//! |---|---|
//! | `lines/` | what is measured: a file per group of lines |
//! | `size` | how much of it, and for how long |
//! | `fleet`, `history` | what is loaded and reported |
//! | `postgres`, `database`, `server`, `constant`, `process` | what runs |
//! | `wrk`, `pgbench`, `probe` | what asks |
//! | `rounds` | taking turns, and the medians |
//! | `report`, `figure`, `machine` | what is printed |

mod constant;
mod database;
mod figure;
mod fleet;
mod history;
mod interrupt;
mod lines;
mod machine;
mod pgbench;
mod postgres;
mod probe;
mod process;
mod report;
mod rounds;
mod server;
mod size;
mod wrk;

use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand, ValueEnum};

use self::lines::Group;
use self::report::Report;

/// Measure the server beside references and print the table
#[derive(Debug, Parser)]
#[command(name = "compare", bin_name = "cargo bench --bench compare --")]
struct Arguments {
    /// Measure at full size, which takes about half an hour and 10 GB of disk
    #[arg(long)]
    full: bool,
    /// Measure these groups of lines alone
    #[arg(long, value_name = "GROUP", value_delimiter = ',')]
    only: Vec<Group>,
    /// What cargo passes to every benchmark
    #[arg(long, hide = true)]
    bench: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve a constant: the reference for reading
    #[command(hide = true)]
    Constant(constant::Constant),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match arguments.command {
        Some(Command::Constant(constant)) => constant.serve(),
        None => compare(arguments.full, &arguments.only),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("compare: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn compare(full: bool, only: &[Group]) -> anyhow::Result<()> {
    interrupt::watch()?;
    let size = if full { &size::FULL } else { &size::SMALL };
    let stand = lines::Stand::new(size)?;
    let mut report = Report::new(size, stand.machine()?);
    for group in Group::value_variants() {
        if only.is_empty() || only.contains(group) {
            let lines = group.measure(&stand).with_context(|| format!("cannot measure {group:?}"))?;
            report.add(lines);
        }
    }
    report.finish()
}
