//! Check-ins at the same instant.

use std::collections::BTreeSet;

use reqwest::StatusCode;
use stationmaster_client::ResponseValue;
use stationmaster_client::types::{CheckIn, CheckInReceipt};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::support::{Server, check_in, report};

/// Checks in all of these at once.
async fn all_at_once(
    server: &Server,
    reports: impl IntoIterator<Item = (Uuid, CheckIn)>,
) -> Vec<ResponseValue<CheckInReceipt>> {
    let mut racing = JoinSet::new();
    for (id, report) in reports {
        let client = server.anonymous();
        racing.spawn(async move { check_in(&client, id, report).await.expect("checked in") });
    }
    racing.join_all().await
}

fn created(receipts: &[ResponseValue<CheckInReceipt>]) -> usize {
    let is_first = |receipt: &&ResponseValue<CheckInReceipt>| receipt.status() == StatusCode::CREATED;
    receipts.iter().filter(is_first).count()
}

#[tokio::test]
async fn of_32_first_check_ins_of_a_cluster_all_count_and_one_is_the_first() {
    let server = Server::start();
    let id = Uuid::new_v4();
    let receipts = all_at_once(&server, (0..32).map(|_| (id, report(&[("deis-router", "v2.3.0")])))).await;

    assert_eq!(created(&receipts), 1);
    let counts: BTreeSet<u64> = receipts.iter().map(|receipt| receipt.checkins.get()).collect();
    assert_eq!(counts, (1..=32).collect(), "each was counted once");
    let cluster = server.admin().get_cluster().id(id).send().await.expect("it is known");
    assert_eq!(cluster.checkins.get(), 32);
    assert_eq!(server.database().count("checkins"), 32);
    assert_eq!(server.database().count("clusters"), 1);
}

#[tokio::test]
async fn clusters_that_bring_the_same_new_set_at_once_share_it() {
    let server = Server::start();
    // Each set comes from four clusters at the same instant.
    let reports = (0..32).map(|number| {
        let version = format!("v1.0.{}", number / 4);
        (Uuid::new_v4(), report(&[("deis-router", &version), ("deis-builder", "v1")]))
    });
    let receipts = all_at_once(&server, reports).await;

    assert_eq!(created(&receipts), 32);
    assert_eq!(server.database().count("component_sets"), 8);
    assert_eq!(server.database().count("clusters"), 32);
}

#[tokio::test]
async fn a_cluster_whose_reports_differ_keeps_one_of_them_whole() {
    let server = Server::start();
    let id = Uuid::new_v4();
    let reports = (0..16).map(|number| {
        let version = format!("v1.0.{number}");
        let mut report = report(&[("deis-builder", &version), ("deis-router", &version)]);
        report.labels = vec![format!("label-{number}").parse().expect("a label")];
        (id, report)
    });
    all_at_once(&server, reports).await;

    let cluster = server.admin().get_cluster().id(id).send().await.expect("it is known");
    let version = cluster.components[0].version.as_str();
    let number = version.strip_prefix("v1.0.").expect("one of the versions");
    assert_eq!(cluster.components[1].version.as_str(), version);
    assert_eq!(cluster.labels, [format!("label-{number}")]);
    assert_eq!(cluster.checkins.get(), 16);
}
