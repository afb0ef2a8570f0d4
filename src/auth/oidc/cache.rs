//! How long the keys of an issuer count, and when it is asked for them. Pure: the time is passed in.

use std::time::{Duration, Instant};

use jsonwebtoken::{Algorithm, DecodingKey};

use super::keys::Keys;

/// How long keys count, and how often an issuer is asked for them.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For how long keys count without the issuer being asked again: a key that it withdraws counts no longer than that.
    pub fresh: Duration,
    /// For how long they count while the issuer cannot be asked.
    pub stale: Duration,
    /// The least time between two questions, whatever tokens come.
    pub pause: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            fresh: Duration::from_secs(10 * 60),
            stale: Duration::from_secs(24 * 60 * 60),
            pause: Duration::from_secs(30),
        }
    }
}

/// What is known of an issuer's keys.
#[derive(Debug, Default)]
pub(super) struct Cache {
    keys: Option<(Keys, Instant)>,
    asked: Option<Asked>,
}

/// The last question.
#[derive(Debug, Clone, Copy)]
struct Asked {
    at: Instant,
    was_answered: bool,
}

/// What a look for a key finds.
#[derive(Debug)]
pub(super) enum Found<'a> {
    /// The key.
    Key(&'a DecodingKey),
    /// The issuer does not have this key.
    NoKey,
    /// The issuer has to be asked.
    AskFirst,
    /// The issuer could not be asked, and should not be before this time has passed.
    AskLater(Duration),
}

impl Cache {
    /// Notes what the issuer answered; nothing if it could not be asked.
    pub(super) fn learn(&mut self, answer: Option<Keys>, now: Instant) {
        self.asked = Some(Asked { at: now, was_answered: answer.is_some() });
        if let Some(keys) = answer {
            self.keys = Some((keys, now));
        }
    }

    /// Looks for a key before the issuer is asked.
    pub(super) fn find(&self, id: &str, algorithm: Algorithm, now: Instant, patience: &Patience) -> Found<'_> {
        let age = |then: Instant| now.saturating_duration_since(then);
        let is_fresh = self.keys.as_ref().is_some_and(|(_, read)| age(*read) < patience.fresh);
        let asked = self.asked.filter(|asked| age(asked.at) < patience.pause);
        match (self.counting(id, algorithm, now, patience), asked) {
            (Some(key), _) if is_fresh => Found::Key(key),
            (_, None) => Found::AskFirst,
            (Some(key), Some(_)) => Found::Key(key),
            (None, Some(Asked { was_answered: true, .. })) => Found::NoKey,
            (None, Some(Asked { at, was_answered: false })) => Found::AskLater(patience.pause - age(at)),
        }
    }

    /// The key, fresh or stale: for who has just asked the issuer.
    pub(super) fn counting(
        &self,
        id: &str,
        algorithm: Algorithm,
        now: Instant,
        patience: &Patience,
    ) -> Option<&DecodingKey> {
        let (keys, read) = self.keys.as_ref()?;
        let counts = now.saturating_duration_since(*read) < patience.stale;
        counts.then(|| keys.find(id, algorithm)).flatten()
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::json;

    use super::*;

    const PATIENCE: Patience = Patience {
        fresh: Duration::from_secs(600),
        stale: Duration::from_secs(86_400),
        pause: Duration::from_secs(30),
    };

    /// What a cache finds, as a word.
    fn find(cache: &Cache, id: &str, now: Instant) -> String {
        match cache.find(id, Algorithm::RS256, now, &PATIENCE) {
            Found::Key(_) => "key".into(),
            Found::NoKey => "no key".into(),
            Found::AskFirst => "ask".into(),
            Found::AskLater(wait) => format!("ask in {} s", wait.as_secs()),
        }
    }

    fn keys(ids: &[&str]) -> Option<Keys> {
        let modulus = URL_SAFE_NO_PAD.encode([0xff; 256]);
        let keys = ids.iter().map(|id| json!({"kty": "RSA", "kid": id, "n": modulus, "e": "AQAB"}));
        let set: super::super::keys::KeySet =
            serde_json::from_value(json!({"keys": keys.collect::<Vec<_>>()})).expect("a key set");
        Some(set.into())
    }

    fn after(start: Instant, seconds: u64) -> Instant {
        start + Duration::from_secs(seconds)
    }

    #[test]
    fn an_issuer_is_asked_when_nothing_is_known() {
        assert_eq!(find(&Cache::default(), "a", Instant::now()), "ask");
    }

    #[test]
    fn keys_are_fresh_for_a_while() {
        let (mut cache, start) = (Cache::default(), Instant::now());
        cache.learn(keys(&["a"]), start);
        assert_eq!(find(&cache, "a", start), "key");
        assert_eq!(find(&cache, "a", after(start, 599)), "key");
        assert_eq!(find(&cache, "a", after(start, 600)), "ask");
    }

    #[test]
    fn an_unknown_key_is_asked_for_once_in_a_pause() {
        let (mut cache, start) = (Cache::default(), Instant::now());
        cache.learn(keys(&["a"]), start);
        assert_eq!(find(&cache, "b", after(start, 29)), "no key");
        assert_eq!(find(&cache, "b", after(start, 30)), "ask");
        cache.learn(keys(&["a"]), after(start, 30));
        assert_eq!(find(&cache, "b", after(start, 59)), "no key");
        assert_eq!(find(&cache, "a", after(start, 59)), "key");
        cache.learn(keys(&["a", "b"]), after(start, 60));
        assert_eq!(find(&cache, "b", after(start, 60)), "key");
    }

    #[test]
    fn a_key_that_was_withdrawn_counts_no_more() {
        let (mut cache, start) = (Cache::default(), Instant::now());
        cache.learn(keys(&["a", "b"]), start);
        cache.learn(keys(&["b"]), after(start, 40));
        assert_eq!(find(&cache, "a", after(start, 41)), "no key");
        assert_eq!(find(&cache, "b", after(start, 41)), "key");
    }

    #[test]
    fn keys_stay_for_a_day_while_the_issuer_cannot_be_asked() {
        let (mut cache, start) = (Cache::default(), Instant::now());
        cache.learn(keys(&["a"]), start);
        cache.learn(None, after(start, 600));
        assert_eq!(find(&cache, "a", after(start, 601)), "key");
        assert_eq!(find(&cache, "a", after(start, 630)), "ask");
        cache.learn(None, after(start, 86_399));
        assert_eq!(find(&cache, "a", after(start, 86_399)), "key");
        assert_eq!(find(&cache, "a", after(start, 86_400)), "ask in 29 s");
        assert_eq!(find(&cache, "a", after(start, 86_429)), "ask");
        cache.learn(keys(&["a"]), after(start, 86_430));
        assert_eq!(find(&cache, "a", after(start, 87_000)), "key");
    }

    #[test]
    fn whether_an_unknown_key_is_none_is_not_known_while_the_issuer_cannot_be_asked() {
        let (mut cache, start) = (Cache::default(), Instant::now());
        cache.learn(None, start);
        assert_eq!(find(&cache, "a", start), "ask in 30 s");
        cache.learn(keys(&["a"]), after(start, 30));
        cache.learn(None, after(start, 60));
        assert_eq!(find(&cache, "b", after(start, 65)), "ask in 25 s");
        assert_eq!(find(&cache, "a", after(start, 65)), "key");
        assert_eq!(find(&cache, "b", after(start, 90)), "ask");
    }
}
