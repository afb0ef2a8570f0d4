//! What an address may ask for: requests, and handshakes, which cost as much.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use super::callers::{CallerAddress, owner};
use super::refusals::{Limit, Refusals};
use crate::domain::rate::Rate;
use crate::limits::Limiter;

/// How long a refusal is held back: who sends the next request when it has the answer to the last one slows itself down.
pub(super) const HELD_BACK: Duration = Duration::from_secs(1);

/// What there is left for each address.
#[derive(Debug)]
pub(super) struct Shares {
    addresses: Option<Limiter<IpAddr>>,
    refusals: Arc<Refusals>,
}

impl Shares {
    pub(super) fn new(rate: Option<Rate>, refusals: Arc<Refusals>) -> Self {
        Self { addresses: rate.map(Limiter::new), refusals }
    }

    /// Takes one from the share of a caller. Trusted proxies have as much as they like.
    ///
    /// # Errors
    /// How long it takes until there is one.
    pub(super) fn take(&self, caller: CallerAddress) -> Result<(), Duration> {
        match &self.addresses {
            Some(addresses) if !caller.is_trusted => {
                addresses.take(owner(caller.address)).inspect_err(|_| self.refusals.note(Limit::Address))
            }
            _ => Ok(()),
        }
    }
}
