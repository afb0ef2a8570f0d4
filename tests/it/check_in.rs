//! What a check-in answers, and what it leaves behind.

use reqwest::StatusCode;
use reqwest::header::LOCATION;
use stationmaster::clock;
use uuid::Uuid;

use crate::support::{Call, Server, check_in, labelled, report, token};

#[tokio::test]
async fn the_first_check_in_creates_the_cluster_and_later_ones_count() {
    let server = Server::start();
    let cluster = server.anonymous();
    let id = Uuid::new_v4();

    let before = clock::now();
    let first = check_in(&cluster, id, report(&[("deis-router", "v2.3.0")])).await.expect("the first");
    let after = clock::now();
    assert_eq!(first.status(), StatusCode::CREATED);
    assert_eq!(first.headers()[LOCATION], format!("/v4/clusters/{id}"));
    assert_eq!((first.id, first.checkins.get()), (id, 1));
    assert!((before..=after).contains(&first.first_seen), "{first:?}");
    assert_eq!(first.last_seen, first.first_seen);

    let second = check_in(&cluster, id, report(&[("deis-router", "v2.4.0")])).await.expect("the second");
    assert_eq!(second.status(), StatusCode::OK);
    assert!(!second.headers().contains_key(LOCATION));
    assert_eq!((second.id, second.checkins.get()), (id, 2));
    assert_eq!(second.first_seen, first.first_seen);
    assert!(second.last_seen > first.last_seen, "{second:?}");

    // What was answered is what is read, to the microsecond.
    let read = server.admin().get_cluster().id(id).send().await.expect("it is known");
    assert_eq!((read.first_seen, read.last_seen), (second.first_seen, second.last_seen));
    assert_eq!(read.checkins.get(), 2);
}

#[tokio::test]
async fn where_a_check_in_says_the_cluster_is_it_is() {
    let server = Server::start();
    let id = Uuid::new_v4();
    let first = check_in(&server.anonymous(), id, report(&[("deis-router", "v2.3.0")])).await.expect("the first");
    let location = first.headers()[LOCATION].to_str().expect("text");
    let answer = Call::get(location).token(&token("clusters:read")).send(&server).await;
    assert_eq!(answer.value(200)["id"], id.to_string());
}

#[tokio::test]
async fn each_report_replaces_the_labels() {
    let server = Server::start();
    let id = Uuid::new_v4();
    for (sent, kept) in [
        (&["staff", "ci", "staff"][..], &["ci", "staff"][..]),
        (&["test"], &["test"]),
        // Labels left out are labels removed.
        (&[], &[]),
        (&["z", "a.b", "a-b", "0"], &["0", "a-b", "a.b", "z"]),
    ] {
        check_in(&server.anonymous(), id, labelled(sent)).await.expect("checked in");
        let cluster = server.admin().get_cluster().id(id).send().await.expect("it is known");
        assert_eq!(cluster.labels, kept, "after {sent:?}");
    }
}

#[tokio::test]
async fn each_report_replaces_the_components() {
    let server = Server::start();
    let id = Uuid::new_v4();
    for components in [&[("deis-builder", "v2.3.0"), ("deis-router", "v2.3.0")][..], &[("deis-router", "v2.4.0")]] {
        check_in(&server.anonymous(), id, report(components)).await.expect("checked in");
        let cluster = server.admin().get_cluster().id(id).send().await.expect("it is known");
        let known: Vec<_> = cluster
            .components
            .iter()
            .map(|installed| (installed.component.as_str(), installed.version.as_str()))
            .collect();
        assert_eq!(known, components);
    }
}

#[tokio::test]
async fn every_check_in_is_a_row_of_history() {
    let server = Server::start();
    let database = server.database();
    let (first, second) = (Uuid::new_v4(), Uuid::new_v4());
    for id in [first, second, first, first] {
        check_in(&server.anonymous(), id, report(&[("deis-router", "v2.3.0")])).await.expect("checked in");
    }
    for (id, rows) in [(first, 3), (second, 1)] {
        assert_eq!(database.count(&format!("checkins where cluster_id = '{id}'")), rows);
    }
    let last = database.texts(&format!(
        "select max(checkins.at) = max(last_seen) and min(checkins.at) = min(first_seen)
         from checkins join clusters on id = cluster_id where id = '{first}'"
    ));
    assert_eq!(last, ["true"], "the history agrees with the cluster");
}
