//! Reading one version, and what every answer with a version has around it.

use hyper::Method;
use hyper::header::{CACHE_CONTROL, ETAG, HeaderName, IF_NONE_MATCH, LOCATION};
use stationmaster_client::types::NewVersion;
use stationmaster_client::{Error, ResponseValue};

use crate::support::{
    Call, ROUTER, Refused, Server, VersionAnswer, get, latest, publish, publish_with, token, try_publish, yank,
};

const PATH: &str = "/v4/versions/deis-router/stable/v2.11.0";
const LATEST: &str = "/v4/versions/deis-router/stable/latest";

fn header<'a, T>(answer: &'a ResponseValue<T>, name: &HeaderName) -> &'a str {
    let value = answer.headers().get(name).unwrap_or_else(|| panic!("{name} is sent"));
    value.to_str().expect("ASCII")
}

fn assert_strong(tag: &str) {
    assert!(tag.len() > 2 && tag.starts_with('"') && tag.ends_with('"'), "{tag} is a strong entity tag");
}

#[tokio::test]
async fn what_is_published_is_read_back() {
    let server = Server::start();
    let metadata = serde_json::from_str(r#"{"commit": "8c3b5bf", "nested": [1, {"π": null}]}"#).expect("an object");
    let content = NewVersion::builder()
        .released(Some("2017-02-22T21:41:28.123456Z".parse().expect("an instant")))
        .description(Some("Router with HTTP/2 upstreams.\n\tOn two lines.".parse().expect("fits")))
        .fixes(Some("Connections are drained.".parse().expect("fits")))
        .image(Some("quay.io/deis/router:v2.11.0".parse().expect("fits")))
        .metadata::<serde_json::Map<_, _>>(metadata);
    let before = stationmaster::clock::now();
    let published = publish_with(&server.admin(), ROUTER, content).await;
    assert!((before..=stationmaster::clock::now()).contains(&published.published_at));
    let expected = serde_json::json!({
        "component": "deis-router",
        "train": "stable",
        "version": "v2.11.0",
        "released": "2017-02-22T21:41:28.123456Z",
        "published_at": published.published_at,
        "description": "Router with HTTP/2 upstreams.\n\tOn two lines.",
        "fixes": "Connections are drained.",
        "image": "quay.io/deis/router:v2.11.0",
        "metadata": {"commit": "8c3b5bf", "nested": [1, {"π": null}]},
    });
    for target in [PATH, LATEST] {
        let read = Call::get(target).send(&server).await;
        similar_asserts::assert_eq!(read.value(200), expected, "{}", target);
    }
}

#[tokio::test]
async fn what_was_left_out_is_absent_and_released_is_the_time_of_publishing() {
    let server = Server::start();
    let published = publish(&server.admin(), ROUTER).await;
    assert_eq!(published.released, published.published_at);
    let expected = serde_json::json!({
        "component": "deis-router",
        "train": "stable",
        "version": "v2.11.0",
        "released": published.published_at,
        "published_at": published.published_at,
        "metadata": {},
    });
    similar_asserts::assert_eq!(Call::get(PATH).send(&server).await.value(200), expected);
}

#[tokio::test]
async fn publishing_tells_where_the_version_is() {
    let server = Server::start();
    let publisher = server.admin();
    let name = ("deis-router", "stable", "v2.11.0+build.7");
    let created = try_publish(&publisher, name, NewVersion::builder()).await.expect("published");
    assert_eq!(created.status(), 201);
    assert_strong(header(&created, &ETAG));
    let location = header(&created, &LOCATION);
    let found = Call::get(location).send(&server).await;
    assert_eq!(found.value(200)["version"], "v2.11.0+build.7");
    assert_eq!(found.header("etag"), header(&created, &ETAG));

    let again = try_publish(&publisher, name, NewVersion::builder()).await.expect("the same again");
    assert_eq!(again.status(), 200);
    assert_eq!(header(&again, &ETAG), header(&created, &ETAG));
    assert!(!again.headers().contains_key(LOCATION));
}

#[tokio::test]
async fn reads_may_be_cached_and_carry_the_entity_tag_of_the_version() {
    let server = Server::start();
    publish(&server.admin(), ROUTER).await;
    let caller = server.anonymous();
    let answers = [
        get(&caller, ROUTER).await.expect("it is there"),
        latest(&caller, (ROUTER.0, ROUTER.1)).await.expect("there is one"),
    ];
    for answer in &answers {
        assert_strong(header(answer, &ETAG));
        assert_eq!(header(answer, &CACHE_CONTROL), "public, max-age=30");
    }
    assert_eq!(header(&answers[0], &ETAG), header(&answers[1], &ETAG));
}

#[tokio::test]
async fn the_entity_tag_changes_with_the_version() {
    let server = Server::start();
    let publisher = server.admin();
    publish(&publisher, ROUTER).await;
    let tag = async || {
        let answer: VersionAnswer = get(&publisher, ROUTER).await;
        header(&answer.expect("it is there"), &ETAG).to_owned()
    };
    let published = tag().await;
    assert_eq!(tag().await, published);
    yank(&publisher, ROUTER, "Drops connections.").await;
    let yanked = tag().await;
    assert_ne!(yanked, published);
    yank(&publisher, ROUTER, "Drops connections under load.").await;
    assert_ne!(tag().await, yanked);
}

#[tokio::test]
async fn what_the_caller_holds_is_not_sent_again() {
    let server = Server::start();
    publish(&server.admin(), ROUTER).await;
    for target in [PATH, LATEST] {
        let tag = Call::get(target).send(&server).await.header("etag").to_owned();
        for held in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
            let answer = Call::get(target).header(IF_NONE_MATCH, &held).send(&server).await;
            assert_eq!((answer.status, answer.body.len()), (304, 0), "{target} {held}");
            assert_eq!(answer.header("etag"), tag);
            assert_eq!(answer.header("cache-control"), "public, max-age=30");
            assert!(!answer.header("x-request-id").is_empty());
        }
        for other in ["\"other\"", "nonsense", ""] {
            let answer = Call::get(target).header(IF_NONE_MATCH, other).send(&server).await;
            assert_eq!(answer.status, 200, "{target} {other:?}");
        }
        let in_two_lines = Call::get(target).header(IF_NONE_MATCH, "\"other\"").header(IF_NONE_MATCH, &tag);
        assert_eq!(in_two_lines.send(&server).await.status, 304, "{target}");
    }
}

#[tokio::test]
async fn the_client_can_ask_whether_something_changed() {
    let server = Server::start();
    let caller = server.admin();
    publish(&caller, ROUTER).await;
    let held = get(&caller, ROUTER).await.expect("it is there");
    let ask = async || {
        let call = caller.get_version().component(ROUTER.0).train(ROUTER.1);
        call.version(ROUTER.2).if_none_match(header(&held, &ETAG)).send().await
    };
    match ask().await {
        Err(Error::UnexpectedResponse(response)) => assert_eq!(response.status(), 304),
        other => panic!("{other:?}"),
    }
    yank(&caller, ROUTER, "Drops connections.").await;
    assert!(ask().await.expect("it has changed").yanked.is_some());
}

#[tokio::test]
async fn a_version_that_was_never_published_is_not_found_and_no_cache_keeps_that() {
    let server = Server::start();
    publish(&server.admin(), ROUTER).await;
    let caller = server.anonymous();
    for name in [
        ("deis-router", "stable", "v2.11.1"),
        ("deis-router", "beta", "v2.11.0"),
        ("deis-builder", "stable", "v2.11.0"),
        // Names are compared as they are written.
        ("deis-router", "stable", "2.11.0"),
        ("deis-router", "stable", "V2.11.0"),
    ] {
        let refusal = get(&caller, name).await.refused();
        refusal.assert_is(404, "not-found");
        assert_eq!(refusal.header("cache-control"), "no-store");
    }
}

#[tokio::test]
async fn all_operations_on_a_version_take_it_to_be_what_its_path_says_once_decoded() {
    let server = Server::start();
    let token = token("versions:publish");
    let encoded = "/v4/versions/%64eis-router/st%61ble/v2%2E11.0%2Bbuild";
    let published = Call::new(Method::POST, encoded).token(&token).json("{}");
    assert_eq!(published.send(&server).await.header("location"), "/v4/versions/deis-router/stable/v2.11.0+build");
    let read = Call::get("/v4/versions/deis-router/stable/v2.11.0+build").send(&server).await;
    assert_eq!(read.value(200)["version"], "v2.11.0+build");
}
