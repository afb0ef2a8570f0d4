//! Bodies that come again and again.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// How many bodies are kept. What a larger fleet sends is read again now and then.
const MOST: usize = 4_096;

/// The largest body that is kept, in bytes.
const LARGEST: usize = 8 << 10;

/// What was read of bodies before: a million clusters send a few thousand different reports, and one that is known need be neither
/// parsed nor validated. Bounded.
#[derive(Debug)]
pub struct KnownBodies<T>(RwLock<HashMap<Box<[u8]>, Arc<T>>>);

impl<T> Default for KnownBodies<T> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<T: Clone> KnownBodies<T> {
    pub(super) fn get(&self, body: &[u8]) -> Option<T> {
        // What panics while it holds the lock leaves whole entries behind.
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(body).cloned()?;
        Some(T::clone(&known))
    }

    pub(super) fn add(&self, body: &[u8], read: &T) {
        if body.len() > LARGEST {
            return;
        }
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            // Those that still come are soon here again.
            known.clear();
        }
        known.insert(body.into(), Arc::new(read.clone()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_is_known_within_bounds() {
        let known = KnownBodies::default();
        known.add(b"one", &1);
        assert_eq!((known.get(b"one"), known.get(b"other")), (Some(1), None));
        known.add(&[b' '; LARGEST + 1], &2);
        assert_eq!(known.get(&[b' '; LARGEST + 1]), None);
        for number in 0..2 * MOST {
            known.add(&number.to_be_bytes(), &number);
            assert_eq!(known.get(&number.to_be_bytes()), Some(number));
            assert!(known.0.read().expect("no panic").len() <= MOST);
        }
    }
}
