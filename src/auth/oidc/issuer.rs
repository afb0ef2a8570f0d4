//! One issuer: its keys as far as they are known, and asking for them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jsonwebtoken::{Algorithm, DecodingKey};
use tracing::Instrument;

use super::cache::{Cache, Found, Patience};
use super::discovery;
use super::url::IssuerUrl;

/// An issuer, and what is known of its keys.
#[derive(Debug)]
pub(super) struct Issuer {
    url: IssuerUrl,
    patience: Patience,
    cache: Mutex<Cache>,
    /// Held by who asks the issuer: others wait for the answer instead of asking, too.
    asking: tokio::sync::Mutex<()>,
}

/// Why there is no key to verify a token with.
#[derive(Debug)]
pub(super) enum NoKey {
    /// The issuer does not have the key that the token names.
    Unknown,
    /// The issuer cannot be asked; it makes no sense to try again before this time has passed.
    NotTold(Duration),
}

impl Issuer {
    /// An issuer that has not been asked yet.
    pub(super) fn new(url: IssuerUrl, patience: Patience) -> Self {
        Self { url, patience, cache: Mutex::default(), asking: tokio::sync::Mutex::default() }
    }

    /// The key with this id, for this algorithm. Asks the issuer, if need be.
    pub(super) async fn key(self: Arc<Self>, id: &str, algorithm: Algorithm) -> Result<DecodingKey, NoKey> {
        if let Found::Key(key) = self.cache().find(id, algorithm, Instant::now(), &self.patience) {
            return Ok(key.clone());
        }
        let (id, pause) = (id.to_owned(), self.patience.pause);
        // It goes on when the caller hangs up: what the issuer answers is good for the next one, too.
        let asking = async move { self.ask_for(&id, algorithm).await };
        let answer = tokio::spawn(asking.instrument(tracing::Span::current())).await;
        answer.unwrap_or(Err(NoKey::NotTold(pause)))
    }

    async fn ask_for(&self, id: &str, algorithm: Algorithm) -> Result<DecodingKey, NoKey> {
        let _asking = self.asking.lock().await;
        // Whoever was waited for may have brought it.
        match self.cache().find(id, algorithm, Instant::now(), &self.patience) {
            Found::Key(key) => return Ok(key.clone()),
            Found::NoKey => return Err(NoKey::Unknown),
            Found::AskLater(wait) => return Err(NoKey::NotTold(wait)),
            Found::AskFirst => {}
        }
        let answer = discovery::keys_of(&self.url).await;
        let none = match &answer {
            Ok(_) => NoKey::Unknown,
            Err(error) => {
                tracing::warn!(issuer = %self.url, %error, "cannot ask an issuer for its keys");
                NoKey::NotTold(self.patience.pause)
            }
        };
        let (mut cache, now) = (self.cache(), Instant::now());
        cache.learn(answer.ok(), now);
        cache.counting(id, algorithm, now, &self.patience).cloned().ok_or(none)
    }

    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
