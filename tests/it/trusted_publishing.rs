//! Jobs of CI platforms publish with the tokens of their platform: exactly what they may, and nothing else.

use hyper::Method;
use serde_json::{Value, json};

use crate::support::{
    Answer, Call, Database, LocalIssuer, Operation, Server, ServerOptions, SigningKey, add_publisher, github, gitlab,
    remove_publisher,
};

/// A release through v4.
fn release(component: &str, train: &str, version: &str) -> Call {
    Call::new(Method::POST, format!("/v4/versions/{component}/{train}/{version}")).json("{}")
}

/// A release through v3.
fn old_release(component: &str, train: &str, version: &str) -> Call {
    let body = json!({"component": {}, "version": {"released": "2016-06-01T10:00:00Z"}});
    Call::new(Method::POST, format!("/v3/versions/{train}/{component}/{version}")).json(body.to_string())
}

/// Refused with 401, for a token that matches no publisher.
#[track_caller]
fn assert_no_publisher(answer: Answer) -> String {
    let refusal = answer.refusal();
    refusal.assert_is(401, "unauthorized");
    let challenge = refusal.header("www-authenticate");
    assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
    refusal.problem.detail
}

/// Refused with 403; answers what is said.
#[track_caller]
fn forbidden(answer: Answer) -> String {
    let refusal = answer.refusal();
    refusal.assert_is(403, "forbidden");
    refusal.problem.detail
}

#[tokio::test]
async fn a_github_job_publishes_what_it_may_and_nothing_else() {
    let (server, key) = (Server::start(), SigningKey::rsa("1"));
    let issuer = LocalIssuer::start(&[&key]);
    let router = ["--claim", "repository=deis/router", "--claim", "ref=refs/tags/*", "--claim", "environment=release"];
    let router = [&router[..], &["--component", "deis-router", "--train", "stable"]].concat();
    add_publisher(server.database(), &issuer.url, &router);
    // Somebody else's.
    let builder = ["--claim", "repository=deis/builder", "--component", "deis-builder"];
    add_publisher(server.database(), &issuer.url, &builder);
    let token = key.sign(&github(&issuer, "deis/router", "v2.11.0"));

    let release_it = release("deis-router", "stable", "v2.11.0").token(&token);
    let published = release_it.clone().send(&server).await;
    published.value(201);
    // The job is run again.
    release_it.send(&server).await.value(200);
    let path = "/v4/versions/deis-router/stable/v2.11.0";
    let amend = Call::new(Method::PATCH, path).json(r#"{"fixes": "No. 7"}"#);
    let amend = amend.header(hyper::header::IF_MATCH, published.header("etag"));
    amend.token(&token).send(&server).await.value(200);
    let yank = format!("{path}/yank");
    let reason = r#"{"reason": "broken"}"#;
    Call::new(Method::PUT, &yank).json(reason).token(&token).send(&server).await.value(200);
    Call::new(Method::DELETE, &yank).token(&token).send(&server).await.value(200);
    assert_eq!(old_release("deis-router", "stable", "v2.10.0").token(&token).send(&server).await.status, 200);

    for (component, train) in [("deis-builder", "stable"), ("deis-router", "beta"), ("deis-router2", "stable")] {
        let said = forbidden(release(component, train, "v1.0.0").token(&token).send(&server).await);
        let expected = format!("No publisher that this token matches covers component {component} on train {train}.");
        assert_eq!(said, expected);
        let answer = old_release(component, train, "v1.0.0").token(&token).send(&server).await;
        assert_eq!(answer.value(403), json!({"code": 403, "message": expected}));
    }
    for (operation, scopes) in Operation::secured() {
        if scopes != ["versions:publish"] {
            let said = forbidden(operation.call().token(&token).send(&server).await);
            assert!(said.contains("allows versions:publish and nothing else"), "{}: {said}", operation.id);
        }
    }
    assert_eq!(server.database().count("versions"), 2);
}

#[tokio::test]
async fn jobs_that_no_publisher_means_are_refused_without_a_word_on_those_that_are_meant() {
    let (server, key) = (Server::start(), SigningKey::rsa("1"));
    let issuer = LocalIssuer::start(&[&key]);
    let claims = ["--claim", "repository=deis/router", "--claim", "environment=release"];
    add_publisher(server.database(), &issuer.url, &[&claims[..], &["--component", "deis-router"]].concat());
    let attempt = async |change: &dyn Fn(&mut Value)| {
        let mut claims = github(&issuer, "deis/router", "v1");
        change(&mut claims);
        release("deis-router", "stable", "v1").token(&key.sign(&claims)).send(&server).await
    };
    let changes: [&dyn Fn(&mut Value); 6] = [
        &|claims| claims["repository"] = json!("deis/builder"),
        &|claims| claims["repository"] = json!("evil/deis/router"),
        &|claims| claims["repository"] = json!(["deis/router"]),
        &|claims| claims["environment"] = json!("staging"),
        &|claims| claims["environment"] = json!(""),
        &|claims| drop(claims.as_object_mut().expect("an object").remove("environment")),
    ];
    for change in changes {
        let said = assert_no_publisher(attempt(change).await);
        assert_eq!(
            said,
            "The token matches no publisher. Publishers of its issuer are known by aud, environment, repository."
        );
    }
    let mut claims = github(&issuer, "deis/builder", "v1");
    claims["repository"] = json!("deis/builder");
    let refused = old_release("deis-router", "stable", "v1").token(&key.sign(&claims)).send(&server).await;
    assert_eq!(refused.value(401)["code"], 401);
    assert_eq!(server.database().count("versions"), 0);
    attempt(&|_| ()).await.value(201);
}

#[tokio::test]
async fn a_gitlab_job_publishes_from_protected_branches_only() {
    let (server, key) = (Server::start(), SigningKey::rsa("1"));
    let issuer = LocalIssuer::start(&[&key]);
    let arguments = ["--claim", "project_path=deis/router", "--claim", "ref_protected=true", "--claim", "runner_id=1"];
    add_publisher(server.database(), &issuer.url, &[&arguments[..], &["--component", "deis-*"]].concat());
    let mut claims = gitlab(&issuer, "deis/router", "main");
    release("deis-router", "stable", "v1").token(&key.sign(&claims)).send(&server).await.value(201);
    claims["ref_protected"] = json!(true);
    release("deis-builder", "beta", "v1").token(&key.sign(&claims)).send(&server).await.value(201);
    forbidden(release("router", "beta", "v1").token(&key.sign(&claims)).send(&server).await);
    for unprotected in [json!("false"), json!(false), json!(null)] {
        claims["ref_protected"] = unprotected;
        assert_no_publisher(release("deis-router", "stable", "v2").token(&key.sign(&claims)).send(&server).await);
    }
}

#[tokio::test]
async fn every_accepted_algorithm_publishes() {
    let server = Server::start();
    let keys = [SigningKey::rsa("rsa"), SigningKey::es("es"), SigningKey::ed("ed")];
    let issuer = LocalIssuer::start(&keys.each_ref());
    add_publisher(server.database(), &issuer.url, &["--claim", "repository=deis/*", "--component", "*"]);
    for key in keys {
        let token = key.sign(&github(&issuer, "deis/router", "v1"));
        release("deis-router", "stable", &key.id).token(&token).send(&server).await.value(201);
    }
}

#[tokio::test]
async fn of_two_publishers_each_covers_its_own_and_not_the_other_s_trains() {
    let (server, key) = (Server::start(), SigningKey::es("1"));
    let issuer = LocalIssuer::start(&[&key]);
    for (component, train) in [("deis-router", "stable"), ("deis-builder", "beta")] {
        let arguments = ["--claim", "repository=deis/mono", "--component", component, "--train", train];
        add_publisher(server.database(), &issuer.url, &arguments);
    }
    let token = key.sign(&github(&issuer, "deis/mono", "v1"));
    for (component, train, status) in [
        ("deis-router", "stable", 201),
        ("deis-builder", "beta", 201),
        ("deis-router", "beta", 403),
        ("deis-builder", "stable", 403),
    ] {
        let answer = release(component, train, "v1").token(&token).send(&server).await;
        assert_eq!(answer.status, status, "{component} on {train}");
    }
}

#[tokio::test]
async fn an_issuer_that_nobody_added_is_never_asked() {
    let (server, key) = (Server::start(), SigningKey::rsa("1"));
    let (issuer, added) = (LocalIssuer::start(&[&key]), LocalIssuer::start(&[&key]));
    add_publisher(server.database(), &added.url, &["--claim", "repository=deis/router", "--component", "*"]);
    let token = key.sign(&github(&issuer, "deis/router", "v1"));
    let refusal = release("deis-router", "stable", "v1").token(&token).send(&server).await.refusal();
    refusal.assert_is(401, "unauthorized");
    assert_eq!(refusal.problem.detail, "The token is of an issuer for which no publisher has been added.");
    // Nor is one whose name only looks like it.
    for url in [format!("{}/", added.url), added.url.replace("127.0.0.1", "localhost"), "a\0".into(), String::new()] {
        let mut claims = github(&added, "deis/router", "v1");
        claims["iss"] = json!(url);
        let answer = release("deis-router", "stable", "v1").token(&key.sign(&claims)).send(&server).await;
        answer.refusal().assert_is(401, "unauthorized");
    }
    assert_eq!([issuer.asked(), added.asked()], [[""; 0]; 2]);
}

#[tokio::test]
async fn every_replica_honours_at_once_who_is_added_and_removed() {
    let database = Database::new();
    let start = || Server::start_with(ServerOptions { database: Some(database.clone()), ..ServerOptions::default() });
    let (replicas, key) = ([start(), start()], SigningKey::ed("1"));
    let issuer = LocalIssuer::start(&[&key]);
    let token = key.sign(&github(&issuer, "deis/router", "v1"));
    let attempt = async || {
        let mut statuses = Vec::new();
        for replica in &replicas {
            statuses.push(release("deis-router", "stable", "v1").token(&token).send(replica).await.status);
        }
        statuses
    };
    let arguments = ["--claim", "repository=deis/router", "--component", "deis-router"];
    assert_eq!(attempt().await, [401, 401]);
    let id = add_publisher(&database, &issuer.url, &arguments);
    assert_eq!(attempt().await, [201, 200]);
    remove_publisher(&database, id);
    assert_eq!(attempt().await, [401, 401]);
    add_publisher(&database, &issuer.url, &arguments);
    assert_eq!(attempt().await, [200, 200]);
}

#[tokio::test]
async fn while_the_database_is_away_nobody_is_called_a_stranger() {
    let (server, key) = (Server::start(), SigningKey::ed("1"));
    let issuer = LocalIssuer::start(&[&key]);
    add_publisher(server.database(), &issuer.url, &["--claim", "repository=deis/router", "--component", "*"]);
    let token = key.sign(&github(&issuer, "deis/router", "v1"));
    server.database().close();
    release("deis-router", "stable", "v1").token(&token).send(&server).await.refusal().assert_unavailable();
    let answer = old_release("deis-router", "stable", "v1").token(&token).send(&server).await;
    assert!(!answer.header("retry-after").is_empty());
    assert_eq!(answer.value(503)["code"], 503);
    server.database().open();
}
