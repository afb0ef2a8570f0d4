//! Every fault of a request is named, with where it is.

use hyper::Method;
use hyper::header::IF_MATCH;
use serde_json::{Value, json};

use crate::support::{Answer, Call, Server, token};

const PATH: &str = "/v4/versions/deis-router/stable/v2.11.0";

/// The most faults that an answer lists.
const MOST: usize = 100;

async fn send(server: &Server, method: Method, target: &str, body: impl Into<String>) -> Answer {
    let call = Call::new(method, target).token(&token("versions:publish"));
    call.json(body.into()).send(server).await
}

/// Publishes a version that is new, with this body.
async fn publish_text(server: &Server, body: impl Into<String>) -> Answer {
    send(server, Method::POST, PATH, body).await
}

/// Publishes, and is refused for exactly these faults.
async fn assert_publish_faults(server: &Server, body: Value, faults: &[&str]) {
    publish_text(server, body.to_string()).await.refusal().assert_faults(faults);
}

#[tokio::test]
async fn faults_of_the_path_the_query_the_headers_and_the_body_are_all_named() {
    let server = Server::start();
    let target = "/v4/versions/Deis/-/v%2F1?force&dry_run=1&force=2";
    let call = Call::new(Method::PATCH, target).token(&token("versions:publish"));
    let call = call.header(IF_MATCH, "x".repeat(1_025));
    let body = json!({"description": 1, "fixes": "\0", "image": "i".repeat(1_001), "metadata": [], "released": "now"});
    call.json(body.to_string()).send(&server).await.refusal().assert_faults(&[
        "path /component",
        "path /train",
        "path /version",
        "query /dry_run",
        "query /force",
        "query /force",
        "header /If-Match",
        "body /description",
        "body /fixes",
        "body /image",
        "body /metadata",
        "body /released",
    ]);
}

#[tokio::test]
async fn faults_that_no_schema_shows_are_all_named() {
    let server = Server::start();
    let metadata = json!({"large": "x".repeat(16_384), "nul": "\0"});
    let body = json!({"released": "9999-12-31T23:59:59-01:00", "metadata": metadata});
    let answer = send(&server, Method::POST, "/v4/versions/latest/stable/..", body.to_string()).await;
    answer.refusal().assert_faults(&[
        "path /component",
        "path /version",
        "body /released",
        "body /metadata",
        "body /metadata/nul",
    ]);
    let target = "/v4/versions/deis-router/stable?matching=nonsense&cursor=garbage";
    Call::get(target).send(&server).await.refusal().assert_faults(&["query /matching", "query /cursor"]);
}

#[tokio::test]
async fn faults_that_no_schema_shows_are_named_once_the_schemas_hold() {
    let server = Server::start();
    let metadata = json!({"large": "x".repeat(16_384), "nul": "\0"});
    let body = json!({"description": 1, "metadata": metadata});
    let answer = send(&server, Method::POST, "/v4/versions/latest/stable/v1.0.0?force", body.to_string()).await;
    answer.refusal().assert_faults(&["query /force", "body /description"]);
    let target = "/v4/versions/deis-router/stable?matching=nonsense&cursor=garbage&limit=0";
    Call::get(target).send(&server).await.refusal().assert_faults(&["query /limit"]);
}

#[tokio::test]
async fn values_of_the_wrong_type_are_named() {
    let server = Server::start();
    for wrong in [json!(1), json!(true), json!([]), json!({}), json!(null)] {
        let texts = json!({"released": wrong, "description": wrong, "fixes": wrong, "image": wrong});
        let expected = ["body /released", "body /description", "body /fixes", "body /image"];
        assert_publish_faults(&server, texts, &expected).await;
    }
    for wrong in [json!(1), json!(true), json!([]), json!("{}"), json!(null)] {
        assert_publish_faults(&server, json!({"metadata": wrong}), &["body /metadata"]).await;
    }
    // A list of a property's values is not an object with them.
    let components = json!({"components": [["a", "t"], {"component": "a", "train": "t"}, "a", []]}).to_string();
    let answer = send(&server, Method::POST, "/v4/versions/latest", components).await;
    answer.refusal().assert_faults(&["body /components/0", "body /components/2", "body /components/3"]);
}

#[tokio::test]
async fn texts_have_bounds() {
    let server = Server::start();
    let of = |length: usize| "é".repeat(length);
    let body = json!({"description": of(10_001), "fixes": of(10_001), "image": of(1_001)});
    assert_publish_faults(&server, body, &["body /description", "body /fixes", "body /image"]).await;
    let target = format!("{PATH}/yank");
    for (reason, expected) in
        [(json!(""), "body /reason"), (json!(of(1_001)), "body /reason"), (json!(null), "body /reason")]
    {
        let answer = send(&server, Method::PUT, &target, json!({ "reason": reason }).to_string()).await;
        answer.refusal().assert_faults(&[expected]);
    }
    send(&server, Method::PUT, &target, "{}").await.refusal().assert_faults(&["body /reason"]);
}

#[tokio::test]
async fn texts_without_which_postgres_could_not_store_them_are_named() {
    let server = Server::start();
    let body = json!({"description": "\0", "fixes": "a\0", "image": "\0b"});
    assert_publish_faults(&server, body, &["body /description", "body /fixes", "body /image"]).await;
    let metadata = json!({"nul\0": 1, "deep": {"a/b": ["fine", "\0"], "~\0": {}}, "fine": "\u{1}"});
    let expected = ["body /metadata/nul\0", "body /metadata/deep/a~1b/1", "body /metadata/deep/~0\0"];
    assert_publish_faults(&server, json!({ "metadata": metadata }), &expected).await;
    let answer = send(&server, Method::PUT, &format!("{PATH}/yank"), r#"{"reason": "\u0000"}"#).await;
    answer.refusal().assert_faults(&["body /reason"]);
}

#[tokio::test]
async fn instants_are_those_of_rfc_3339_in_years_of_four_digits() {
    let server = Server::start();
    for text in [
        "",
        "now",
        "1487799688",
        "2017-02-22",
        "2017-02-22T21:41:28",
        "2017-02-22 21:41:28Z",
        "2017-02-22T21:41:28+0100",
        "2017-02-22T21:41:28 Z",
        " 2017-02-22T21:41:28Z",
        "2017-2-22T21:41:28Z",
        "2017-02-29T21:41:28Z",
        "2017-02-22T24:00:00Z",
        "2017-02-22T21:41Z",
        "+12017-02-22T21:41:28Z",
        "-0001-02-22T21:41:28Z",
        "9999-12-31T23:59:59-00:01",
        "0000-01-01T00:00:00+00:01",
    ] {
        let answer = publish_text(&server, json!({ "released": text }).to_string()).await;
        assert_eq!(answer.status, 422, "{text:?}");
        answer.refusal().assert_faults(&["body /released"]);
    }
    for (at, (text, instant)) in [
        ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.999999Z"),
        ("2017-02-22T21:41:28-12:30", "2017-02-23T10:11:28Z"),
        // A leap second is the first of the next minute.
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
    ]
    .into_iter()
    .enumerate()
    {
        let target = format!("/v4/versions/deis-router/stable/v1.0.{at}");
        let answer = send(&server, Method::POST, &target, json!({ "released": text }).to_string()).await;
        assert_eq!(answer.value(201)["released"], instant, "{text}");
    }
}

#[tokio::test]
async fn metadata_may_have_16_kibibytes_as_compact_json() {
    let server = Server::start();
    let mut most = json!({"text": "é".repeat(8_000), "ascii": ""});
    most["ascii"] = json!("x".repeat(16_384 - most.to_string().len()));
    assert_eq!(most.to_string().len(), 16_384);
    // White space is not counted.
    let spaced = serde_json::to_string_pretty(&json!({ "metadata": most })).expect("JSON");
    let published = publish_text(&server, spaced).await.value(201);
    assert_eq!(published["metadata"], most);
    most["ascii"] = json!(most["ascii"].as_str().expect("a text").to_owned() + "x");
    assert_publish_faults(&server, json!({ "metadata": most }), &["body /metadata"]).await;
    let call = Call::new(Method::PATCH, PATH).token(&token("versions:publish")).header(IF_MATCH, "*");
    let answer = call.json(json!({ "metadata": most }).to_string()).send(&server).await;
    answer.refusal().assert_faults(&["body /metadata"]);
}

#[tokio::test]
async fn numbers_that_cannot_be_kept_are_not_json_that_can_be_read() {
    let server = Server::start();
    for number in ["1e400", "-1e400", "1e99999999999999999999"] {
        let answer = publish_text(&server, format!(r#"{{"metadata": {{"n": {number}}}}}"#)).await;
        answer.refusal().assert_is(400, "not-json");
    }
}

#[tokio::test]
async fn a_property_that_comes_twice_is_named() {
    let server = Server::start();
    let answer = publish_text(&server, r#"{"image": "i", "description": "one", "description": "two"}"#).await;
    answer.refusal().assert_faults(&["body /description"]);
    let components =
        r#"{"components": [{"component": "a", "train": "t"}, {"component": "a", "train": "t", "train": "t"}]}"#;
    let answer = Call::new(Method::POST, "/v4/versions/latest").json(components).send(&server).await;
    answer.refusal().assert_faults(&["body /components/1/train"]);
}

#[tokio::test]
async fn a_query_parameter_that_comes_twice_is_named() {
    let server = Server::start();
    let answer = Call::get("/v4/versions?limit=1&limit=1").send(&server).await;
    answer.refusal().assert_faults(&["query /limit"]);
}

#[tokio::test]
async fn of_many_faults_a_hundred_are_listed() {
    let server = Server::start();
    let unknown = |count: usize| -> Value {
        (0..count).map(|at| (format!("p{at}"), json!(1))).collect::<serde_json::Map<_, _>>().into()
    };
    let components = |count: usize| json!({"components": vec![json!({"component": "A", "train": "t"}); count]});
    for (answer, expected) in [
        (publish_text(&server, unknown(99).to_string()).await, 99),
        (publish_text(&server, unknown(200).to_string()).await, MOST),
        (send(&server, Method::POST, "/v4/versions/A/B/v?c", unknown(98).to_string()).await, MOST),
        (send(&server, Method::POST, "/v4/versions/latest", components(200).to_string()).await, MOST),
        (publish_text(&server, json!({"metadata": {"nul": vec!["\0"; 200]}}).to_string()).await, MOST),
    ] {
        assert_eq!(answer.status, 422, "{answer:?}");
        assert_eq!(answer.refusal().faults().len(), expected);
    }
}
