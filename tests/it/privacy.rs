//! What must be found nowhere: who the clusters are, and what is secret.

use std::net::Ipv4Addr;

use hyper::Method;
use hyper::header::{HeaderName, USER_AGENT};
use serde_json::json;
use tempfile::TempDir;
use uuid::Uuid;

use crate::support::{
    Call, Database, Https, ISSUER_KEY, RawConnection, Server, ServerOptions, cluster_token, eventually, program, run,
    token,
};

/// What a request shows of the one who sends it.
const USER_AGENT_SENT: &str = "lighthouse-agent/7.3";
const HOST_NAME: &str = "harbour-wall.example.net";
const ADDRESS: &str = "127.0.0.1";
const FORWARDED: &str = "203.0.113.77";

/// An address of this machine that stands out.
const PEER: Ipv4Addr = Ipv4Addr::new(127, 77, 66, 55);

const SCOPES: &str = "versions:publish clusters:read clusters:write audit:read";

/// A server that logs all it can.
fn talkative_server(database: Option<Database>) -> Server {
    Server::start_with(ServerOptions {
        database,
        arguments: vec!["--log".into(), "trace".into()],
        ..ServerOptions::default()
    })
}

/// A call from a host that gives itself away in every header that could.
fn revealing(call: Call) -> Call {
    let names = ["x-forwarded-for", "x-real-ip", "forwarded", "via", "from", "referer", "x-host"];
    names.into_iter().fold(call.header(USER_AGENT, USER_AGENT_SENT), |call, name| {
        let name = HeaderName::from_static(name);
        call.header(name, format!("for={FORWARDED};host={HOST_NAME}"))
    })
}

#[tokio::test]
async fn a_cluster_s_address_agent_and_host_are_neither_stored_nor_logged() {
    let server = talkative_server(None);
    let id = Uuid::new_v4().to_string();
    let target = format!("/v4/clusters/{id}/checkins");
    let component = json!({"component": "deis-router", "train": "stable", "version": "v2.3.0"});
    let own = cluster_token(id.parse().expect("a UUID"));
    let calls = [
        (json!({"components": [component], "labels": ["staff"]}), 201),
        (json!({"components": [component]}), 200),
        (json!({"components": [component], "hostname": HOST_NAME}), 422),
        (json!({"components": [component], "labels": [USER_AGENT_SENT]}), 422),
    ];
    for (body, status) in calls {
        let call = revealing(Call::new(Method::POST, &target)).token(&own).json(body.to_string());
        assert_eq!(call.send(&server).await.status, status, "{body}");
    }
    assert_eq!(revealing(Call::get("/nowhere")).send(&server).await.status, 404);

    let stored = server.database().everything();
    let log = server.log();
    assert!(stored.contains(&id) && stored.contains("deis-router"), "{stored}");
    assert!(log.contains(&target), "{log}");
    for revealed in [USER_AGENT_SENT, HOST_NAME, FORWARDED, ADDRESS] {
        assert!(!stored.contains(revealed), "{revealed} in {stored}");
        assert!(!log.contains(revealed), "{revealed} in {log}");
    }
}

/// Whatever a caller does, and however the server turns it away.
#[tokio::test]
async fn addresses_are_nowhere_whatever_their_callers_do() {
    let directory = TempDir::new().expect("a directory");
    let access_log = directory.path().join("access.log");
    let path = access_log.to_str().expect("a path of ASCII");
    let limits = ["--limit-address", "1/h:4", "--limit-cluster", "1/h:1", "--publish-from", "192.0.2.0/24"];
    let bounds = ["--trusted-proxy", "127.0.0.1", "--max-connections-per-address", "8", "--access-log", path];
    let server = Server::start_as(&[&limits[..], &bounds].concat());

    let body = json!({"components": [{"component": "deis-router", "train": "stable", "version": "v2.3.0"}]});
    let check_in = Call::new(Method::POST, format!("/v4/clusters/{}/checkins", Uuid::new_v4())).json(body.to_string());
    let publish = Call::new(Method::POST, "/v4/versions/a/b/1").token(&token(SCOPES)).json("{}");
    let calls = [
        (check_in.clone(), 201),
        (check_in, 429),
        (publish, 403),
        (Call::get("/v4/versions?nonsense"), 422),
        (Call::get("/v4/versions"), 429),
        (Call::get("/ping"), 429),
        (Call::get(format!("/v4/{}", "x".repeat(33_000))), 414),
    ];
    let proxied = |call: Call| call.forwarded_for(FORWARDED);
    for (call, status) in &calls {
        assert_eq!(proxied(call.clone()).send(&server).await.status, *status);
    }
    for (call, _) in &calls {
        call.clone().from(PEER).send(&server).await;
    }
    let mut open = Vec::new();
    for _ in 0..12 {
        open.push(RawConnection::open_from(&server, PEER).await.expect("connect"));
    }
    open[0].send("nonsense\r\n\r\n");
    eventually("the bound on connections is met", async || server.log().contains("--max-connections-per-address"))
        .await;
    let https = Https::start();
    let mut plain = RawConnection::open_at(https.address(), PEER).await.expect("connect");
    plain.send("GET / HTTP/1.1\r\n\r\n");
    assert!(!plain.rest().starts_with(b"HTTP"));

    assert!(server.log().contains("--limit-address allows"), "{}", server.log());
    let lines = || std::fs::read_to_string(&access_log).expect("the access log");
    eventually("every line is written", async || lines().matches(" 429 ").count() >= 6).await;
    let everything = [server.database().everything(), server.log(), lines(), https.log()].concat();
    assert!(everything.contains("deis-router"));
    for address in [FORWARDED, &PEER.to_string()] {
        assert!(!everything.contains(address), "{address} in {everything}");
    }
}

#[tokio::test]
async fn secrets_are_never_logged() {
    const PASSWORD: &str = "correct-horse-battery";
    let mut database = Database::new();
    // Its Postgres trusts whoever reaches it, with any password.
    database.url = database.url.replacen('@', &format!(":{PASSWORD}@"), 1);
    assert!(database.url.contains(PASSWORD));
    let server = talkative_server(Some(database));

    let good = token(SCOPES);
    let bad = format!("{}x", token("clusters:read"));
    for (token, status) in [(&good, 200), (&bad, 401)] {
        let call = Call::get("/v4/clusters/age").token(token);
        assert_eq!(call.send(&server).await.status, status);
    }
    // In trouble most is said.
    server.database().close();
    let call = Call::get("/v4/clusters/age").token(&good);
    assert_eq!(call.send(&server).await.status, 503);
    server.database().open();
    eventually("the server is healthy", async || Call::get("/healthz").send(&server).await.status == 200).await;

    let log = server.log();
    assert!(log.contains("/v4/clusters/age"), "{log}");
    let signature = |token: &str| token.rsplit('.').next().expect("three parts").to_owned();
    for secret in [ISSUER_KEY, PASSWORD, &signature(&good), &signature(&bad)] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}

#[test]
fn a_database_url_that_cannot_be_read_is_refused_without_its_password() {
    // What has a meaning in a URL and should have been percent-encoded.
    for password in ["correct%horse", "correct horse", "correct/horse", "correct@horse"] {
        let url = format!("postgres://user:{password}@127.0.0.1:1/name");
        let said = run(program().arg("migrate").env("DATABASE_URL", url)).complaint(1);
        assert!(said.contains("DATABASE_URL"), "{said}");
        assert!(!said.contains("correct") && !said.contains("horse"), "{said}");
    }
}
