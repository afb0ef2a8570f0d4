//! Taking turns, so that whatever else the machine does falls on all contestants alike, and the medians of that.

use anyhow::Context;
use serde::Serialize;

/// How one turn went.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Load {
    /// Answers per second.
    pub(crate) rate: f64,
    /// Half of the answers took no longer, in seconds.
    pub(crate) p50: f64,
    /// 99 of 100 answers took no longer, in seconds.
    pub(crate) p99: f64,
    /// What the process that was asked spent on each, in seconds; none if it cannot be told.
    pub(crate) cpu: Option<f64>,
    /// How many answers there were.
    pub(crate) requests: f64,
}

/// Who takes part.
pub(crate) struct Contestant<'a> {
    pub(crate) name: &'a str,
    pub(crate) turn: &'a dyn Fn() -> anyhow::Result<Load>,
}

/// Gives each contestant its turn, one after the other, `rounds` times over. Answers the turns of each.
pub(crate) fn in_turn(rounds: usize, work: &str, contestants: &[Contestant]) -> anyhow::Result<Vec<Vec<Load>>> {
    let mut turns = vec![Vec::with_capacity(rounds); contestants.len()];
    for round in 1..=rounds {
        for (contestant, turns) in contestants.iter().zip(&mut turns) {
            let name = contestant.name;
            let load = (contestant.turn)().with_context(|| format!("{work}: {name}"))?;
            eprintln!(
                "  {work}, round {round} of {rounds}: {name} {:.0}/s, p50 {:.2} ms, p99 {:.2} ms",
                load.rate,
                load.p50 * 1e3,
                load.p99 * 1e3
            );
            turns.push(load);
        }
    }
    Ok(turns)
}

impl Load {
    /// Each figure's own median.
    pub(crate) fn median(turns: &[Self]) -> Self {
        let of = |figure: fn(&Self) -> f64| median(turns.iter().map(figure));
        let cpu: Option<Vec<f64>> = turns.iter().map(|turn| turn.cpu).collect();
        Self {
            rate: of(|turn| turn.rate),
            p50: of(|turn| turn.p50),
            p99: of(|turn| turn.p99),
            cpu: cpu.map(median),
            requests: of(|turn| turn.requests),
        }
    }
}

/// The median.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    quantile(&values.into_iter().collect::<Vec<_>>(), 0.5)
}

/// The value that this part of all values does not exceed; not a number if there are none.
pub(crate) fn quantile(values: &[f64], part: f64) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let rank = (values.len() as f64 * part).ceil() as usize;
    values.get(rank.saturating_sub(1)).copied().unwrap_or(f64::NAN)
}
