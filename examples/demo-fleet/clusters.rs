//! The clusters: when they appear, how often they check in, and what becomes of them.

use chrono::{DateTime, Datelike, TimeDelta, Utc, Weekday};
use fastrand::Rng;
use uuid::{Builder, Uuid};

use crate::catalog::SAME_RELEASE;
use crate::sets::Sets;
use crate::upgrades::{EAGER, Temper, days, exponential, running};

/// A cluster that does not exist, with its whole history, which is not empty.
pub(crate) struct Cluster {
    pub(crate) id: Uuid,
    /// Oldest first.
    pub(crate) check_ins: Vec<CheckIn>,
}

/// What a cluster said at a time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CheckIn {
    pub(crate) at: DateTime<Utc>,
    /// The number of its set.
    pub(crate) set: usize,
    pub(crate) label: Option<&'static str>,
}

/// What is in store for a cluster.
struct Life {
    born: DateTime<Utc>,
    /// For how many days.
    lasts: f64,
    /// How many days pass between two check-ins.
    rhythm: f64,
    label: Option<&'static str>,
    /// From when on it has no label any more.
    unlabelled: Option<DateTime<Utc>>,
    /// When it is silent.
    silence: Option<(DateTime<Utc>, DateTime<Utc>)>,
    temper: Temper,
}

/// So many clusters until `now`.
pub(crate) fn simulate(count: u32, seed: u64, now: DateTime<Utc>, sets: &mut Sets) -> Vec<Cluster> {
    let mut rng = Rng::with_seed(seed);
    (0..count)
        .map(|_| {
            // Each has chances of its own, so that what becomes of one changes no other.
            let mut rng = rng.fork();
            let mut bytes = [0; 16];
            rng.fill(&mut bytes);
            let life = Life::draw(&mut rng, sets.workflows()[0].released + SAME_RELEASE, now);
            Cluster {
                id: Builder::from_random_bytes(bytes).into_uuid(),
                check_ins: life.check_ins(&mut rng, now, sets),
            }
        })
        .collect()
}

impl Life {
    fn draw(rng: &mut Rng, start: DateTime<Utc>, now: DateTime<Utc>) -> Self {
        // More and more appear.
        let born = start + days((now - start).as_seconds_f64() / 86_400.0 * rng.f64().powf(0.75));
        match rng.u32(0..100) {
            0..15 => Self::of_ci(rng, born),
            15..22 => Self::of_a_test(rng, born),
            22..24 => Self { label: Some("staff"), temper: EAGER, lasts: 2_000.0, ..Self::of_anyone(rng, born) },
            _ => Self::of_anyone(rng, born),
        }
    }

    fn of_anyone(rng: &mut Rng, born: DateTime<Utc>) -> Self {
        // Some only try it.
        let lasts = if rng.u32(0..100) < 18 { exponential(rng, 9.0) } else { 14.0 + exponential(rng, 640.0) };
        let silence = (rng.u32(0..100) < 12).then(|| {
            let from = born + days(lasts.min(500.0) * rng.f64());
            (from, from + days(35.0 + 80.0 * rng.f64()))
        });
        let rhythm = match rng.u32(0..100) {
            0..55 => 1.0,
            55..75 => 2.0,
            75..90 => 3.5,
            _ => 6.5,
        };
        Self { born, lasts, rhythm, label: None, unlabelled: None, silence, temper: Temper::draw(rng) }
    }

    /// For hours or days, on working days.
    fn of_ci(rng: &mut Rng, born: DateTime<Utc>) -> Self {
        // The first weekend is a few days after the first release.
        let born = match born.weekday() {
            Weekday::Sat => born - TimeDelta::days(1),
            Weekday::Sun => born - TimeDelta::days(2),
            _ => born,
        };
        let lasts = 0.1 + exponential(rng, 0.9).min(4.0);
        Self { lasts, rhythm: 0.04, label: Some("ci"), silence: None, temper: EAGER, ..Self::of_anyone(rng, born) }
    }

    /// Some go into production after a while.
    fn of_a_test(rng: &mut Rng, born: DateTime<Utc>) -> Self {
        let (tried, stays) = (5.0 + exponential(rng, 60.0), rng.u32(0..100) < 20);
        let life = Self::of_anyone(rng, born);
        let lasts = if stays { tried + life.lasts } else { tried };
        Self { lasts, label: Some("test"), unlabelled: stays.then(|| born + days(tried)), ..life }
    }

    fn check_ins(&self, rng: &mut Rng, now: DateTime<Utc>, sets: &mut Sets) -> Vec<CheckIn> {
        let upgrades = self.temper.upgrades(rng, sets.workflows(), self.born);
        let habit = Sets::habit(rng);
        let end = now.min(self.born + days(self.lasts));
        let mut check_ins = Vec::new();
        let mut at = self.born;
        // The first one is always there.
        while check_ins.is_empty() || at < end {
            if !self.silence.is_some_and(|(from, until)| (from..until).contains(&at)) || check_ins.is_empty() {
                let set = sets.of(running(&upgrades, at), habit, at);
                let label = self.label.filter(|_| self.unlabelled.is_none_or(|from| at < from));
                check_ins.push(CheckIn { at, set, label });
            }
            at += days(self.rhythm * (0.85 + 0.3 * rng.f64()));
        }
        check_ins
    }
}
