//! The operations for probes and monitoring.

use std::time::{Duration, Instant};

use super::{Service, problem};
use crate::contract::v4::health::{
    Health, HealthOutcome, HealthRefusal, LiveOutcome, LiveRefusal, MetricsOutcome, MetricsRefusal,
};
use crate::contract::v4::responses::Unhealthy;
use crate::contract::v4::types;
use crate::{metrics, store};

/// How long the database may take to answer a ping.
const PING_TIMEOUT: Duration = Duration::from_millis(1_500);

/// A probe wants to know how things are now.
const NO_STORE: &str = "no-store";

impl Health for Service {
    async fn health(&self) -> Result<HealthOutcome, HealthRefusal> {
        let started = Instant::now();
        let ping = tokio::time::timeout(PING_TIMEOUT, self.store.run(store::ping)).await;
        let ping_ms = matches!(ping, Ok(Ok(()))).then(|| started.elapsed().as_secs_f64() * 1_000.0);
        let database = if ping_ms.is_some() { types::HealthStatus::Ok } else { types::HealthStatus::Unavailable };
        let status = match database {
            _ if self.is_stopping() => types::ServiceStatus::Stopping,
            types::HealthStatus::Ok => types::ServiceStatus::Ok,
            types::HealthStatus::Unavailable => types::ServiceStatus::Unavailable,
        };
        let pool = self.store.pool();
        let body = types::Health {
            status,
            version: env!("CARGO_PKG_VERSION").into(),
            database: types::DatabaseHealth {
                status: database,
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
            types::ServiceStatus::Ok => Ok(HealthOutcome::Ok { cache_control, body }),
            types::ServiceStatus::Stopping | types::ServiceStatus::Unavailable => {
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

    async fn metrics(&self) -> Result<MetricsOutcome, MetricsRefusal> {
        Ok(MetricsOutcome::Ok { cache_control: NO_STORE.into(), body: metrics::text(&self.registry) })
    }
}
