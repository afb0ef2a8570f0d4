//! How much is loaded, and for how long each measurement runs.

use std::time::Duration;

/// A size of the whole run.
#[derive(Debug)]
pub(crate) struct Size {
    /// What it is called, also in the name of the files that are written.
    pub(crate) name: &'static str,
    /// Whether its figures mean anything.
    pub(crate) judged: bool,
    /// How often each contestant has its turn.
    pub(crate) rounds: usize,
    /// How many callers there are at a time: many, and very many.
    pub(crate) callers: [u32; 2],
    /// How long a turn of many callers takes.
    pub(crate) turn: Duration,
    /// How long a turn of one caller takes.
    pub(crate) turn_of_one: Duration,
    /// How many clusters check in.
    pub(crate) clusters: u32,
    /// How many clusters the age filters look through.
    pub(crate) fleet: u32,
    /// How often each of these has checked in, in a short history and in a long one.
    pub(crate) checkins_each: [u32; 2],
    /// How many check-ins are stored to see what one of them takes.
    pub(crate) sample: u32,
    /// How many trains a large catalogue has.
    pub(crate) trains: u32,
    /// How often a server is started.
    pub(crate) starts: usize,
}

/// What docs/performance.md shows.
pub(crate) const FULL: Size = Size {
    name: "full",
    judged: true,
    rounds: 5,
    callers: [64, 256],
    turn: Duration::from_secs(10),
    turn_of_one: Duration::from_secs(4),
    clusters: 100_000,
    fleet: 1_000_000,
    checkins_each: [2, 20],
    sample: 200_000,
    trains: 100_000,
    starts: 5,
};

/// Enough to see that everything runs. Its figures mean nothing.
pub(crate) const SMALL: Size = Size {
    name: "small",
    judged: false,
    rounds: 1,
    callers: [8, 16],
    turn: Duration::from_secs(1),
    turn_of_one: Duration::from_secs(1),
    clusters: 1_000,
    fleet: 2_000,
    checkins_each: [2, 20],
    sample: 2_000,
    trains: 1_000,
    starts: 1,
};
