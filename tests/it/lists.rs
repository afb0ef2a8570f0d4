//! The lists of components, trains and versions: what is in them, and in which order.

use serde_json::{Value, json};

use crate::support::{Call, Refused, Server, publish, publish_all, yank};

const VERSIONS: &str = "/v4/versions/deis-router/stable";

async fn list(server: &Server, target: &str) -> Value {
    let answer = Call::get(target).send(server).await;
    assert_eq!(answer.header("cache-control"), "public, max-age=30");
    assert!(!answer.header("x-request-id").is_empty());
    answer.value(200)
}

/// The versions of [`VERSIONS`] with these query parameters.
async fn versions(server: &Server, query: &str) -> Vec<String> {
    let page = list(server, &format!("{VERSIONS}?{query}")).await;
    let data = page["data"].as_array().expect("a list").iter();
    data.map(|version| version["version"].as_str().expect("a text").to_owned()).collect()
}

#[tokio::test]
async fn components_come_by_name_with_their_trains_and_the_latest_of_each() {
    let server = Server::start();
    assert_eq!(list(&server, "/v4/versions").await, json!({"data": [], "next_cursor": null}));
    let publisher = server.admin();
    publish_all(&publisher, ("b", "stable"), &["v1.0.0", "v1.1.0", "v1.0.1"]).await;
    publish(&publisher, ("b", "beta", "v2.0.0-beta1")).await;
    yank(&publisher, ("b", "beta", "v2.0.0-beta1"), "why").await;
    // By bytes: a hyphen before a digit before a letter, whatever the database's locale.
    for component in ["b1", "b-1", "ba", "a"] {
        publish(&publisher, (component, "stable", "v1.0.0")).await;
    }
    let latest = async |path: &str| Call::get(format!("/v4/versions/{path}/latest")).send(&server).await.value(200);
    let alone = async |component: &str| {
        let latest = latest(&format!("{component}/stable")).await;
        json!({"component": component, "trains": [{"train": "stable", "latest": latest, "versions": 1}]})
    };
    let trains = json!([
        {"train": "beta", "latest": null, "versions": 1},
        {"train": "stable", "latest": latest("b/stable").await, "versions": 3},
    ]);
    let expected = json!({
        "data": [
            alone("a").await,
            {"component": "b", "trains": trains},
            alone("b-1").await,
            alone("b1").await,
            alone("ba").await,
        ],
        "next_cursor": null,
    });
    similar_asserts::assert_eq!(list(&server, "/v4/versions").await, expected);
    similar_asserts::assert_eq!(list(&server, "/v4/versions/b").await, json!({"data": trains, "next_cursor": null}));
}

#[tokio::test]
async fn versions_come_newest_first_by_precedence() {
    let server = Server::start();
    let newest_first = ["v10.0.0", "v2.1.0", "2.1.0-rc.10", "v2.1.0-rc.9", "1.0.0+b", "0.9.0", "nightly"];
    let mut in_another_order = newest_first;
    in_another_order.sort_unstable();
    publish_all(&server.admin(), ("deis-router", "stable"), &in_another_order).await;
    assert_eq!(versions(&server, "").await, newest_first);
    let first = list(&server, VERSIONS).await["data"][0].clone();
    let latest = Call::get(format!("{VERSIONS}/latest")).send(&server).await;
    similar_asserts::assert_eq!(first, latest.value(200));
}

#[tokio::test]
async fn yanked_versions_are_listed_only_on_request() {
    let server = Server::start();
    let publisher = server.admin();
    publish_all(&publisher, ("deis-router", "stable"), &["v1.0.0", "v1.1.0", "v1.2.0"]).await;
    yank(&publisher, ("deis-router", "stable", "v1.1.0"), "why").await;
    for without in ["", "include_yanked=false"] {
        assert_eq!(versions(&server, without).await, ["v1.2.0", "v1.0.0"]);
    }
    assert_eq!(versions(&server, "include_yanked=true").await, ["v1.2.0", "v1.1.0", "v1.0.0"]);
    assert_eq!(versions(&server, "include_yanked=true&matching=~1.1").await, ["v1.1.0"]);
    assert_eq!(versions(&server, "matching=~1.1").await, [""; 0]);
}

#[tokio::test]
async fn ranges_choose_versions() {
    let server = Server::start();
    let all = ["v3.0.0", "v3.0.0-rc.1", "v2.10.0", "2.2.0", "v2.1.3", "v2.1.0-beta.1", "v2.0.0", "0.9.1", "nightly"];
    publish_all(&server.admin(), ("deis-router", "stable"), &all).await;
    for (range, expected) in [
        ("^2.1", &["v2.10.0", "2.2.0", "v2.1.3"][..]),
        ("2.1", &["v2.10.0", "2.2.0", "v2.1.3"]),
        ("~2.1", &["v2.1.3"]),
        (">=2.1, <3", &["v2.10.0", "2.2.0", "v2.1.3"]),
        (">=2.1,<3", &["v2.10.0", "2.2.0", "v2.1.3"]),
        (">2.2.0", &["v3.0.0", "v2.10.0"]),
        ("<=2.0.0", &["v2.0.0", "0.9.1"]),
        ("=2.2.0", &["2.2.0"]),
        ("2.*", &["v2.10.0", "2.2.0", "v2.1.3", "v2.0.0"]),
        ("2.1.*", &["v2.1.3"]),
        ("*", &["v3.0.0", "v2.10.0", "2.2.0", "v2.1.3", "v2.0.0", "0.9.1"]),
        // A pre-release only where a comparator names one of the same version.
        (">=3.0.0-alpha", &["v3.0.0", "v3.0.0-rc.1"]),
        ("^2.1.0-alpha", &["v2.10.0", "2.2.0", "v2.1.3", "v2.1.0-beta.1"]),
        ("^7", &[]),
        (">3, <2", &[]),
    ] {
        let query: String = form_urlencoded(range);
        assert_eq!(versions(&server, &format!("matching={query}")).await, expected, "{range}");
    }
}

#[tokio::test]
async fn what_is_no_range_is_refused() {
    let server = Server::start();
    publish(&server.admin(), ("deis-router", "stable", "v1.0.0")).await;
    for text in ["", "nonsense", "v2", "^v2.1", "2.1 || 3", ">=1 <2", ",", ">", "1.2.3.4", ">18446744073709551616"] {
        let target = format!("{VERSIONS}?matching={}", form_urlencoded(text));
        let answer = Call::get(target).send(&server).await;
        answer.refusal().assert_faults(&["query /matching"]);
    }
    let too_long = format!("{VERSIONS}?matching={}2", "2,".repeat(128));
    let answer = Call::get(too_long).send(&server).await;
    answer.refusal().assert_faults(&["query /matching"]);
}

#[tokio::test]
async fn unknown_components_and_trains_have_no_lists() {
    let server = Server::start();
    publish(&server.admin(), ("deis-router", "stable", "v1.0.0")).await;
    let caller = server.anonymous();
    let trains = caller.list_trains().component("deis-builder").send().await;
    trains.refused().assert_is(404, "not-found");
    for (component, train) in [("deis-router", "beta"), ("deis-builder", "stable")] {
        let versions = caller.list_versions().component(component).train(train).send().await;
        let refusal = versions.refused();
        refusal.assert_is(404, "not-found");
        assert_eq!(refusal.header("cache-control"), "no-store");
    }
}

#[tokio::test]
async fn a_component_is_listed_when_all_of_it_is_yanked() {
    let server = Server::start();
    let publisher = server.admin();
    publish(&publisher, ("deis-router", "stable", "v1.0.0")).await;
    yank(&publisher, ("deis-router", "stable", "v1.0.0"), "why").await;
    let train = json!({"train": "stable", "latest": null, "versions": 1});
    let components = list(&server, "/v4/versions").await;
    assert_eq!(components["data"], json!([{"component": "deis-router", "trains": [train]}]));
    assert_eq!(list(&server, "/v4/versions/deis-router").await["data"], json!([train]));
    assert_eq!(list(&server, VERSIONS).await, json!({"data": [], "next_cursor": null}));
}

/// A text as the value of a query parameter.
fn form_urlencoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
