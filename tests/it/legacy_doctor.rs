//! Doctor reports: who may read them.

use hyper::Method;
use hyper::header::AUTHORIZATION;
use serde_json::json;

use crate::support::{Answer, Call, Server, ServerOptions};

const REPORT: &str = "/v3/doctor/9d2f1c52-7f0e-4f0e-8a0b-0a6f6a2f7b11";

fn start(environment: &[(&str, &str)]) -> Server {
    let environment = environment.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    Server::start_with(ServerOptions { environment, ..ServerOptions::default() })
}

async fn send(server: &Server) {
    let report = json!({"nodes": [{"data": {"big": 12_345_678_901_234_567_890_u64, "text": "\u{0}"}}, null, {"data": null}], "namespaces": []});
    let answer = Call::new(Method::POST, REPORT).json(report.to_string()).send(server).await;
    assert_eq!((answer.status, answer.body.len()), (200, 0), "{answer:?}");
}

/// Reads the report as `doc` with the password `secret`.
async fn read(server: &Server) -> Answer {
    Call::get(REPORT).header(AUTHORIZATION, "Basic ZG9jOnNlY3JldA==").send(server).await
}

#[tokio::test]
async fn who_has_the_credentials_reads_what_was_sent() {
    for prefix in ["", "WORKFLOW_MANAGER_API_"] {
        let [user, pass] = ["USER", "PASS"].map(|name| format!("{prefix}DOCTOR_AUTH_{name}"));
        let server = start(&[(&user, "doc"), (&pass, "secret")]);
        assert_eq!(read(&server).await.value(404)["message"], "404 report not found");
        send(&server).await;
        let report = read(&server).await.value(200);
        assert_eq!(report["nodes"][0]["data"], json!({"big": 12_345_678_901_234_567_890_u64, "text": "\u{0}"}));
        assert_eq!(report["namespaces"], json!([]));
        let answer = Call::get(REPORT).send(&server).await;
        assert_eq!(answer.header("www-authenticate"), "Basic realm=\"stationmaster\"");
        assert_eq!(answer.value(401), json!({"code": 401, "message": "unauthenticated for invalid credentials"}));
        assert!(!server.log().contains("secret"), "{}", server.log());
    }
}

#[tokio::test]
async fn without_credentials_nobody_reads() {
    for environment in [&[][..], &[("DOCTOR_AUTH_USER", "doc")], &[("DOCTOR_AUTH_USER", ""), ("DOCTOR_AUTH_PASS", "")]]
    {
        let server = start(environment);
        send(&server).await;
        assert_eq!(read(&server).await.status, 401, "{environment:?}");
        let empty = Call::get(REPORT).header(AUTHORIZATION, "Basic Og==").send(&server).await;
        assert_eq!(empty.status, 401, "{environment:?}");
    }
}
