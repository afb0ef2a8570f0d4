//! Amending: what changes, what stays, and who may change it.

use hyper::Method;
use hyper::header::{ETAG, IF_MATCH};
use serde_json::{Value, json};
use stationmaster_client::types::VersionChanges;
use tokio::task::JoinSet;

use crate::support::{Answer, Call, ROUTER, Refused, Server, VersionAnswer, get, publish, publish_with, token, yank};

const PATH: &str = "/v4/versions/deis-router/stable/v2.11.0";

/// Amends [`ROUTER`], if `if_match` holds of it.
async fn amend(server: &Server, if_match: &str, changes: &Value) -> Answer {
    let call = Call::new(Method::PATCH, PATH).token(&token("versions:publish"));
    call.header(IF_MATCH, if_match).json(changes.to_string()).send(server).await
}

/// A server with [`ROUTER`] published, fully described; and the entity tag of that.
async fn start() -> (Server, String) {
    let server = Server::start();
    let content = json!({
        "released": "2017-02-22T21:41:28Z", "description": "d", "fixes": "f", "image": "i", "metadata": {"a": 1, "b": 2},
    });
    let content: stationmaster_client::types::NewVersion = serde_json::from_value(content).expect("a version");
    publish_with(&server.admin(), ROUTER, content.into()).await;
    let tag = current_tag(&server).await;
    (server, tag)
}

async fn current_tag(server: &Server) -> String {
    Call::get(PATH).send(server).await.header("etag").to_owned()
}

#[tokio::test]
async fn what_is_named_changes_and_what_is_not_stays() {
    let (server, tag) = start().await;
    let before = Call::get(PATH).send(&server).await.value(200);
    let answer = amend(&server, &tag, &json!({"description": "D", "metadata": {"b": 3}})).await;
    let mut expected = before;
    expected["description"] = json!("D");
    // Metadata is replaced, not merged.
    expected["metadata"] = json!({"b": 3});
    similar_asserts::assert_eq!(answer.value(200), expected);
    assert_ne!(answer.header("etag"), tag);
    let read = Call::get(PATH).send(&server).await;
    similar_asserts::assert_eq!(read.value(200), expected);
    assert_eq!(read.header("etag"), answer.header("etag"));
}

#[tokio::test]
async fn null_removes() {
    let (server, tag) = start().await;
    let answer = amend(&server, &tag, &json!({"description": null, "fixes": null, "image": null})).await;
    let amended = answer.value(200);
    for removed in ["description", "fixes", "image"] {
        assert_eq!(amended.get(removed), None, "{removed}");
    }
    assert_eq!(amended["metadata"], json!({"a": 1, "b": 2}));
    // What is not there may be removed again, and be given anew.
    let again = amend(&server, answer.header("etag"), &json!({"fixes": null, "image": ""})).await;
    assert_eq!(again.value(200)["image"], "");
}

#[tokio::test]
async fn metadata_can_be_emptied_and_not_removed() {
    let (server, tag) = start().await;
    let refusal = amend(&server, &tag, &json!({"metadata": null})).await.refusal();
    refusal.assert_faults(&["body /metadata"]);
    let answer = amend(&server, &tag, &json!({"metadata": {}})).await;
    assert_eq!(answer.value(200)["metadata"], json!({}));
}

#[tokio::test]
async fn what_names_the_version_and_when_it_was_released_cannot_be_amended() {
    let (server, tag) = start().await;
    for property in ["component", "train", "version", "released", "published_at", "yanked"] {
        let refusal = amend(&server, &tag, &json!({property: "2017-02-22T21:41:28Z"})).await.refusal();
        refusal.assert_faults(&[&format!("body /{property}")]);
    }
    assert_eq!(current_tag(&server).await, tag);
}

#[tokio::test]
async fn an_amendment_that_names_nothing_changes_nothing() {
    let (server, tag) = start().await;
    let answer = amend(&server, &tag, &json!({})).await;
    assert_eq!((answer.status, answer.header("etag")), (200, tag.as_str()));
}

#[tokio::test]
async fn a_yanked_version_can_be_amended_and_stays_yanked() {
    let (server, _) = start().await;
    let yanked = yank(&server.admin(), ROUTER, "Drops connections.").await;
    let tag = current_tag(&server).await;
    let amended = amend(&server, &tag, &json!({"fixes": "nothing"})).await.value(200);
    assert_eq!(amended["yanked"], serde_json::to_value(yanked.yanked).expect("JSON"));
    assert_eq!(amended["fixes"], "nothing");
}

#[tokio::test]
async fn conditions_that_hold() {
    let (server, _) = start().await;
    for (at, pattern) in ["{}", "\"other\", {}", "{},\"other\"", "*"].iter().enumerate() {
        let condition = pattern.replace("{}", &current_tag(&server).await);
        let description = format!("number {at}");
        let amended = amend(&server, &condition, &json!({ "description": description })).await;
        assert_eq!(amended.value(200)["description"], description.as_str(), "{condition}");
    }
    // A list may be sent as several lines (RFC 9110, 5.3).
    let tag = current_tag(&server).await;
    let call = Call::new(Method::PATCH, PATH).token(&token("versions:publish"));
    let call = call.header(IF_MATCH, "\"other\"").header(IF_MATCH, &tag);
    assert_eq!(call.json("{}").send(&server).await.status, 200);
}

#[tokio::test]
async fn conditions_that_do_not_hold() {
    let (server, tag) = start().await;
    // A weak tag never holds (RFC 9110, 13.1.1); what is no entity tag is none that the caller saw.
    for condition in [
        "\"other\"".to_owned(),
        format!("W/{tag}"),
        tag.trim_matches('"').to_owned(),
        "nonsense".to_owned(),
        String::new(),
        "\"*\"".to_owned(),
    ] {
        let refusal = amend(&server, &condition, &json!({"description": "D"})).await.refusal();
        refusal.assert_is(412, "precondition-failed");
    }
    assert_eq!(current_tag(&server).await, tag, "nothing has changed");
}

#[tokio::test]
async fn a_tag_holds_once() {
    let (server, tag) = start().await;
    assert_eq!(amend(&server, &tag, &json!({"description": "one"})).await.status, 200);
    let refusal = amend(&server, &tag, &json!({"description": "two"})).await.refusal();
    refusal.assert_is(412, "precondition-failed");
    // Yanking changes the version too.
    let tag = current_tag(&server).await;
    yank(&server.admin(), ROUTER, "Drops connections.").await;
    let refusal = amend(&server, &tag, &json!({"description": "three"})).await.refusal();
    refusal.assert_is(412, "precondition-failed");
}

#[tokio::test]
async fn without_a_condition_nothing_is_amended() {
    let (server, tag) = start().await;
    let call = server.admin();
    let call = call.amend_version().component(ROUTER.0).train(ROUTER.1).version(ROUTER.2);
    let answer = call.body(VersionChanges::builder()).send().await;
    answer.refused().assert_is(428, "precondition-required");
    assert_eq!(current_tag(&server).await, tag);
}

#[tokio::test]
async fn what_is_not_there_cannot_be_amended() {
    let server = Server::start();
    for condition in ["*", "\"9c2b6f1d0a7e4c53\""] {
        amend(&server, condition, &json!({})).await.refusal().assert_is(404, "not-found");
    }
}

#[tokio::test]
async fn of_many_who_saw_the_same_version_one_amends_it() {
    let server = Server::start();
    publish(&server.admin(), ROUTER).await;
    for round in 0..5 {
        let seen = get(&server.anonymous(), ROUTER).await.expect("it is there");
        let tag = seen.headers()[ETAG].to_str().expect("ASCII").to_owned();
        let mut amenders = JoinSet::new();
        for amender in 0..20 {
            let (caller, tag) = (server.admin(), tag.clone());
            amenders.spawn(async move {
                let description = format!("round {round}, amender {amender}");
                let call = caller.amend_version().component(ROUTER.0).train(ROUTER.1).version(ROUTER.2);
                let changes = VersionChanges::builder().description(Some(description.parse().expect("it fits")));
                let answer: VersionAnswer = call.if_match(tag).body(changes).send().await;
                (description, answer)
            });
        }
        let answers = amenders.join_all().await.into_iter();
        let (mut winners, losers): (Vec<_>, Vec<_>) = answers.partition(|(_, answer)| answer.is_ok());
        assert_eq!(winners.len(), 1, "round {round}: {winners:?}");
        for (_, loser) in losers {
            loser.refused().assert_is(412, "precondition-failed");
        }
        let (description, _) = winners.remove(0);
        let stored = get(&server.anonymous(), ROUTER).await.expect("it is there");
        assert_eq!(stored.description.as_ref(), Some(&description));
    }
}
