//! Which components, trains and versions a path may name, and how.

use crate::support::{Answer, Call, Server, token};

async fn publish_at(server: &Server, target: &str, body: &'static str) -> Answer {
    let call = Call::new(hyper::Method::POST, target).token(&token("versions:publish"));
    call.json(body).send(server).await
}

#[tokio::test]
async fn reserved_names_are_refused() {
    let server = Server::start();
    for (target, faults) in [
        ("/v4/versions/latest/stable/v1.0.0", &["path /component"][..]),
        ("/v4/versions/deis-router/stable/%6Catest", &["path /version"]),
        ("/v4/versions/deis-router/stable/.", &["path /version"]),
        ("/v4/versions/deis-router/stable/..", &["path /version"]),
        ("/v4/versions/deis-router/stable/%2E%2e", &["path /version"]),
        ("/v4/versions/latest/stable/.", &["path /component", "path /version"]),
    ] {
        publish_at(&server, target, "{}").await.refusal().assert_faults(faults);
    }
    for fine in ["/v4/versions/latest-1/latest/latest-1", "/v4/versions/deis-router/stable/..."] {
        assert_eq!(publish_at(&server, fine, "{}").await.status, 201, "{fine}");
    }
}

#[tokio::test]
async fn segments_are_checked_once_decoded() {
    let server = Server::start();
    for segment in ["deis%2Frouter", "%00", "deis-router%0A", "%20", "caf%C3%A9", "%25", "%", "%FF", "%C3", "Deis"] {
        let answer = publish_at(&server, &format!("/v4/versions/{segment}/stable/v1.0.0"), "{}").await;
        assert_eq!(answer.status, 422, "{segment}");
        answer.refusal().assert_faults(&["path /component"]);
        let answer = Call::get(format!("/v4/versions/deis-router/stable/{segment}%20")).send(&server).await;
        answer.refusal().assert_faults(&["path /version"]);
    }
}

#[tokio::test]
async fn empty_segments_are_named() {
    let server = Server::start();
    for (target, place) in
        [("/v4/versions//stable/v1.0.0", "path /component"), ("/v4/versions/deis-router//v1.0.0", "path /train")]
    {
        // Too short, and no match for the pattern.
        publish_at(&server, target, "{}").await.refusal().assert_faults(&[place, place]);
    }
}

#[tokio::test]
async fn a_path_that_cannot_be_decoded_does_not_hide_other_faults() {
    let server = Server::start();
    let answer = publish_at(&server, "/v4/versions/%FF/Stable/v1.0.0?force", r#"{"image": 1}"#).await;
    answer.refusal().assert_faults(&["path /component", "path /train", "query /force", "body /image"]);
}
