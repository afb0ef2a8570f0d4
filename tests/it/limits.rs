//! How much one caller may ask: of an address, behind proxies or not, and of a cluster; and from where versions are published.

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use hyper::Method;
use serde_json::json;
use uuid::Uuid;

use crate::support::{Answer, Call, Metrics, RawConnection, Server, cluster_token, eventually, program, run, token};

const CALLER: &str = "203.0.113.77";
const OTHER: &str = "198.51.100.7";

/// An address of this machine that stands out.
const ELSEWHERE: Ipv4Addr = Ipv4Addr::new(127, 77, 66, 55);

const LATEST: &str = "/v4/versions/deis-router/stable/latest";
const PUBLISHED: &str = "/v4/versions/deis-router/stable/v2.11.0";

/// How long a refusal is held back at least.
const HELD_BACK: Duration = Duration::from_millis(900);

async fn statuses(server: &Server, calls: usize, call: impl Fn() -> Call) -> Vec<u16> {
    let mut statuses = Vec::new();
    for _ in 0..calls {
        statuses.push(call().send(server).await.status);
    }
    statuses
}

fn check_in(id: Uuid) -> Call {
    let body = json!({"components": [{"component": "deis-router", "train": "stable", "version": "v2.3.0"}]});
    Call::new(Method::POST, format!("/v4/clusters/{id}/checkins")).json(body.to_string())
}

/// A check-in of v2 or v3.
fn old_check_in(target: &str, id: Uuid) -> Call {
    let component = json!({"component": {"name": "deis-router"}, "version": {"train": "stable", "version": "v2.3.0"}});
    Call::new(Method::POST, target).json(json!({"id": id, "components": [component]}).to_string())
}

fn publish(body: impl FnOnce(Call) -> Call) -> Call {
    body(Call::new(Method::POST, PUBLISHED).token(&token("versions:publish")))
}

/// After how long the caller of a refusal should come back, in seconds.
fn retry_after(answer: &Answer) -> u64 {
    answer.header("retry-after").parse().expect("seconds")
}

#[tokio::test]
async fn an_address_that_has_had_its_share_is_refused_and_others_are_not() {
    let server = Server::start_as(&["--limit-address", "1/h:3"]);
    let call = || Call::get(LATEST).forwarded_for(CALLER);
    assert_eq!(statuses(&server, 3, call).await, [404; 3]);
    let began = Instant::now();
    let answer = call().send(&server).await;
    assert!(began.elapsed() >= HELD_BACK, "{:?}", began.elapsed());
    assert!((3_500..=3_601).contains(&retry_after(&answer)), "{answer:?}");
    answer.refusal().assert_is(429, "too-many-requests");
    // Whatever it asks for: of v2 and v3, and what no document names.
    for target in ["/v3/clusters/count", "/ping", "/nowhere"] {
        let answer = Call::get(target).forwarded_for(CALLER).send(&server).await;
        assert!(retry_after(&answer) > 1);
        assert_eq!(answer.value(429)["code"], 429);
    }
    for probe in ["/livez", "/healthz", "/metrics"] {
        assert_eq!(Call::get(probe).forwarded_for(CALLER).send(&server).await.status, 200);
    }
    assert_eq!(statuses(&server, 3, || Call::get(LATEST).forwarded_for(OTHER)).await, [404; 3]);
    assert_eq!(statuses(&server, 10, || Call::get(LATEST)).await, [404; 10], "the proxy itself is not limited");

    let metrics = Metrics::of(&server).await;
    assert_eq!(metrics.value("stationmaster_http_refused_total{limit=\"address\"}"), 4.0);
    assert_eq!(server.log().matches("--limit-address allows").count(), 1, "{}", server.log());
    assert!(server.log().contains("--trusted-proxy"));
}

#[tokio::test]
async fn networks_of_ipv6_are_limited_as_one() {
    let server = Server::start_as(&["--limit-address", "1/h:1"]);
    let call = |address: &'static str| Call::get(LATEST).forwarded_for(address).send(&server);
    assert_eq!(call("2001:db8:1:2::3").await.status, 404);
    assert_eq!(call("2001:db8:1:2:ffff::4").await.status, 429);
    assert_eq!(call("2001:db8:1:3::3").await.status, 404);
}

#[tokio::test]
async fn only_trusted_proxies_say_for_whom_they_call() {
    let server = Server::start_as(&["--limit-address", "1/h:1", "--trusted-proxy", "127.0.0.1,10.0.0.0/8"]);
    // Who is not trusted is limited, whoever it says that it calls for.
    assert_eq!(Call::get(LATEST).from(ELSEWHERE).forwarded_for("192.0.2.1").send(&server).await.status, 404);
    assert_eq!(Call::get(LATEST).from(ELSEWHERE).forwarded_for("192.0.2.2").send(&server).await.status, 429);
    assert_eq!(Call::get(LATEST).forwarded_for("192.0.2.2, 10.1.2.3").send(&server).await.status, 404);
    assert_eq!(Call::get(LATEST).forwarded_for("192.0.2.9, 192.0.2.2").send(&server).await.status, 429);
    let server = Server::start_as(&["--limit-address", "1/h:1", "--trusted-proxy", "none"]);
    assert_eq!(Call::get(LATEST).forwarded_for("192.0.2.1").send(&server).await.status, 404);
    assert_eq!(Call::get(LATEST).forwarded_for("192.0.2.2").send(&server).await.status, 429);
}

#[tokio::test]
async fn limits_can_be_switched_off() {
    let server = Server::start_as(&["--limit-address", "off", "--limit-cluster", "off"]);
    let id = Uuid::new_v4();
    let answers = statuses(&server, 100, || check_in(id).token(&cluster_token(id)).forwarded_for(CALLER)).await;
    assert!(answers.iter().all(|status| [200, 201].contains(status)), "{answers:?}");
}

#[tokio::test]
async fn a_cluster_that_checks_in_too_often_is_refused_in_every_api() {
    let server = Server::start_as(&["--limit-cluster", "1/h:3"]);
    let (id, other) = (Uuid::new_v4(), Uuid::new_v4());
    assert_eq!(old_check_in("/v3/clusters", id).send(&server).await.status, 200);
    // The id in the path does not count there.
    assert_eq!(old_check_in(&format!("/v2/clusters/{other}"), id).send(&server).await.status, 200);
    assert_eq!(check_in(id).send(&server).await.status, 200);

    let began = Instant::now();
    let answer = check_in(id).send(&server).await;
    assert!(began.elapsed() >= HELD_BACK, "{:?}", began.elapsed());
    assert!(retry_after(&answer) > 3_000, "{answer:?}");
    answer.refusal().assert_is(429, "too-many-requests");
    for target in ["/v3/clusters", &format!("/v2/clusters/{other}")] {
        let answer = old_check_in(target, id).send(&server).await;
        assert!(retry_after(&answer) > 3_000);
        assert_eq!(answer.value(429)["code"], 429);
    }
    assert_eq!(check_in(other).send(&server).await.status, 201);
    assert_eq!(server.database().count("checkins"), 4, "those that were refused are not recorded");
    // Others cannot use up the share of the cluster itself.
    let with_token = || check_in(id).token(&cluster_token(id));
    assert_eq!(statuses(&server, 4, with_token).await, [200, 200, 200, 429]);
    assert_eq!(Metrics::of(&server).await.value("stationmaster_ingest_limited_total"), 4.0);
}

#[tokio::test]
async fn versions_are_published_from_certain_networks_alone() {
    let server =
        Server::start_as(&["--publish-from", "203.0.113.0/24", "--publish-from", "::1", "--legacy-publish", "open"]);
    // Before a byte of the body is there, and whether there is a token or not.
    let answer = publish(|call| call.withhold(100)).forwarded_for(OTHER).send(&server).await;
    answer.refusal().assert_is(403, "forbidden");
    Call::new(Method::POST, PUBLISHED).json("{}").send(&server).await.refusal().assert_is(403, "forbidden");
    for (method, target) in [(Method::PATCH, PUBLISHED.to_owned()), (Method::PUT, format!("{PUBLISHED}/yank"))] {
        let call = Call::new(method, target).token(&token("versions:publish")).forwarded_for(OTHER);
        call.json("{}").send(&server).await.refusal().assert_is(403, "forbidden");
    }
    let body = json!({"component": {"name": "deis-router"}, "version": {"released": "2017-02-22T21:41:28Z"}});
    let old = || Call::new(Method::POST, "/v3/versions/stable/deis-router/v2.10.0").json(body.to_string());
    assert_eq!(old().forwarded_for(OTHER).send(&server).await.value(403)["code"], 403);
    assert_eq!(server.database().count("versions"), 0);

    assert_eq!(publish(|call| call.json("{}")).forwarded_for(CALLER).send(&server).await.status, 201);
    assert_eq!(publish(|call| call.json("{}")).forwarded_for("::1").send(&server).await.status, 200);
    assert_eq!(old().forwarded_for(CALLER).send(&server).await.status, 200);
    // A token is needed there too, and everything else goes on everywhere.
    let call = Call::new(Method::POST, PUBLISHED).json("{}").forwarded_for(CALLER);
    assert_eq!(call.send(&server).await.status, 401);
    assert_eq!(Call::get(LATEST).forwarded_for(OTHER).send(&server).await.status, 200);
    assert_eq!(check_in(Uuid::new_v4()).forwarded_for(OTHER).send(&server).await.status, 201);
}

#[tokio::test]
async fn what_is_too_long_is_refused_as_such() {
    let server = Server::start();
    let long = |length: usize| format!("?{}", "x".repeat(length));
    Call::get(format!("{LATEST}{}", long(32_000)))
        .send(&server)
        .await
        .refusal()
        .assert_faults(&[format!("query /{}", "x".repeat(32_000))]);
    Call::get(format!("{LATEST}{}", long(32_800))).send(&server).await.refusal().assert_is(414, "uri-too-long");
    assert_eq!(Call::get(format!("/ping{}", long(32_800))).send(&server).await.value(414)["code"], 414);
    let with_header = |target: &str, length: usize| {
        Call::get(target).header("x-long".parse().expect("a name"), "x".repeat(length)).send(&server)
    };
    assert_eq!(with_header("/livez", 32_000).await.status, 200);
    with_header(LATEST, 33_000).await.refusal().assert_is(431, "headers-too-large");
    assert_eq!(with_header("/ping", 33_000).await.value(431)["code"], 431);
    // Those beyond what is read at all have no body.
    assert_eq!(with_header(LATEST, 100_000).await.status, 431);
    let many =
        (0..101).fold(Call::get("/livez"), |call, at| call.header(format!("x-{at}").parse().expect("a name"), "x"));
    assert_eq!(many.send(&server).await.status, 431);
    assert_eq!(Call::get(format!("/{}", "x".repeat(40_000))).send(&server).await.status, 414);
    let longest = server.log().lines().map(str::len).max();
    assert!(longest < Some(2_000), "no request fills the log: {longest:?}");
}

#[tokio::test]
async fn connections_are_bounded_in_all_and_for_each_address() {
    let arguments = ["--trusted-proxy", "127.0.0.1", "--max-connections", "20", "--max-connections-per-address", "12"];
    let server = Server::start_as(&arguments);
    let live = "GET /livez HTTP/1.1\r\nhost: test\r\n\r\n";
    let connect = async |address: Ipv4Addr, count: usize| {
        let mut open = Vec::new();
        for _ in 0..count {
            let mut connection = RawConnection::open_from(&server, address).await.expect("connect");
            connection.send(live);
            match connection.try_status() {
                Some(status) => {
                    assert_eq!(status, 200);
                    open.push(connection);
                }
                None => break,
            }
        }
        open
    };
    let one = connect(ELSEWHERE, 20).await;
    assert_eq!(one.len(), 12);
    let another = connect(Ipv4Addr::new(127, 0, 0, 2), 20).await;
    assert_eq!(another.len(), 6, "a tenth is kept");
    assert_eq!(Call::get("/healthz").send(&server).await.status, 200);
    let metrics = Metrics::of(&server).await;
    assert_eq!(metrics.value("stationmaster_http_refused_total{limit=\"address_connections\"}"), 1.0);
    assert_eq!(metrics.value("stationmaster_http_refused_total{limit=\"connections\"}"), 1.0);
    assert!(metrics.value("stationmaster_http_connections") >= 19.0);
    drop(one);
    eventually("they have gone", async || Metrics::of(&server).await.value("stationmaster_http_connections") < 9.0)
        .await;
    assert_eq!(connect(Ipv4Addr::new(127, 0, 0, 2), 20).await.len(), 6, "of its own share");
}

#[test]
fn settings_that_cannot_be_are_refused_with_what_to_do() {
    for (arguments, said) in [
        (["--limit-address", "fast"], "such as 1000/s"),
        (["--limit-cluster", "0/s"], "off for no limit"),
        (["--trusted-proxy", "10.0.0.0/33"], "10.1.0.0/16"),
        (["--publish-from", "office"], "10.1.0.0/16"),
        (["--publish-from", ""], "10.1.0.0/16"),
        (["--max-connections", "1"], "10..=1000000"),
    ] {
        let complaint = run(program().arg("serve").args(arguments)).complaint(2);
        assert!(complaint.contains(said) && complaint.contains(arguments[0]), "{complaint}");
    }
    for (arguments, said) in [
        (["--trusted-proxy", "none,10.0.0.1"], "--trusted-proxy none excludes all others"),
        (["--tls-cert", "cert.pem"], "https needs both --tls-cert and --tls-key"),
        (["--tls-key", "key.pem"], "https needs both --tls-cert and --tls-key"),
    ] {
        let complaint = run(program().args(["serve", "--listen", "127.0.0.1:0"]).args(arguments)).complaint(1);
        assert!(complaint.contains(said), "{complaint}");
    }
}
