//! Cursors: where the next page of a list starts, opaque to callers.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::problem;
use crate::contract::v4::responses::Invalid;
use crate::wire::Fault;

/// The page of a list that a caller asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Page<P> {
    /// Where it starts.
    pub(super) after: Option<P>,
    limit: i64,
}

impl<P: Serialize + DeserializeOwned> Page<P> {
    /// The page after `cursor` of at most `limit` entries; the document bounds both.
    ///
    /// # Errors
    /// A cursor that this list did not give out.
    pub(super) fn new(cursor: Option<&str>, limit: i32) -> Result<Self, Invalid> {
        let after = cursor
            .map(|cursor| {
                let json = URL_SAFE_NO_PAD.decode(cursor).ok();
                json.and_then(|json| serde_json::from_slice(&json).ok())
                    .ok_or_else(|| problem::invalid(vec![Fault::query("cursor", "was not given out by this list")]))
            })
            .transpose()?;
        Ok(Self {
            after,
            limit: limit.into(),
        })
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
        let json = serde_json::to_vec(&position(entries.last()?)).ok()?;
        Some(URL_SAFE_NO_PAD.encode(json))
    }
}
