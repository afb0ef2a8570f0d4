//! Metadata that is nested deeply.

use hyper::Method;
use stationmaster_client::types::LatestQuery;

use crate::support::{Answer, Call, ROUTER, Server, get, latest, token};

/// Publishes [`ROUTER`] with metadata of so many objects, one in the other.
async fn publish_nested(server: &Server, levels: usize) -> Answer {
    let (open, close) = (r#"{"a":"#.repeat(levels - 1), "}".repeat(levels - 1));
    let body = format!(r#"{{"metadata": {open}{{}}{close}}}"#);
    let call = Call::new(Method::POST, "/v4/versions/deis-router/stable/v2.11.0");
    call.token(&token("versions:publish")).json(body).send(server).await
}

#[tokio::test]
async fn a_body_that_is_nested_too_deeply_is_refused() {
    let server = Server::start();
    for levels in [128, 129, 1_000, 100_000] {
        let answer = publish_nested(&server, levels).await;
        answer.refusal().assert_is(400, "not-json");
    }
}

#[tokio::test]
async fn metadata_as_deep_as_it_may_be_can_be_read_by_the_client_wherever_it_is_answered() {
    let server = Server::start();
    let mut levels = 128;
    while publish_nested(&server, levels).await.status != 201 {
        levels -= 1;
    }
    assert!(levels >= 16, "nobody needs more than {levels} levels");
    let caller = server.anonymous();
    let (component, train, _) = ROUTER;
    get(&caller, ROUTER).await.expect("a version");
    latest(&caller, (component, train)).await.expect("the latest");
    caller.list_versions().component(component).train(train).send().await.expect("versions");
    caller.list_trains().component(component).send().await.expect("trains");
    caller.list_components().send().await.expect("components");
    let question = serde_json::json!({"components": [{"component": component, "train": train}]});
    let question: LatestQuery = serde_json::from_value(question).expect("a question");
    caller.get_latest_versions().body(question).send().await.expect("the latest of many");
}
