//! Waiting for what takes a moment, and not for longer than it may.

use std::time::{Duration, Instant};

use anyhow::bail;

/// Longer than anything takes that works.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// How many times longer than it should an answer may take. A debug build runs among other tests, on a machine that may be
/// busy; `make faults` is a release build, and has the machine for itself.
pub(crate) const LENIENCE: u64 = if cfg!(debug_assertions) { 3 } else { 1 };

/// Waits until a condition holds; fails if it does not within `limit`.
pub(crate) fn until(what: &str, limit: Duration, mut holds: impl FnMut() -> bool) -> anyhow::Result<()> {
    let deadline = Instant::now() + limit;
    while !holds() {
        if Instant::now() > deadline {
            bail!("it did not come true within {limit:?} that {what}");
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    Ok(())
}

/// What `attempt` gives once it succeeds; its last error if it does not within `limit`.
pub(crate) fn retry<T>(limit: Duration, mut attempt: impl FnMut() -> anyhow::Result<T>) -> anyhow::Result<T> {
    let deadline = Instant::now() + limit;
    loop {
        match attempt() {
            Err(_) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(10)),
            outcome => return outcome,
        }
    }
}
