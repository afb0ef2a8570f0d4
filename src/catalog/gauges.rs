//! What the catalog tells of itself, when it is asked.

use std::fmt::Debug;
use std::sync::Arc;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;

use super::Catalog;
use crate::metrics::gauge;

/// The metrics of a catalog.
#[derive(Debug)]
pub struct Gauges<A>(pub Arc<Catalog<A>>);

impl<A: Debug + Send + Sync + 'static> Collector for Gauges<A> {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> std::fmt::Result {
        let (trains, revision) = {
            let trains = self.0.read();
            (trains.len(), trains.revision())
        };
        let mut gauge = |name, help, value: f64| gauge(&mut encoder, name, help, value);
        gauge("stationmaster_catalog_trains", "Trains with a latest version", trains as f64)?;
        gauge("stationmaster_catalog_revision", "How often what is published had changed", revision as f64)?;
        let help = "For how many seconds it has not been known to be true; 0 while it is";
        gauge("stationmaster_catalog_age_seconds", help, self.0.age() as f64)
    }
}
