//! Yanking, and taking it back.

use stationmaster_client::Client;
use stationmaster_client::types::{NewVersion, Version, VersionPage, builder};

use crate::support::{
    Name, ROUTER, Refused, Server, VersionAnswer, get, latest, publish, publish_all, publish_with, yank,
};

const TRAIN: (&str, &str) = (ROUTER.0, ROUTER.1);

async fn unyank(publisher: &Client, (component, train, version): Name<'_>) -> VersionAnswer {
    let call = publisher.unyank_version().component(component).train(train);
    call.version(version).send().await
}

/// The versions of [`TRAIN`], newest first.
async fn listed(caller: &Client, include_yanked: bool) -> Vec<String> {
    let call = caller.list_versions().component(TRAIN.0).train(TRAIN.1);
    let page: VersionPage = call.include_yanked(include_yanked).send().await.expect("listed").into_inner();
    page.data.into_iter().map(|version| version.version).collect()
}

#[tokio::test]
async fn a_yanked_version_stays_readable_and_says_since_when_and_why() {
    let server = Server::start();
    let publisher = server.admin();
    let content = NewVersion::builder().description(Some("d".parse().expect("it fits")));
    let published = publish_with(&publisher, ROUTER, content).await;
    let before = stationmaster::clock::now();
    let answered = yank(&publisher, ROUTER, "Drops connections under load.").await;
    let read = get(&server.anonymous(), ROUTER).await.expect("it is there").into_inner();
    let yanked = read.yanked.as_ref().expect("it is yanked");
    assert_eq!(yanked.reason, "Drops connections under load.");
    assert!((before..=stationmaster::clock::now()).contains(&yanked.at));
    let json = |version: &Version| serde_json::to_value(version).expect("JSON");
    similar_asserts::assert_eq!(json(&answered), json(&read));
    let mut otherwise = read;
    otherwise.yanked = None;
    similar_asserts::assert_eq!(json(&otherwise), json(&published));
}

#[tokio::test]
async fn yanking_again_replaces_the_reason_and_keeps_the_time() {
    let server = Server::start();
    let publisher = server.admin();
    publish(&publisher, ROUTER).await;
    let first = yank(&publisher, ROUTER, "Drops connections.").await.yanked.expect("yanked");
    let second = yank(&publisher, ROUTER, "Drops connections under load.").await.yanked.expect("yanked");
    assert_eq!((second.at, second.reason.as_str()), (first.at, "Drops connections under load."));
}

#[tokio::test]
async fn taking_a_yank_back_leaves_the_version_as_it_was() {
    let server = Server::start();
    let publisher = server.admin();
    publish(&publisher, ROUTER).await;
    let published = get(&publisher, ROUTER).await.expect("it is there");
    yank(&publisher, ROUTER, "Drops connections.").await;
    // The second time there is nothing to take back.
    for _ in 0..2 {
        let unyanked = unyank(&publisher, ROUTER).await.expect("unyanked");
        assert_eq!(unyanked.status(), 200);
        assert!(unyanked.yanked.is_none());
        assert_eq!(unyanked.headers()["etag"], published.headers()["etag"]);
    }
}

#[tokio::test]
async fn the_answer_to_a_yank_carries_the_new_entity_tag() {
    let server = Server::start();
    let publisher = server.admin();
    publish(&publisher, ROUTER).await;
    let call = publisher.yank_version().component(ROUTER.0).train(ROUTER.1).version(ROUTER.2);
    let yanked = call.body(builder::Yank::default().reason("why")).send().await.expect("yanked");
    let read = get(&publisher, ROUTER).await.expect("it is there");
    assert_eq!(yanked.headers()["etag"], read.headers()["etag"]);
}

#[tokio::test]
async fn the_latest_version_yields_to_the_next_when_it_is_yanked() {
    let server = Server::start();
    let publisher = server.admin();
    let newest_first = ["v2.2.0", "v2.1.0", "v2.1.0-rc.1", "nightly"];
    publish_all(&publisher, TRAIN, &newest_first).await;
    for (at, version) in newest_first.into_iter().enumerate() {
        let current = latest(&publisher, TRAIN).await.expect("one is left");
        assert_eq!(current.version, version);
        assert_eq!(listed(&publisher, false).await, newest_first[at..]);
        yank(&publisher, (TRAIN.0, TRAIN.1, version), "why").await;
        assert_eq!(listed(&publisher, true).await, newest_first);
    }
    latest(&publisher, TRAIN).await.refused().assert_is(404, "not-found");
    assert_eq!(listed(&publisher, false).await, [""; 0]);

    unyank(&publisher, (TRAIN.0, TRAIN.1, "v2.1.0")).await.expect("unyanked");
    assert_eq!(latest(&publisher, TRAIN).await.expect("one is back").version, "v2.1.0");
    assert_eq!(listed(&publisher, false).await, ["v2.1.0"]);
}

#[tokio::test]
async fn what_was_never_published_is_neither_yanked_nor_unyanked() {
    let server = Server::start();
    let publisher = server.admin();
    publish(&publisher, ROUTER).await;
    for name in [
        ("deis-router", "stable", "v2.11.1"),
        ("deis-router", "beta", "v2.11.0"),
        ("deis-builder", "stable", "v2.11.0"),
    ] {
        let call = publisher.yank_version().component(name.0).train(name.1).version(name.2);
        let yanked = call.body(builder::Yank::default().reason("why")).send().await;
        yanked.refused().assert_is(404, "not-found");
        unyank(&publisher, name).await.refused().assert_is(404, "not-found");
    }
    assert!(get(&publisher, ROUTER).await.expect("it is there").yanked.is_none());
}
