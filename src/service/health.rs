//! The operations for probes.

use std::time::{Duration, Instant};

use super::{Service, problem};
use crate::contract::v4::health::{Health, HealthOutcome, HealthRefusal, LiveOutcome, LiveRefusal};
use crate::contract::v4::responses::Unhealthy;
use crate::contract::v4::types;
use crate::store;

/// How long the database may take to answer a ping.
const PING_TIMEOUT: Duration = Duration::from_millis(1_500);

/// A probe wants to know how things are now.
const NO_STORE: &str = "no-store";

impl Health for Service {
    async fn health(&self) -> Result<HealthOutcome, HealthRefusal> {
        let started = Instant::now();
        let ping = tokio::time::timeout(PING_TIMEOUT, self.store.run(store::ping)).await;
        let ping_ms = matches!(ping, Ok(Ok(()))).then(|| started.elapsed().as_secs_f64() * 1_000.0);
        let status = if ping_ms.is_some() { types::HealthStatus::Ok } else { types::HealthStatus::Unavailable };
        let pool = self.store.pool();
        let body = types::Health {
            status,
            version: env!("CARGO_PKG_VERSION").into(),
            database: types::DatabaseHealth {
                status,
                ping_ms,
                pool: types::PoolHealth {
                    size: pool.size.into(),
                    idle: pool.idle.into(),
                    in_use: pool.size.saturating_sub(pool.idle).into(),
                    max: pool.max.into(),
                },
            },
        };
        let cache_control = NO_STORE.into();
        match status {
            types::HealthStatus::Ok => Ok(HealthOutcome::Ok { cache_control, body }),
            types::HealthStatus::Unavailable => {
                Err(Unhealthy { retry_after: problem::RETRY_AFTER_SECONDS, cache_control, body }.into())
            }
        }
    }

    async fn live(&self) -> Result<LiveOutcome, LiveRefusal> {
        Ok(LiveOutcome::Ok {
            cache_control: NO_STORE.into(),
            body: types::Liveness { status: types::HealthStatus::Ok },
        })
    }
}
