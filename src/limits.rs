//! Who has had their share: a token bucket for each key, in memory that no number of keys can fill.
//!
//! In memory alone, so each server has buckets of its own.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::domain::rate::Rate;

/// How many keys are told apart at least: as many as were seen last.
const MOST: usize = 1 << 16;

/// So that threads seldom wait for each other. A power of two.
const SHARDS: usize = 16;

/// A bucket for each key.
#[derive(Debug)]
pub struct Limiter<K> {
    rate: Rate,
    started: Instant,
    hasher: RandomState,
    shards: [Mutex<Buckets<K>>; SHARDS],
}

/// Buckets by key, each as the instant at which it is full again.
///
/// When there are too many, those that nobody has asked for since the last time are forgotten: their keys begin anew.
#[derive(Debug)]
struct Buckets<K> {
    recent: HashMap<K, u64>,
    before: HashMap<K, u64>,
}

impl<K: Copy + Eq + Hash> Limiter<K> {
    /// Full buckets for everyone.
    pub fn new(rate: Rate) -> Self {
        let shards = std::array::from_fn(|_| Mutex::new(Buckets { recent: HashMap::new(), before: HashMap::new() }));
        Self { rate, started: Instant::now(), hasher: RandomState::new(), shards }
    }

    /// Takes one from the bucket of `key`.
    ///
    /// # Errors
    /// How long it takes until there is one in it.
    pub fn take(&self, key: K) -> Result<(), Duration> {
        let now = self.started.elapsed().as_nanos().try_into().unwrap_or(u64::MAX / 2);
        let shard = self.hasher.hash_one(key) as usize % SHARDS;
        // What panics while it holds the lock leaves whole entries behind.
        let mut buckets = self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.of(key);
        *bucket = self.rate.take(*bucket, now)?;
        Ok(())
    }
}

impl<K: Copy + Eq + Hash> Buckets<K> {
    fn of(&mut self, key: K) -> &mut u64 {
        let known = self.before.remove(&key);
        if self.recent.len() >= MOST / SHARDS && !self.recent.contains_key(&key) {
            self.before = std::mem::take(&mut self.recent);
        }
        self.recent.entry(key).or_insert(known.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::rate::Limit;

    fn limiter(rate: &str) -> Limiter<u32> {
        let Limit(rate) = rate.parse().expect("a rate");
        Limiter::new(rate.expect("a limit"))
    }

    #[test]
    fn each_has_a_share_of_its_own() {
        let limiter = limiter("1/h:2");
        assert_eq!([limiter.take(1), limiter.take(1), limiter.take(2)], [Ok(()); 3]);
        let wait = limiter.take(1).expect_err("it has had its share");
        assert!((Duration::from_secs(3_590)..=Duration::from_secs(3_600)).contains(&wait), "{wait:?}");
        assert_eq!(limiter.take(2), Ok(()));
    }

    #[test]
    fn whoever_keeps_asking_is_never_forgotten_and_memory_is_bounded() {
        let limiter = limiter("1/h:1");
        assert_eq!(limiter.take(0), Ok(()));
        for key in 1..1_000_000 {
            assert_eq!(limiter.take(key), Ok(()));
            if key % 1_000 == 0 {
                assert!(limiter.take(0).is_err(), "after {key}");
            }
        }
        for shard in &limiter.shards {
            let buckets = shard.lock().expect("no panic");
            assert!(buckets.recent.len() <= MOST / SHARDS && buckets.before.len() <= MOST / SHARDS);
        }
    }
}
