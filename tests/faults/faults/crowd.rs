//! Many who speak for one cluster at once.

use std::sync::Arc;
use std::time::Instant;

use futures::future::join_all;

use crate::client::{Client, Cluster};
use crate::rules::lock;
use crate::stand::Stand;

/// How many check in at once, through each replica.
const CROWD: usize = 8;

/// A cluster is new to both replicas at the same time. From then on it is one of those that everybody speaks for.
pub(super) fn new_cluster(stand: &mut Stand) -> anyhow::Result<Instant> {
    let cluster = Arc::new(Cluster::new(&mut stand.random));
    let mut callers = Vec::new();
    for address in stand.addresses() {
        for _ in 0..CROWD {
            callers.push(Client::new(&address, true));
        }
    }
    let began = Instant::now();
    let shared = stand.load.shared();
    let calls = callers.iter().map(async |client| shared.check_in(client, &cluster, &shared.new_version()).await);
    let outcomes = stand.runtime.block_on(join_all(calls));
    let firsts = outcomes.iter().flatten().filter(|answer| answer.status == 201).count();
    if firsts != 1 {
        stand.rules.breach(format!("{} was new to {firsts} of its callers; expected one", cluster.id));
    }
    let mut fleet = lock(&shared.fleet);
    let oldest = fleet.remove(0);
    drop(oldest);
    fleet.push(cluster);
    Ok(began)
}
