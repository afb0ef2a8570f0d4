//! Many who speak for one cluster at once.

use std::sync::Arc;
use std::time::Instant;

use futures::future::join_all;

use crate::client::{Client, Cluster};
use crate::rules::lock;
use crate::stand::Stand;

/// How many check in at once, through each replica.
const CROWD: usize = 8;

/// How many clusters everybody speaks for.
const FLEET: usize = 4;

/// A cluster is new to both replicas at the same time. From then on it is one of those that everybody speaks for.
pub(super) fn new_cluster(stand: &mut Stand) -> anyhow::Result<Instant> {
    let cluster = Cluster::new(&mut stand.random);
    let addresses = stand.addresses();
    let callers = addresses.iter().flat_map(|address| {
        // Whoever is answered first must not tell the others the token: they have asked already.
        std::iter::repeat_with(|| (Client::new(address, true), cluster.before_its_token())).take(CROWD)
    });
    let callers: Vec<_> = callers.collect();
    let began = Instant::now();
    let shared = stand.load.shared();
    let calls =
        callers.iter().map(async |(client, cluster)| shared.check_in(client, cluster, &shared.new_version()).await);
    let outcomes = stand.runtime.block_on(join_all(calls));
    let firsts = outcomes.iter().flatten().filter(|answer| answer.status == 201).count();
    if firsts != 1 {
        stand.rules.breach(format!("{} was new to {firsts} of its callers; expected one", cluster.id));
    }
    let mut fleet = lock(&shared.fleet);
    fleet.extend(callers.into_iter().map(|(_, cluster)| Arc::new(cluster)).next());
    if fleet.len() > FLEET {
        fleet.remove(0);
    }
    Ok(began)
}
