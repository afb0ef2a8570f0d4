//! What may be answered when, and whatever was not.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::client::{NoAnswer, Outcome};
use crate::patience::LENIENCE;

/// How long any answer may take.
const LONGEST: Duration = Duration::from_secs(5 * LENIENCE);

/// How many breaches are worth telling one by one.
const MOST_TOLD: usize = 10;

/// What is permitted just now, from the strictest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Permitted {
    /// Everything works.
    Success,
    /// The database is in trouble: 503 with `Retry-After` will do.
    Refusal,
    /// The server is being ended: there need not be an answer.
    Silence,
}

/// What was permitted, from which moment on.
#[derive(Debug)]
pub(crate) struct Timeline(Mutex<Vec<(Instant, Permitted)>>);

impl Timeline {
    fn new() -> Self {
        Self(Mutex::new(vec![(Instant::now(), Permitted::Success)]))
    }

    pub(crate) fn permit(&self, permitted: Permitted) {
        lock(&self.0).push((Instant::now(), permitted));
    }

    /// The most that was permitted at any moment since `began`.
    pub(crate) fn since(&self, began: Instant) -> Permitted {
        let changes = lock(&self.0);
        // The last change before it was in force when it began.
        let first = changes.partition_point(|(at, _)| *at <= began).saturating_sub(1);
        changes[first..].iter().map(|(_, permitted)| *permitted).max().unwrap_or(Permitted::Success)
    }
}

/// The rules, and how they were kept.
#[derive(Debug)]
pub(crate) struct Rules {
    /// For check-ins and publishes.
    pub(crate) writes: Timeline,
    /// For probes.
    pub(crate) probes: Timeline,
    breaches: Mutex<Vec<String>>,
    answers: Mutex<Answers>,
}

/// The answers to check-ins and publishes that were not successes, and the slowest of all.
#[derive(Debug, Default, Clone)]
pub(crate) struct Answers {
    pub(crate) refused: usize,
    pub(crate) missing: usize,
    pub(crate) slowest: Option<(Duration, u16)>,
}

impl Rules {
    pub(crate) fn new() -> Self {
        Self { writes: Timeline::new(), probes: Timeline::new(), breaches: Mutex::default(), answers: Mutex::default() }
    }

    /// From now on, for everything.
    pub(crate) fn permit(&self, permitted: Permitted) {
        self.writes.permit(permitted);
        self.probes.permit(permitted);
    }

    /// Judges what became of a check-in or a publish.
    pub(crate) fn judge(&self, what: &dyn fmt::Display, began: Instant, outcome: &Outcome) {
        self.note(outcome);
        let permitted = self.writes.since(began);
        let expected = match outcome {
            Err(NoAnswer::TimedOut(_)) => "an answer, or a refusal with 503",
            Err(NoAnswer::Broken(_)) if permitted < Permitted::Silence => "an answer: the server was there",
            Err(NoAnswer::Broken(_)) => return,
            Ok(answer) if answer.took > LONGEST => "an answer sooner",
            Ok(answer) if answer.is_success() => return,
            Ok(answer) if answer.status == 503 && !answer.has_retry_after => "a Retry-After with it",
            Ok(answer) if answer.status == 503 && permitted >= Permitted::Refusal => return,
            Ok(_) => match permitted {
                Permitted::Success => "success: everything worked",
                Permitted::Refusal | Permitted::Silence => "success, or 503",
            },
        };
        self.breach(format!("{what}: {}; expected {expected}", Told(outcome)));
    }

    /// Notes that something was not as it must be.
    pub(crate) fn breach(&self, text: String) {
        let at = stationmaster::clock::now().format("%H:%M:%S%.3f");
        lock(&self.breaches).push(format!("{at} {text}"));
    }

    /// What was not as it must be; nothing if nothing.
    pub(crate) fn breaches(&self) -> Option<String> {
        let breaches = lock(&self.breaches);
        let told = breaches.iter().take(MOST_TOLD).map(String::as_str).collect::<Vec<_>>().join("\n");
        match breaches.len() {
            0 => None,
            count if count > MOST_TOLD => Some(format!("{told}\nand {} more", count - MOST_TOLD)),
            _ => Some(told),
        }
    }

    pub(crate) fn answers(&self) -> Answers {
        lock(&self.answers).clone()
    }

    fn note(&self, outcome: &Outcome) {
        let mut answers = lock(&self.answers);
        match outcome {
            Ok(answer) => {
                answers.refused += usize::from(!answer.is_success());
                answers.slowest = answers.slowest.max(Some((answer.took, answer.status)));
            }
            Err(_) => answers.missing += 1,
        }
    }
}

/// An outcome, for whoever reads of a breach.
pub(crate) struct Told<'a>(pub(crate) &'a Outcome);

impl fmt::Display for Told<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Ok(answer) => write!(formatter, "{} after {:.0?}: {}", answer.status, answer.took, answer.body),
            Err(NoAnswer::TimedOut(after)) => write!(formatter, "no answer for {after:.0?}"),
            Err(NoAnswer::Broken(error)) => write!(formatter, "no answer: {error}"),
        }
    }
}

/// What is behind a lock; whoever panics has it reported elsewhere.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
