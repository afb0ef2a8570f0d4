//! Which limits and cursors the lists of versions accept.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::support::{Call, Operation, Server, publish, publish_all};

#[tokio::test]
async fn limits_have_bounds() {
    let server = Server::start();
    publish(&server.admin(), ("deis-router", "stable", "v2.11.0")).await;
    for operation in paged() {
        let target = operation.target(&Default::default());
        for good in ["1", "500"] {
            assert_eq!(Call::get(format!("{target}?limit={good}")).send(&server).await.status, 200);
        }
        for bad in ["0", "501", "-1", "2147483648", "18446744073709551616", "1.5", "ten", ""] {
            let answer = Call::get(format!("{target}?limit={bad}")).send(&server).await;
            answer.refusal().assert_faults(&["query /limit"]);
        }
    }
}

#[tokio::test]
async fn a_cursor_that_no_list_gave_out_is_refused() {
    let server = Server::start();
    publish(&server.admin(), ("deis-router", "stable", "v2.11.0")).await;
    let encoded = |json: &str| URL_SAFE_NO_PAD.encode(json);
    let cursors = [
        String::new(),
        "garbage".to_owned(),
        "%FF".to_owned(),
        "%00".to_owned(),
        "A".repeat(1_024),
        "A".repeat(1_025),
        encoded(""),
        encoded("null"),
        encoded("{}"),
        encoded("[]"),
        encoded("1"),
        encoded("[[1],\"2017-02-22T21:41:28Z\"]"),
        encoded("[[256],\"2017-02-22T21:41:28Z\",\"v1\"]"),
        // Shaped like real ones, with what Postgres cannot hold.
        encoded("\"\\u0000\""),
        encoded("[[1],\"2017-02-22T21:41:28Z\",\"\\u0000\"]"),
        encoded("[[1],\"-200000-01-01T00:00:00Z\",\"v1\"]"),
    ];
    for operation in paged() {
        let target = operation.target(&Default::default());
        for cursor in &cursors {
            let answer = Call::get(format!("{target}?cursor={cursor}")).send(&server).await;
            answer.refusal().assert_faults(&["query /cursor"]);
        }
    }
}

#[tokio::test]
async fn a_cursor_of_another_list_is_refused() {
    let server = Server::start();
    for component in ["a", "c"] {
        for train in ["s", "t"] {
            publish_all(&server.admin(), (component, train), &["v1.0.0", "v1.1.0"]).await;
        }
    }
    let lists = [
        "/v4/versions",
        "/v4/versions/a",
        "/v4/versions/c",
        "/v4/versions/a/t",
        "/v4/versions/c/s",
        "/v4/versions/c/t",
    ];
    for source in lists {
        let first = Call::get(format!("{source}?limit=1")).send(&server).await.value(200);
        let cursor = first["next_cursor"].as_str().expect("there is another page");
        for list in lists {
            let answer = Call::get(format!("{list}?limit=1&cursor={cursor}")).send(&server).await;
            if list == source {
                let page = answer.value(200);
                assert_eq!(page["data"].as_array().map(Vec::len), Some(1), "{list}");
            } else {
                assert_eq!(answer.status, 422, "the cursor of {source} at {list}");
                answer.refusal().assert_faults(&["query /cursor"]);
            }
        }
    }
}

/// The lists of this file.
fn paged() -> Vec<Operation> {
    let mut operations = Operation::all();
    operations
        .retain(|operation| operation.scopes.is_none() && operation.parameters("query").any(|it| it.name == "cursor"));
    assert_eq!(operations.len(), 3);
    operations
}
