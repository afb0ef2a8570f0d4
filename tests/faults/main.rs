//! Faults: the real server and a real Postgres under a steady load, while one of them is killed, stopped, filled or taken.
//! `cargo test --test faults` is the short form, `make faults` the full one; docs/operating.md has its table.
//!
//! After each fault, what was acknowledged is compared with what is stored. All the while, whatever is answered has to be
//! what may be answered then.
//!
//! | file | role |
//! |---|---|
//! | `faults/` | what happens |
//! | `trial` | a fault, cycle by cycle |
//! | `stand` | what it happens to: `postgres` (perhaps on a `disk`, or by a `link`), servers, `load`, `probes` |
//! | `load`, `probes`, `client` | who asks |
//! | `ledger`, `audit` | what was acknowledged, beside what is stored |
//! | `rules` | what may be answered when |
//! | `table` | what is printed |

mod audit;
mod client;
#[allow(dead_code, reason = "the benchmark uses the rest")]
#[path = "../../benches/compare/database.rs"]
mod database;
mod disk;
mod faults;
mod ledger;
mod link;
mod load;
mod patience;
mod postgres;
mod probes;
mod rules;
mod stand;
#[allow(dead_code, unused_imports, reason = "the other tests use the rest")]
#[path = "../it/support/mod.rs"]
mod support;
mod table;
mod trial;

use std::env;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Context;
use libtest_mimic::{Arguments, Completion, Failed, Trial};

use crate::faults::{ALL, Fault};
use crate::postgres::Postgres;
use crate::rules::lock;
use crate::stand::Size;
use crate::table::Row;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // One after the other: each is to have the machine for itself.
    arguments.test_threads = Some(1);
    let disk = disk::prepare()
        .map_err(|error| format!("it may not mount a filesystem, which takes root or user namespaces: {error:#}"));
    let (size, only) = match settings() {
        Ok(settings) => settings,
        Err(error) => {
            eprintln!("faults: {error:#}");
            return ExitCode::FAILURE;
        }
    };
    let rows: Arc<Mutex<Vec<Row>>> = Arc::default();
    let spare: Arc<Mutex<Option<Postgres>>> = Arc::default();
    let chosen = ALL.iter().filter(|fault| only.is_empty() || only.iter().any(|only| only == fault.name));
    let trials = chosen.map(|fault| {
        let (rows, spare, disk) = (Arc::clone(&rows), Arc::clone(&spare), disk.clone());
        Trial::ignorable_test(fault.name, move || run(fault, size, disk, &spare, &rows))
    });
    let conclusion = libtest_mimic::run(&arguments, trials.collect());
    let rows = lock(&rows);
    if !rows.is_empty() {
        print(&format!("{}\nseed {}, to be given again as SEED\n", table::table(&rows), size.seed));
    }
    conclusion.exit_code()
}

fn run(
    fault: &'static Fault,
    size: Size,
    disk: Result<(), String>,
    spare: &Mutex<Option<Postgres>>,
    rows: &Mutex<Vec<Row>>,
) -> Result<Completion, Failed> {
    // Below the line that names the test.
    eprintln!();
    let mut row = Row { title: fault.title, ..Row::default() };
    let outcome = match disk {
        Err(reason) if fault.set_up.on_small_disk => {
            eprintln!("{}: NOT RUN: {reason}", fault.name);
            row.not_run = Some(reason.clone());
            Ok(Completion::ignored_with(reason))
        }
        _ => trial::run(fault, size, &mut lock(spare), &mut row).map(|()| Completion::Completed),
    };
    lock(rows).push(row);
    outcome.map_err(|error| format!("{error:#}").into())
}

/// How much to do, and what alone, from the environment.
fn settings() -> anyhow::Result<(Size, Vec<String>)> {
    let number = |name: &str| {
        let text = env::var(name).ok().filter(|text| !text.is_empty());
        text.map(|text| text.parse::<u64>().with_context(|| format!("{name}={text} is not a number"))).transpose()
    };
    let seed = number("FAULTS_SEED")?.unwrap_or_else(|| fastrand::u64(..));
    let seconds = Duration::from_secs;
    let size = match number("FAULTS_CYCLES")? {
        None => Size { cycles: None, stopped: seconds(2), frozen: seconds(6), lasting: seconds(1), seed },
        Some(cycles) => {
            let cycles = Some(u32::try_from(cycles)?);
            Size { cycles, stopped: seconds(10), frozen: seconds(10), lasting: seconds(3), seed }
        }
    };
    let only = env::var("FAULTS_ONLY").unwrap_or_default();
    let only: Vec<String> = only.split([',', ' ']).filter(|name| !name.is_empty()).map(str::to_owned).collect();
    if let Some(unknown) = only.iter().find(|only| ALL.iter().all(|fault| fault.name != **only)) {
        let names: Vec<_> = ALL.iter().map(|fault| fault.name).collect();
        anyhow::bail!("there is no fault {unknown}; there are {}", names.join(", "));
    }
    Ok((size, only))
}

#[allow(clippy::print_stdout, reason = "this is what it is for")]
fn print(text: &str) {
    println!("{text}");
}
