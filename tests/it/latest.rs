//! What is the latest version of a train.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use semver::Version;
use serde::Deserialize;
use stationmaster_client::Client;
use stationmaster_client::types::NewVersion;

use crate::support::{Refused, Server, latest, publish, publish_released, publish_with};

/// A line of `tests/data/deis-releases.jsonl`.
#[derive(Deserialize)]
struct Release {
    component: String,
    train: String,
    version: String,
    released: String,
    data: serde_json::Map<String, serde_json::Value>,
}

fn real_releases() -> Vec<Release> {
    let lines = include_str!("../data/deis-releases.jsonl").lines();
    lines.map(|line| serde_json::from_str(line).expect("a release")).collect()
}

/// Asserts which of some versions is the latest, in whichever order they are published. They are given with their time of release.
async fn assert_latest(publisher: &Client, component: &str, versions: &[(&str, &str)], expected: &str) {
    let forwards: Vec<_> = versions.to_vec();
    let backwards = forwards.iter().rev().copied().collect();
    for (train, order) in [("forwards", forwards), ("backwards", backwards)] {
        for (version, released) in order {
            publish_released(publisher, (component, train, version), released).await;
        }
        let latest = latest(publisher, (component, train)).await.expect("there is one");
        assert_eq!(latest.version, expected, "of {versions:?}, published {train}");
    }
}

#[tokio::test]
async fn a_backport_released_later_is_not_the_latest() {
    let server = Server::start();
    let publisher = server.admin();
    let minio: Vec<_> = real_releases()
        .into_iter()
        .filter(|release| release.component == "deis-minio" && release.train == "stable")
        .take_while(|release| release.version != "v2.2.1")
        .collect();
    let in_order_of_release = minio.iter().map(|release| release.version.as_str());
    assert!(in_order_of_release.eq(["v2.0.0", "v2.2.0", "v2.1.0"]), "the real case");
    for Release { version, released, .. } in &minio {
        publish_released(&publisher, ("deis-minio", "stable", version), released).await;
    }
    let latest = latest(&server.anonymous(), ("deis-minio", "stable")).await;
    assert_eq!(latest.expect("there is one").version, "v2.2.0");
}

#[tokio::test]
async fn of_all_real_releases_the_latest_of_each_train_has_the_highest_precedence() {
    let server = Server::start();
    let publisher = server.admin();
    let precedence = |version: &str| Version::parse(version.trim_start_matches('v')).expect("they all are SemVer");
    let mut expected: BTreeMap<(String, String), String> = BTreeMap::new();
    for release in real_releases() {
        let Release { component, train, version, released, data } = release;
        let content = NewVersion::builder().metadata(data).released(Some(released.parse().expect("an instant")));
        publish_with(&publisher, (&component, &train, &version), content).await;
        match expected.entry((component, train)) {
            Entry::Vacant(first) => {
                first.insert(version);
            }
            Entry::Occupied(mut highest) => {
                if precedence(&version).cmp_precedence(&precedence(highest.get())).is_gt() {
                    highest.insert(version);
                }
            }
        }
    }
    let listed = server.anonymous().list_components().limit(500u32).send().await.expect("listed");
    let listed = listed.into_inner().data.into_iter().flat_map(|component| {
        let trains = component.trains.into_iter();
        trains.map(move |train| ((component.component.clone(), train.train), train.latest.expect("none is yanked")))
    });
    let listed: BTreeMap<_, _> = listed.map(|(key, latest)| (key, latest.version)).collect();
    similar_asserts::assert_eq!(listed, expected);
    for ((component, train), version) in &expected {
        let latest = latest(&publisher, (component, train)).await.expect("there is one");
        assert_eq!(&latest.version, version, "{component} {train}");
    }
}

#[tokio::test]
async fn precedence_decides_and_not_the_date() {
    let server = Server::start();
    let publisher = server.admin();
    const EARLY: &str = "2016-01-01T00:00:00Z";
    const LATE: &str = "2020-01-01T00:00:00Z";
    for (case, higher, lower) in [
        ("numbers-are-numbers", "1.10.0", "1.9.0"),
        ("a-v-does-not-count", "v1.10.0", "1.9.0"),
        ("nor-does-its-absence", "1.10.0", "v1.9.0"),
        ("a-release-outranks-its-pre-releases", "2.0.0", "2.0.0-rc.1"),
        ("a-pre-release-outranks-releases-before-it", "v2.0.0-rc.1", "v1.99.99"),
        ("pre-releases-by-number", "1.0.0-rc.10", "1.0.0-rc.9"),
        ("words-outrank-numbers", "1.0.0-alpha.beta", "1.0.0-alpha.1"),
        ("more-identifiers-outrank-fewer", "1.0.0-alpha.1", "1.0.0-alpha"),
        ("rc10-is-a-word", "1.0.0-rc9", "1.0.0-rc10"),
        ("semver-outranks-what-is-not", "0.0.1-alpha", "nightly-20200101"),
        ("two-numbers-are-not-semver", "0.1.0", "99.9"),
        ("nor-are-leading-zeroes", "0.1.0", "2020.01.01"),
        ("the-largest-number", "18446744073709551615.0.0", "18446744073709551614.0.0"),
        ("a-larger-one-is-not-semver", "0.0.1", "18446744073709551616.0.0"),
        ("in-any-place", "0.0.1", "1.18446744073709551616.0"),
        ("but-in-a-pre-release", "1.0.0-100000000000000000000", "1.0.0-99999999999999999999"),
        ("build-metadata-is-ignored", "1.0.1+a", "1.0.0+z"),
    ] {
        assert_latest(&publisher, case, &[(higher, EARLY), (lower, LATE)], higher).await;
    }
}

#[tokio::test]
async fn the_later_release_decides_where_precedence_does_not() {
    let server = Server::start();
    let publisher = server.admin();
    const SECOND: &str = "2017-02-22T21:41:28Z";
    const A_MICROSECOND_LATER: &str = "2017-02-22T21:41:28.000001Z";
    for (case, later, earlier) in [
        ("not-semver", "nightly-1", "nightly-2"),
        ("beyond-64-bits", "18446744073709551616.0.0", "18446744073709551617.0.0"),
        ("build-metadata", "1.0.0+a", "1.0.0+z"),
        ("none-and-some", "1.0.0", "1.0.0+z"),
        ("a-leading-v", "1.0.0", "v1.0.0"),
    ] {
        assert_latest(&publisher, case, &[(later, A_MICROSECOND_LATER), (earlier, SECOND)], later).await;
    }
}

#[tokio::test]
async fn versions_that_are_not_semver_are_ordered_before_1970_too() {
    let server = Server::start();
    let ages = [("first", "0000-01-01T00:00:00Z"), ("then", "1969-12-31T23:59:59Z"), ("now", "9999-12-31T23:59:59Z")];
    for latest in 1..=ages.len() {
        let component = format!("the-first-{latest}");
        let (versions, expected) = (&ages[..latest], ages[latest - 1].0);
        assert_latest(&server.admin(), &component, versions, expected).await;
    }
}

#[tokio::test]
async fn a_train_of_many_kinds_of_versions() {
    let server = Server::start();
    let versions = [
        ("nightly-20300101", "2030-01-01T00:00:00Z"),
        ("2.0", "2031-01-01T00:00:00Z"),
        ("v1.4.0", "2016-06-01T00:00:00Z"),
        ("1.5.0-rc.1", "2016-07-01T00:00:00Z"),
        ("1.4.1+hotfix", "2016-08-01T00:00:00Z"),
        ("v1.3.9", "2016-09-01T00:00:00Z"),
    ];
    assert_latest(&server.admin(), "deis-router", &versions, "1.5.0-rc.1").await;
}

#[tokio::test]
async fn trains_and_components_do_not_mix() {
    let server = Server::start();
    let publisher = server.admin();
    for name in [
        ("deis-router", "stable", "v1.0.0"),
        ("deis-router", "beta", "v2.0.0"),
        ("deis-router-mesh", "stable", "v3.0.0"),
    ] {
        publish(&publisher, name).await;
        let latest = latest(&publisher, (name.0, name.1)).await.expect("there is one");
        assert_eq!(latest.version, name.2);
    }
    let stable = latest(&publisher, ("deis-router", "stable")).await.expect("there is one");
    assert_eq!(stable.version, "v1.0.0");
}

#[tokio::test]
async fn a_train_without_versions_has_no_latest() {
    let server = Server::start();
    publish(&server.admin(), ("deis-router", "stable", "v1.0.0")).await;
    for train in [("deis-router", "beta"), ("deis-builder", "stable")] {
        let refusal = latest(&server.anonymous(), train).await.refused();
        refusal.assert_is(404, "not-found");
        assert_eq!(refusal.header("cache-control"), "no-store");
    }
}
