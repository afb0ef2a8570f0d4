//! Who upgrades, and how long after a release.

use chrono::{DateTime, TimeDelta, Utc};
use fastrand::Rng;

use crate::catalog::{SAME_RELEASE, Workflow};

/// How keen a cluster's owners are on upgrades.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Temper {
    /// How likely they take a release.
    takes: f64,
    /// How many days that takes them on average.
    after: f64,
}

pub(crate) const EAGER: Temper = Temper { takes: 0.95, after: 4.0 };
const STEADY: Temper = Temper { takes: 0.7, after: 24.0 };
const LAZY: Temper = Temper { takes: 0.22, after: 55.0 };
const NEVER: Temper = Temper { takes: 0.0, after: 0.0 };

impl Temper {
    pub(crate) fn draw(rng: &mut Rng) -> Self {
        match rng.u32(0..100) {
            0..20 => EAGER,
            20..52 => STEADY,
            52..79 => LAZY,
            _ => NEVER,
        }
    }

    /// The releases that a cluster runs, each from when on: the first one from its birth.
    pub(crate) fn upgrades(
        self,
        rng: &mut Rng,
        workflows: &[Workflow],
        born: DateTime<Utc>,
    ) -> Vec<(DateTime<Utc>, usize)> {
        let newest = workflows.iter().rposition(|workflow| workflow.released + SAME_RELEASE <= born).unwrap_or(0);
        // Some begin with what they had tried before.
        let first = newest.saturating_sub(if rng.u32(0..100) < 15 { rng.usize(1..3) } else { 0 });
        let later = workflows.iter().enumerate().skip(newest + 1);
        let mut taken: Vec<_> = later
            .filter_map(|(number, workflow)| {
                let takes = rng.f64() < self.takes;
                let wait = days(exponential(rng, self.after));
                takes.then_some((workflow.released + SAME_RELEASE + wait, number))
            })
            .collect();
        taken.sort_unstable();
        // Whoever was slow may have passed over it by then.
        let mut upgrades = vec![(born, first)];
        for (at, number) in taken {
            if upgrades.last().is_some_and(|(_, running)| number > *running) {
                upgrades.push((at, number));
            }
        }
        upgrades
    }
}

/// What it runs at this time.
pub(crate) fn running(upgrades: &[(DateTime<Utc>, usize)], at: DateTime<Utc>) -> usize {
    let next = upgrades.partition_point(|(since, _)| *since <= at);
    upgrades[next.saturating_sub(1)].1
}

/// So many days, to the microsecond.
pub(crate) fn days(days: f64) -> TimeDelta {
    TimeDelta::microseconds((days * 86_400e6) as i64)
}

/// A waiting time of this average.
pub(crate) fn exponential(rng: &mut Rng, average: f64) -> f64 {
    -average * (1.0 - rng.f64()).ln()
}
