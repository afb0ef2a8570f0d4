//! Sets of components: each distinct one is stored once.

use stationmaster_client::types::CheckIn;
use uuid::Uuid;

use crate::support::{Server, check_in, installed, report};

#[tokio::test]
async fn order_and_repetitions_do_not_make_another_set() {
    let server = Server::start();
    let database = server.database();
    let (router, builder) = (("deis-router", "v2.3.0"), ("deis-builder", "v2.3.0"));
    let id = Uuid::new_v4();
    for same in [&[router, builder][..], &[builder, router], &[router, builder, router]] {
        check_in(&server.anonymous(), id, report(same)).await.expect("checked in");
        check_in(&server.anonymous(), Uuid::new_v4(), report(same)).await.expect("checked in");
    }
    assert_eq!(database.count("component_sets"), 1);
    assert_eq!(database.texts("select count(distinct set_hash) from checkins"), ["1"]);

    let cluster = server.admin().get_cluster().id(id).send().await.expect("it is known");
    let components: Vec<_> = cluster.components.iter().map(|one| one.component.as_str()).collect();
    assert_eq!(components, ["deis-builder", "deis-router"], "in order, without repetitions");
}

#[tokio::test]
async fn every_difference_makes_another_set() {
    let server = Server::start();
    let database = server.database();
    let on_beta = |component, version| {
        let mut installed = installed(component, version);
        installed.train = "beta".parse().expect("a train");
        CheckIn { components: vec![installed], labels: Vec::new() }
    };
    let reports = [
        report(&[("a", "1")]),
        report(&[("a", "2")]),
        report(&[("a", "01")]),
        report(&[("b", "1")]),
        on_beta("a", "1"),
        report(&[("a", "1"), ("a", "2")]),
        report(&[("a", "1"), ("b", "1")]),
    ];
    let kinds = i64::try_from(reports.len()).expect("few");
    for report in reports {
        check_in(&server.anonymous(), Uuid::new_v4(), report).await.expect("checked in");
    }
    assert_eq!(database.count("component_sets"), kinds);
}

#[tokio::test]
async fn history_remembers_the_set_of_each_report() {
    let server = Server::start();
    let id = Uuid::new_v4();
    let versions = ["v2.3.0", "v2.4.0", "v2.3.0"];
    for version in versions {
        check_in(&server.anonymous(), id, report(&[("deis-router", version)])).await.expect("checked in");
    }
    let history = server.database().texts(
        "select components -> 0 ->> 'version' from checkins
         join component_sets on hash = set_hash order by at",
    );
    assert_eq!(history, versions);
    assert_eq!(server.database().count("component_sets"), 2);
}
