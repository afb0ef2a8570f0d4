//! What a check-in is told to update to.

use stationmaster_client::types::{CheckIn, NewVersion, Update};
use uuid::Uuid;

use crate::support::{ROUTER, Server, check_in, installed, publish, publish_all, publish_with, report, yank};

/// What a new cluster with these components is told.
async fn updates(server: &Server, report: CheckIn) -> Vec<Update> {
    let receipt = check_in(&server.anonymous(), Uuid::new_v4(), report).await;
    receipt.expect("checked in").into_inner().updates
}

fn brief(updates: &[Update]) -> Vec<(&str, &str, &str)> {
    let brief = updates.iter().map(|update| (&*update.component, &*update.installed, &*update.latest.version));
    brief.collect()
}

#[tokio::test]
async fn only_what_is_newer_is_an_update() {
    let server = Server::start();
    let publisher = server.admin();
    let versions = ["v2.2.0", "v2.10.0", "v2.9.0", "v3.0.0-beta.1"];
    publish_all(&publisher, ("deis-minio", "stable"), &versions).await;
    // (installed, the update): by precedence, which is neither the order of publishing nor that of the letters.
    for (installed, update) in [
        ("v2.2.0", Some("v3.0.0-beta.1")),
        ("v2.10.0", Some("v3.0.0-beta.1")),
        ("v3.0.0-beta.1", None),
        ("3.0.0-beta.1+build.7", None),
        ("v3.0.0-alpha", Some("v3.0.0-beta.1")),
        ("v3.0.0-beta.2", None),
        ("v3.0.0", None),
        ("git-1234567", Some("v3.0.0-beta.1")),
    ] {
        let told = updates(&server, report(&[("deis-minio", installed)])).await;
        let expected: Vec<_> = update.map(|latest| ("deis-minio", installed, latest)).into_iter().collect();
        assert_eq!(brief(&told), expected, "with {installed}");
    }
}

#[tokio::test]
async fn a_yanked_version_is_no_update() {
    let server = Server::start();
    let publisher = server.admin();
    publish_all(&publisher, ("deis-router", "stable"), &["v2.0.0", "v2.1.0"]).await;
    for (yanked, expected) in [("v2.1.0", vec![("deis-router", "v1.0.0", "v2.0.0")]), ("v2.0.0", Vec::new())] {
        yank(&publisher, ("deis-router", "stable", yanked), "Drops connections.").await;
        let told = updates(&server, report(&[("deis-router", "v1.0.0")])).await;
        assert_eq!(brief(&told), expected, "once {yanked} is yanked");
    }
}

#[tokio::test]
async fn nothing_is_said_of_what_was_never_published() {
    let server = Server::start();
    publish(&server.admin(), ("deis-router", "beta", "v9.0.0")).await;
    publish(&server.admin(), ("deis-builder", "stable", "v9.0.0")).await;
    // The component is known on another train only; the other not at all.
    let told = updates(&server, report(&[("deis-router", "v1.0.0"), ("nobody-knows", "v1.0.0")])).await;
    assert_eq!(brief(&told), []);
}

#[tokio::test]
async fn updates_come_by_component_and_train_whatever_the_report_s_order() {
    let server = Server::start();
    for (component, train) in [("a", "stable"), ("b", "beta"), ("b", "stable"), ("c", "stable")] {
        publish(&server.admin(), (component, train, "2.0.0")).await;
    }
    let mut on_beta = installed("b", "1.0.0");
    on_beta.train = "beta".parse().expect("a train");
    let components = vec![installed("c", "1.0.0"), installed("b", "1.0.0"), on_beta, installed("a", "1.0.0")];
    let told = updates(&server, CheckIn { components, labels: Vec::new() }).await;
    let order: Vec<_> = told.iter().map(|update| (update.component.as_str(), update.train.as_str())).collect();
    assert_eq!(order, [("a", "stable"), ("b", "beta"), ("b", "stable"), ("c", "stable")]);
}

#[tokio::test]
async fn an_update_says_everything_of_the_version() {
    let server = Server::start();
    let body = NewVersion::builder()
        .released(Some("2017-02-22T21:41:28Z".parse().expect("an instant")))
        .fixes(Some("Connections are drained.".parse().expect("a text")))
        .image(Some("quay.io/deis/router:v2.11.0".parse().expect("a text")));
    let published = publish_with(&server.admin(), ROUTER, body).await;
    let told = updates(&server, report(&[("deis-router", "v2.3.0")])).await;
    similar_asserts::assert_serde_eq!(
        serde_json::to_value(&told[0].latest).expect("JSON"),
        serde_json::to_value(&published).expect("JSON")
    );
}
