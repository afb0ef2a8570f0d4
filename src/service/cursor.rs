//! Cursors: where the next page of a list starts, opaque to callers.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::domain::instant;
use crate::wire::Fault;

/// Where a page of a list starts: what its order is by.
pub(super) trait Position: Serialize + DeserializeOwned {
    /// Whether the database can compare with it. A cursor comes back from outside, whoever made it.
    fn is_comparable(&self) -> bool;
}

/// The page of a list that a caller asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Page<P> {
    /// Where it starts.
    pub(super) after: Option<P>,
    /// The list that it is of.
    list: String,
    limit: i64,
}

impl<P: Position> Page<P> {
    /// The page of `list` after `cursor`, of at most `limit` entries; the document bounds both.
    ///
    /// # Errors
    /// A cursor that this list did not give out.
    pub(super) fn new(list: String, cursor: Option<&str>, limit: i32) -> Result<Self, Fault> {
        let decode = |cursor: &str| {
            let json = URL_SAFE_NO_PAD.decode(cursor).ok()?;
            let (of, position): (String, P) = serde_json::from_slice(&json).ok()?;
            (of == list && position.is_comparable()).then_some(position)
        };
        let after = cursor
            .map(|cursor| decode(cursor).ok_or_else(|| Fault::query("cursor", "was not given out by this list")))
            .transpose()?;
        Ok(Self { after, list, limit: limit.into() })
    }

    /// How many entries to look up: one more than the page has, to see whether another follows.
    pub(super) fn lookup(&self) -> i64 {
        self.limit + 1
    }

    /// Cuts what was looked up to the page, and answers the cursor of the next one.
    pub(super) fn cut<T>(&self, entries: &mut Vec<T>, position: impl Fn(&T) -> P) -> Option<String> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        if entries.len() <= limit {
            return None;
        }
        entries.truncate(limit);
        let json = serde_json::to_vec(&(&self.list, position(entries.last()?))).ok()?;
        Some(URL_SAFE_NO_PAD.encode(json))
    }
}

impl Position for String {
    fn is_comparable(&self) -> bool {
        !self.contains('\0')
    }
}

impl Position for DateTime<Utc> {
    fn is_comparable(&self) -> bool {
        instant::is_writable(*self)
    }
}

impl Position for i64 {
    fn is_comparable(&self) -> bool {
        true
    }
}

impl Position for Uuid {
    fn is_comparable(&self) -> bool {
        true
    }
}

impl Position for Vec<u8> {
    fn is_comparable(&self) -> bool {
        true
    }
}

impl<A: Position, B: Position> Position for (A, B) {
    fn is_comparable(&self) -> bool {
        self.0.is_comparable() && self.1.is_comparable()
    }
}

impl<A: Position, B: Position, C: Position> Position for (A, B, C) {
    fn is_comparable(&self) -> bool {
        self.0.is_comparable() && self.1.is_comparable() && self.2.is_comparable()
    }
}
