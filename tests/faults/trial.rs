//! One fault, again and again.

use anyhow::{anyhow, bail, ensure};

use crate::audit::Verdict;
use crate::faults::Fault;
use crate::postgres::Postgres;
use crate::rules::Permitted;
use crate::stand::{Size, Stand};
use crate::table::Row;

/// How many findings are worth telling one by one.
const MOST_TOLD: usize = 10;

/// Runs all cycles of a fault, and notes in `row` how it went. Making a Postgres takes longer than most faults, so one that
/// is left over is taken.
///
/// # Errors
/// If anything was lost or doubled, if anything was answered that must not be, or if a cycle could not be run.
pub(crate) fn run(fault: &Fault, size: Size, spare: &mut Option<Postgres>, row: &mut Row) -> anyhow::Result<()> {
    let postgres = match spare.take() {
        Some(postgres) if !fault.set_up.on_small_disk => postgres,
        other => {
            *spare = other;
            Postgres::start(fault.set_up.on_small_disk)?
        }
    };
    let mut stand = Stand::new(fault.set_up, size, postgres)?;
    let outcome = cycles(fault, &mut stand, row);
    note(&stand, row);
    outcome
        .map_err(|error| anyhow!("in cycle {}: {error:#}\nthe logs end with\n{}", stand.cycle, stand.last_words()))?;
    // One that has been through a fault that failed may be in any state; this one is as good as new.
    spare.get_or_insert_with(|| stand.into_postgres());
    Ok(())
}

fn cycles(fault: &Fault, stand: &mut Stand, row: &mut Row) -> anyhow::Result<()> {
    let cycles = stand.size.cycles.unwrap_or(fault.short);
    for cycle in 1..=cycles {
        stand.cycle = cycle;
        stand.load.report_only_common(cycle % 4 >= 2);
        // At any moment of a group's life.
        let count = stand.random.usize(50..250);
        stand.progress(count)?;
        let passed = (fault.strike)(stand)?;
        let recovered = stand.recover(passed)?;
        row.recoveries.push(recovered);
        stand.progress(50)?;
        check(stand, row, stand.audit()?)?;
        row.cycles = cycle;
        note(stand, row);
        eprintln!(
            "{}: cycle {cycle} of {cycles}, recovered in {recovered:.0?}, {} acknowledged",
            fault.name, row.acknowledged
        );
    }
    let verdict = stand.finish()?;
    check(stand, row, verdict)
}

fn note(stand: &Stand, row: &mut Row) {
    row.acknowledged = stand.load.ledger().acknowledged();
    row.answers = stand.rules.answers();
}

fn check(stand: &Stand, row: &mut Row, verdict: Verdict) -> anyhow::Result<()> {
    (row.lost, row.doubled) = (verdict.lost, verdict.doubled);
    if !verdict.findings.is_empty() {
        let told = verdict.findings.iter().take(MOST_TOLD).map(String::as_str).collect::<Vec<_>>().join("\n");
        bail!("lost {}, doubled {}; {} findings:\n{told}", verdict.lost, verdict.doubled, verdict.findings.len());
    }
    if let Some(breaches) = stand.rules.breaches() {
        bail!("answered as it must not be:\n{breaches}");
    }
    ensure!(stand.rules.writes.since(std::time::Instant::now()) == Permitted::Success, "the fault has not passed");
    Ok(())
}
