//! How issuers are asked for their keys: rarely, one question at a time, and whatever they answer.

use std::sync::Arc;
use std::time::Duration;

use hyper::Method;
use hyper::header::AUTHORIZATION;
use serde_json::{Value, json};
use stationmaster::auth::{Bearer, Caller, Issuers, Patience};
use stationmaster::domain::publisher::Publisher;
use stationmaster::wire::Rejection;
use tokio::task::JoinSet;

use crate::support::{
    Answer, Call, LocalIssuer, Manner, Server, ServerOptions, SigningKey, add_publisher, eventually, github, within,
};

/// What a question for keys asks for.
const ONCE: [&str; 2] = ["/.well-known/openid-configuration", "/keys?now"];

/// More than the five seconds that an issuer gets, and less than a slow one takes.
const SOON: Duration = Duration::from_secs(25);

const HOUR: Duration = Duration::from_secs(3_600);

/// A publisher's server, as a service would have it that keeps to this patience.
struct Asker {
    issuers: Issuers,
    issuer: LocalIssuer,
}

impl Asker {
    fn new(issuer: &LocalIssuer, patience: Patience) -> Self {
        Self { issuers: Issuers::new(patience), issuer: issuer.clone() }
    }

    async fn authorize(&self, key: &SigningKey) -> Result<Caller, Rejection> {
        let token = key.sign(&github(&self.issuer, "deis/router", "v1"));
        let request = hyper::Request::builder().header(AUTHORIZATION, format!("Bearer {token}"));
        let (head, ()) = request.body(()).expect("a request").into_parts();
        let publishers = [Publisher {
            issuer: self.issuer.url.clone(),
            audience: "stationmaster".into(),
            claims: [("repository".into(), "deis/router".into())].into(),
            components: vec!["*".into()],
            trains: vec!["*".into()],
        }];
        let resource = [("component".into(), "deis-router".into()), ("train".into(), "stable".into())];
        match Bearer::of(&head.headers)? {
            Bearer::Issued(token) => {
                self.issuers.authorize(&token, &publishers, &head, &resource, &["versions:publish"]).await
            }
            Bearer::Own(token) => panic!("{token:?} has an issuer"),
        }
    }

    async fn is_refused(&self, key: &SigningKey) {
        let refusal = self.authorize(key).await;
        assert!(matches!(refusal, Err(Rejection::Unauthorized { .. })), "{refusal:?}");
    }

    async fn is_unavailable(&self, key: &SigningKey) {
        let refusal = self.authorize(key).await;
        let Err(Rejection::Unavailable { retry_after, detail }) = &refusal else { panic!("{refusal:?}") };
        assert!(*retry_after >= 1 && detail.contains("issuer"), "{refusal:?}");
    }
}

/// A server with a publisher of this issuer.
fn server_for(issuer: &LocalIssuer, environment: Vec<(String, String)>) -> Server {
    let server = Server::start_with(ServerOptions { environment, ..ServerOptions::default() });
    add_publisher(server.database(), &issuer.url, &["--claim", "repository=deis/router", "--component", "*"]);
    server
}

async fn publish(server: &Server, token: &str) -> Answer {
    let call = Call::new(Method::POST, "/v4/versions/deis-router/stable/v1").json("{}");
    call.token(token).send(server).await
}

#[tokio::test]
async fn the_caller_is_whom_the_issuer_says() {
    let key = SigningKey::rsa("1");
    let issuer = LocalIssuer::start(&[&key]);
    let caller = Asker::new(&issuer, Patience::default()).authorize(&key).await.expect("a caller");
    assert_eq!(caller.subject, "repo:deis/router:ref:refs/tags/v1");
    assert_eq!(caller.issuer, issuer.url);
}

#[tokio::test]
async fn many_jobs_at_once_cost_one_question() {
    let key = SigningKey::rsa("1");
    let issuer = LocalIssuer::start(&[&key]);
    let server = Arc::new(server_for(&issuer, Vec::new()));
    let mut jobs = JoinSet::new();
    for _ in 0..16 {
        let (server, token) = (server.clone(), key.sign(&github(&issuer, "deis/router", "v1")));
        jobs.spawn(async move { publish(&server, &token).await.status });
    }
    let statuses = jobs.join_all().await;
    assert!(statuses.iter().all(|status| [200, 201].contains(status)), "{statuses:?}");
    assert_eq!(issuer.asked(), ONCE);
}

#[tokio::test]
async fn keys_that_nobody_knows_cost_no_further_question_for_a_while() {
    let (key, new) = (SigningKey::rsa("1"), SigningKey::es("2"));
    let issuer = LocalIssuer::start(&[&key]);
    let server = server_for(&issuer, Vec::new());
    let claims = github(&issuer, "deis/router", "v1");
    publish(&server, &key.sign(&claims)).await.value(201);
    assert_eq!(issuer.asked(), ONCE);
    issuer.has(&[&key, &new]);
    for _ in 0..5 {
        publish(&server, &new.sign(&claims)).await.refusal().assert_is(401, "unauthorized");
    }
    publish(&server, &key.sign(&claims)).await.value(200);
    assert_eq!(issuer.asked(), [""; 0]);
}

#[tokio::test]
async fn a_new_key_is_found_as_soon_as_the_issuer_may_be_asked() {
    let (key, new) = (SigningKey::rsa("1"), SigningKey::es("2"));
    let issuer = LocalIssuer::start(&[&key]);
    let patience = Patience { fresh: HOUR, stale: HOUR, pause: Duration::ZERO };
    let asker = Asker::new(&issuer, patience);
    asker.authorize(&key).await.expect("a good token");
    asker.is_refused(&new).await;
    assert_eq!(issuer.asked(), [ONCE, ONCE].concat());
    issuer.has(&[&key, &new]);
    asker.authorize(&new).await.expect("a good token");
    assert_eq!(issuer.asked(), ONCE);
    asker.authorize(&new).await.expect("a good token");
    asker.authorize(&key).await.expect("a good token");
    assert_eq!(issuer.asked(), [""; 0], "fresh keys are known");
    // The new one has come in place of the old one.
    issuer.has(&[&new]);
    asker.is_refused(&SigningKey::ed("3")).await;
    asker.is_refused(&key).await;
    asker.authorize(&new).await.expect("a good token");
}

#[tokio::test]
async fn what_the_issuer_withdraws_counts_no_more_once_it_is_asked_again() {
    let key = SigningKey::ed("1");
    let issuer = LocalIssuer::start(&[&key]);
    let asker = Asker::new(&issuer, Patience { fresh: Duration::ZERO, stale: HOUR, pause: Duration::ZERO });
    asker.authorize(&key).await.expect("a good token");
    issuer.has(&[]);
    asker.is_refused(&key).await;
}

#[tokio::test]
async fn while_an_issuer_is_down_what_it_told_goes_on_counting() {
    let (key, other) = (SigningKey::ed("1"), SigningKey::es("2"));
    let issuer = LocalIssuer::start(&[&key]);
    let patience = Patience { fresh: Duration::ZERO, stale: HOUR, pause: Duration::ZERO };
    let asker = Asker::new(&issuer, patience);
    asker.authorize(&key).await.expect("a good token");
    issuer.answers(Manner::Down);
    asker.authorize(&key).await.expect("a good token");
    // It may be a new one.
    asker.is_unavailable(&other).await;
    issuer.answers(Manner::Well);
    asker.is_refused(&other).await;

    let asker = Asker::new(&issuer, Patience { stale: Duration::ZERO, ..patience });
    issuer.answers(Manner::Down);
    asker.is_unavailable(&key).await;
}

#[tokio::test]
async fn while_nothing_is_known_of_an_issuer_that_is_down_jobs_are_told_to_come_again() {
    let key = SigningKey::rsa("1");
    let issuer = LocalIssuer::start(&[&key]);
    let server = server_for(&issuer, Vec::new());
    issuer.answers(Manner::Down);
    let token = key.sign(&github(&issuer, "deis/router", "v1"));
    for _ in 0..3 {
        let refusal = publish(&server, &token).await.refusal();
        refusal.assert_unavailable();
        assert!(refusal.problem.detail.contains("its issuer cannot be asked for its keys"), "{refusal:?}");
    }
    let body = json!({"component": {}, "version": {"released": "2016-06-01T10:00:00Z"}});
    let call = Call::new(Method::POST, "/v3/versions/stable/deis-router/v1").json(body.to_string());
    let answer = call.token(&token).send(&server).await;
    assert!(answer.header("retry-after").parse::<u32>().is_ok_and(|seconds| (1..=31).contains(&seconds)), "{answer:?}");
    assert_eq!(answer.value(503)["code"], 503);
    assert_eq!(issuer.asked(), ONCE[..1], "it is not asked for each of them");
    assert!(server.log().contains(&issuer.url), "the log says which it is");
}

#[tokio::test]
async fn an_issuer_that_is_slow_is_not_waited_for() {
    let key = SigningKey::rsa("1");
    let issuer = LocalIssuer::start(&[&key]);
    let server = server_for(&issuer, Vec::new());
    issuer.answers(Manner::Slow);
    let token = key.sign(&github(&issuer, "deis/router", "v1"));
    within(SOON, publish(&server, &token)).await.refusal().assert_unavailable();
}

#[tokio::test]
async fn who_hangs_up_does_not_make_the_next_one_ask_again() {
    let key = SigningKey::rsa("1");
    let issuer = LocalIssuer::start(&[&key]);
    issuer.answers(Manner::Slow);
    let asker = Arc::new(Asker::new(&issuer, Patience::default()));
    let asking = Arc::clone(&asker);
    let first = tokio::spawn({
        let key = key.clone();
        async move { asking.authorize(&key).await }
    });
    eventually("the issuer is asked", async || issuer.asked() == ONCE[..1]).await;
    first.abort();
    issuer.answers(Manner::Well);
    // The first question is still open; nobody will answer it.
    within(SOON, asker.is_unavailable(&key)).await;
    assert_eq!(issuer.asked(), [""; 0]);
}

#[tokio::test]
async fn an_issuer_that_answers_badly_has_told_nothing() {
    let key = SigningKey::rsa("1");
    let issuer = LocalIssuer::start(&[&key]);
    let other = LocalIssuer::start(&[&key]);
    let (url, keys) = (&issuer.url, format!("{}/keys?now", issuer.url));
    let answer = |body: &str| format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    let redirect = format!("HTTP/1.1 302 Found\r\nLocation: {}/keys?now\r\nContent-Length: 0\r\n\r\n", other.url);
    let good = json!({"keys": [key.public()]}).to_string();
    let manners = [
        Manner::Configured(json!({"issuer": other.url, "jwks_uri": keys})),
        Manner::Configured(json!({"issuer": format!("{url}/"), "jwks_uri": keys})),
        Manner::Configured(json!({"issuer": url})),
        Manner::Configured(json!({"jwks_uri": keys})),
        Manner::Configured(json!({"issuer": url, "jwks_uri": "/keys"})),
        Manner::Configured(json!({"issuer": url, "jwks_uri": "http://issuer.example/keys"})),
        Manner::Configured(json!({"issuer": url, "jwks_uri": keys.replace("http://", "http://me:secret@")})),
        Manner::Configured(json!({"issuer": url, "jwks_uri": keys.replace("http://", "https://")})),
        Manner::Configured(json!({"issuer": url, "jwks_uri": "file:///etc/passwd"})),
        Manner::Keys(redirect),
        Manner::Keys("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n".into()),
        Manner::Keys(answer("keys")),
        Manner::Keys(answer("[]")),
        Manner::Keys(answer(&format!("{good}{}", " ".repeat(1_048_576)))),
        Manner::Keys(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{good}", good.len() + 1)),
    ];
    let patience = Patience { fresh: Duration::ZERO, stale: HOUR, pause: Duration::ZERO };
    for manner in manners {
        let asker = Asker::new(&issuer, patience);
        issuer.answers(manner);
        asker.is_unavailable(&key).await;
        // It comes to its senses.
        issuer.answers(Manner::Well);
        asker.authorize(&key).await.expect("a good token");
    }
    assert_eq!(other.asked(), [""; 0], "no redirect is followed");
    issuer.answers(Manner::Keys(answer(&format!("{good}{}", " ".repeat(1_000_000)))));
    Asker::new(&issuer, patience).authorize(&key).await.expect("a good token");
}

#[tokio::test]
async fn over_tls_an_issuer_needs_a_good_certificate() {
    let key = SigningKey::rsa("1");
    let issuer = LocalIssuer::start_over_tls(&[&key]);
    let token = key.sign(&github(&issuer, "deis/router", "v1"));
    let ca = format!("{}/tests/data/upstream-ca.pem", env!("CARGO_MANIFEST_DIR"));
    let server = server_for(&issuer, vec![("SSL_CERT_FILE".into(), ca)]);
    publish(&server, &token).await.value(201);

    // The system's certificates do not know that CA.
    let server = server_for(&issuer, Vec::new());
    publish(&server, &token).await.refusal().assert_unavailable();
    assert!(server.log().contains("invalid peer certificate"), "{}", server.log());
}

#[tokio::test]
async fn an_issuer_elsewhere_may_not_send_us_to_this_machine() {
    let key = SigningKey::rsa("1");
    let (issuer, inside) = (LocalIssuer::start_over_tls(&[&key]), LocalIssuer::start(&[&key]));
    let configuration: Value = json!({"issuer": issuer.url, "jwks_uri": format!("{}/keys?now", inside.url)});
    issuer.answers(Manner::Configured(configuration));
    let ca = format!("{}/tests/data/upstream-ca.pem", env!("CARGO_MANIFEST_DIR"));
    let server = server_for(&issuer, vec![("SSL_CERT_FILE".into(), ca)]);
    let token = key.sign(&github(&issuer, "deis/router", "v1"));
    publish(&server, &token).await.refusal().assert_unavailable();
    assert_eq!(inside.asked(), [""; 0]);
}
