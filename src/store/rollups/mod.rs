//! The history of check-ins in numbers: how many clusters did what on each day, in each week and in each month.
//!
//! A check-in that changes any of them notes down a *move* in its own transaction (`moves`). Moves are counted
//! ([`fold`]) every few seconds and before each answer, so that check-ins never wait for each other over a number, and
//! no answer lacks what was acknowledged. What history comes to without having been noted down is said by `chain`.

pub(super) mod chain;
mod fold;
pub(super) mod moves;
pub mod read;
mod rebuild;

pub use fold::{fold, hold, is_counted, keep_counted, set_uncounted};
pub use rebuild::{Difference, Progress, Purpose, rebuild};

/// The key of the advisory lock under which moves are counted: "counting" as a number.
const LOCK: i64 = 0x636f_756e_7469_6e67;
