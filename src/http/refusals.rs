//! What is refused for want of a share, counted and now and then logged. No address is told.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// How often something is logged that happens all the time.
const SELDOM: Duration = Duration::from_secs(60);

/// What may not be exceeded.
#[derive(Debug, Clone, Copy)]
pub(super) enum Limit {
    /// Requests of an address.
    Address,
    /// Connections in all.
    Connections,
    /// Connections of an address.
    AddressConnections,
}

/// What has been refused so far, and how many connections there are.
#[derive(Debug)]
pub struct Refusals {
    address: Told,
    connections: Told,
    address_connections: Told,
    pub(super) open: Gauge,
}

/// A count, and when it was last told in the log.
#[derive(Debug)]
struct Told {
    count: Counter,
    seldom: Seldom,
}

/// Something to be done once in a while.
#[derive(Debug, Default)]
pub(super) struct Seldom(Mutex<Option<Instant>>);

impl Refusals {
    /// What is refused from now on, which `registry` tells.
    pub fn register(registry: &mut Registry) -> Self {
        let counts = Family::<[(&'static str, &'static str); 1], Counter>::default();
        let told = |limit| Told { count: counts.get_or_create(&[("limit", limit)]).clone(), seldom: Seldom::default() };
        let refusals = Self {
            address: told("address"),
            connections: told("connections"),
            address_connections: told("address_connections"),
            open: Gauge::default(),
        };
        registry.register("stationmaster_http_refused", "Requests and connections beyond a limit", counts);
        registry.register("stationmaster_http_connections", "Connections that are open", refusals.open.clone());
        refusals
    }

    /// Notes a refusal.
    pub(super) fn note(&self, limit: Limit) {
        let (told, warning) = match limit {
            Limit::Address => (
                &self.address,
                "an address sends more than --limit-address allows and is answered 429; if it is that of a proxy or a \
                 load balancer, name it with --trusted-proxy and have it send X-Forwarded-For",
            ),
            Limit::Connections => (
                &self.connections,
                "there are as many connections as --max-connections allows, and new ones are closed",
            ),
            Limit::AddressConnections => (
                &self.address_connections,
                "an address has as many connections as --max-connections-per-address allows, and new ones are closed; \
                 if it is that of a proxy or a load balancer, name it with --trusted-proxy",
            ),
        };
        told.count.inc();
        if told.seldom.is_time() {
            tracing::warn!(refused = told.count.get(), "{warning}");
        }
    }
}

impl Seldom {
    /// Whether it is the first time in a while.
    pub(super) fn is_time(&self) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_time = last.is_none_or(|last| last.elapsed() >= SELDOM);
        if is_time {
            *last = Some(Instant::now());
        }
        is_time
    }
}
