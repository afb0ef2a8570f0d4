//! Waiting for what takes a moment, and not for longer than it may.

use std::future::Future;
use std::time::{Duration, Instant};

/// Only a test that fails waits for so long, however busy the machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until a condition holds.
pub(crate) async fn eventually(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition().await {
        assert!(Instant::now() < deadline, "it never came true that {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// What a future gives, which must be ready in time.
pub(crate) async fn within<T>(limit: Duration, future: impl Future<Output = T>) -> T {
    let answer = tokio::time::timeout(limit, future).await;
    answer.unwrap_or_else(|_| panic!("not within {limit:?}"))
}
