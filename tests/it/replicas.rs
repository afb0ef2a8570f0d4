//! Three servers on one database, behind HAProxy as `docs/haproxy.cfg` sets it up.

use std::time::Duration;

use stationmaster_client::Client;

use crate::support::{HaProxy, Kind, Load, Metrics, Replicas, eventually, latest, publish, within};

const KINDS: [Kind; 3] = [Kind::CheckIn, Kind::Latest, Kind::Publish];

/// How many calls of each kind must have been answered while a replica stopped and started, which takes over 5 s.
const DURING: usize = 20;

#[tokio::test]
async fn what_is_published_on_one_is_seen_on_all() {
    let replicas = Replicas::start();
    let admins = replicas.admins();
    for (number, publisher) in admins.iter().enumerate() {
        let version = format!("v1.{number}.0");
        publish(publisher, ("deis-router", "stable", &version)).await;
        for reader in &admins {
            let seen =
                async || latest(reader, ("deis-router", "stable")).await.is_ok_and(|latest| latest.version == version);
            within(Duration::from_secs(20), eventually("it is seen", seen)).await;
        }
    }
}

#[tokio::test]
async fn a_rolling_restart_fails_no_request() {
    let mut replicas = Replicas::start();
    let haproxy = HaProxy::in_front_of(&replicas).await;
    publish(&replicas.admins()[0], ("deis-router", "stable", "v0.1.0")).await;
    let load = Load::start(&haproxy.url);
    for replica in 0..3 {
        until_busy(&replicas, replica).await;
        let before = load.noted();
        replicas.stop(replica).await;
        replicas.restart(replica);
        until_busy(&replicas, replica).await;
        let after = load.noted();
        for kind in KINDS {
            let during = after.succeeded(kind) - before.succeeded(kind);
            assert!(during >= DURING, "{kind:?}: {during} during the restart of {replica}\n{:?}", after.failed);
        }
    }
    let noted = load.stop().await;
    assert_eq!(noted.failed, Vec::<String>::new(), "of {:?}\n{}", noted.succeeded, haproxy.log());
    // Each was done once: none was acknowledged and lost, none was sent twice.
    let stored = ["checkins", "clusters", "versions"].map(|table| replicas.database.count(table) as usize);
    let (check_ins, publishes) = (noted.succeeded(Kind::CheckIn), noted.succeeded(Kind::Publish) + 1);
    assert_eq!(stored, [check_ins, check_ins, publishes]);
}

/// HAProxy finds no replica ready then; but it is for a replica to say what it cannot do.
#[tokio::test]
async fn while_the_database_is_away_the_replicas_are_asked_all_the_same() {
    let replicas = Replicas::start();
    let haproxy = HaProxy::in_front_of(&replicas).await;
    let client = Client::new(&haproxy.url);
    replicas.database.close();
    let down = async || haproxy.log().contains("backend 'ready' has no server available");
    eventually("no replica is ready", down).await;
    assert_eq!(client.live().send().await.expect("one is alive").status(), 200);
    match client.list_components().send().await {
        Err(stationmaster_client::Error::ErrorResponse(refusal)) => {
            assert_eq!(refusal.status(), 503);
            assert!(refusal.headers().contains_key("retry-after"), "{refusal:?}");
        }
        other => panic!("{other:?}"),
    }
    replicas.database.open();
    eventually("it works again", async || client.list_components().send().await.is_ok()).await;
}

/// Waits until a replica has been given some of the load.
async fn until_busy(replicas: &Replicas, replica: usize) {
    let check_ins =
        async || Metrics::at(replicas.url(replica)).await.requests("POST", "/v4/clusters/{id}/checkins", "2xx");
    eventually("the replica is given work", async || check_ins().await >= 10.0).await;
}
