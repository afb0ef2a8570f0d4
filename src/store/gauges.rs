//! The pool, for `/metrics`.

use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;

use super::Store;
use crate::metrics::gauge;

impl Collector for Store {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> std::fmt::Result {
        let pool = self.pool();
        let mut gauge = |name, help, value: u32| gauge(&mut encoder, name, help, value.into());
        gauge("stationmaster_database_connections", "Connections to the database", pool.size)?;
        gauge("stationmaster_database_connections_idle", "Those that wait for work", pool.idle)?;
        gauge("stationmaster_database_connections_max", "How many there may be", pool.max)
    }
}
