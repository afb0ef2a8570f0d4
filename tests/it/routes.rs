//! Methods and paths that no operation has.

use hyper::Method;

use crate::support::{Call, Server};

#[tokio::test]
async fn head_is_get_without_the_body() {
    let server = Server::start();
    for target in ["/", "/livez", "/v4/versions", "/openapi.yaml", "/docs/", "/v4/versions/nobody-knows"] {
        let got = Call::get(target).send(&server).await;
        let head = Call::new(Method::HEAD, target).send(&server).await;
        assert_eq!(head.status, got.status, "{target}");
        assert_eq!(head.header("content-type"), got.header("content-type"), "{target}");
        assert_eq!(head.header("content-length"), got.body.len().to_string(), "{target}");
        assert!(head.body.is_empty(), "{target}");
    }
}

#[tokio::test]
async fn there_is_nothing_at_other_paths() {
    let server = Server::start();
    for target in ["/v4", "/v4/", "/v4/clusters", "/v4/versions/", "/v4/versions/a/b/c/d/e"] {
        for method in [Method::GET, Method::POST, Method::DELETE] {
            let answer = Call::new(method.clone(), target).send(&server).await;
            assert_eq!(answer.status, 404, "{method} {target}");
            answer.refusal().assert_is(404, "not-found");
        }
    }
    // Elsewhere as the service answered that v2 and v3 stand in for.
    for target in ["/livez/", "//livez", "/LIVEZ", "/v3/versions", "/v44"] {
        for method in [Method::GET, Method::POST, Method::DELETE] {
            let answer = Call::new(method, target).send(&server).await;
            let message = format!("path {target} was not found");
            assert_eq!(answer.value(404), serde_json::json!({"code": 404, "message": message}));
        }
    }
}

#[tokio::test]
async fn a_method_that_a_path_lacks_is_refused_with_those_it_has() {
    let server = Server::start();
    for (method, target, allowed) in [
        (Method::DELETE, "/livez", "GET,HEAD"),
        (Method::POST, "/openapi.yaml", "GET,HEAD"),
        (Method::PUT, "/docs/", "GET,HEAD"),
        (Method::POST, "/", "GET,HEAD"),
        (Method::DELETE, "/assets/any.js", "GET,HEAD"),
        (Method::POST, "/v4/clusters/age", "GET,HEAD"),
        (Method::GET, "/v4/versions/latest", "POST"),
        (Method::PUT, "/v4/clusters/5f3c8f9e-6a0b-4d2a-9d1e-2b7c4e8f1a35/checkins", "POST"),
        (Method::POST, "/v4/clusters/5f3c8f9e-6a0b-4d2a-9d1e-2b7c4e8f1a35", "DELETE,GET,HEAD"),
        (Method::DELETE, "/v4/versions/a/stable/1", "GET,HEAD,PATCH,POST"),
        (Method::GET, "/v4/versions/a/stable/1/yank", "DELETE,PUT"),
        (Method::TRACE, "/v4/versions", "GET,HEAD"),
    ] {
        let refusal = Call::new(method, target).send(&server).await.refusal();
        refusal.assert_is(405, "method-not-allowed");
        let mut methods: Vec<_> = refusal.header("allow").split(',').map(str::trim).collect();
        methods.sort_unstable();
        assert_eq!(methods.join(","), allowed, "{target}");
    }
}
