//! Clusters prove that they are the same cluster.

use std::collections::BTreeMap;
use std::sync::Arc;

use hyper::Method;
use hyper::header::HeaderName;
use proptest::prelude::*;
use serde_json::{Value, json};
use stationmaster::clock;
use stationmaster::domain::components::ComponentSet;
use stationmaster::store::checkins::{Proof, Recorder, Report};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::support::{Answer, Call, Database, Server, ServerOptions, cluster_token, record, token};

const KEY: &str = "f0a8d6f1-4d3e-4b57-8f0a-9f5f2c6f7a11";

/// A check-in of a cluster, which shows nothing yet.
fn check_in(id: Uuid, version: &str) -> Call {
    let component = json!({"component": "deis-router", "train": "stable", "version": version});
    Call::new(Method::POST, format!("/v4/clusters/{id}/checkins")).json(json!({"components": [component]}).to_string())
}

fn with_key(call: Call, key: &str) -> Call {
    call.header(HeaderName::from_static("claim-key"), key)
}

/// A check-in through v3.
fn report(id: Uuid) -> Call {
    Call::new(Method::POST, "/v3/clusters").json(json!({"id": id.to_string(), "components": []}).to_string())
}

#[track_caller]
fn assert_refused(answer: Answer) {
    let refusal = answer.refusal();
    refusal.assert_is(401, "unauthorized");
    assert!(refusal.header("www-authenticate").starts_with("Bearer realm=\"stationmaster\""));
}

/// Everything that is stored of a cluster.
fn stored(server: &Server, id: Uuid) -> Vec<String> {
    server.database().texts(&format!(
        "select row(clusters.*)::text from clusters where id = '{id}'
         union all select row(checkins.*)::text from checkins where cluster_id = '{id}' order by 1"
    ))
}

#[tokio::test]
async fn the_first_check_in_is_answered_with_the_token_that_later_ones_must_carry() {
    let server = Server::start();
    let (id, other) = (Uuid::new_v4(), Uuid::new_v4());
    let first = check_in(id, "v1").send(&server).await.value(201);
    let own = first["token"].as_str().expect("a token").to_owned();
    let others = check_in(other, "v1").send(&server).await.value(201)["token"].as_str().expect("a token").to_owned();
    assert_ne!(own, others);

    let before = stored(&server, id);
    assert_refused(check_in(id, "v2").send(&server).await);
    assert_refused(check_in(id, "v2").token(&others).send(&server).await);
    assert_refused(
        check_in(id, "v2").token(&token("versions:publish clusters:read clusters:write")).send(&server).await,
    );
    assert_refused(with_key(check_in(id, "v2"), KEY).send(&server).await);
    assert_eq!(stored(&server, id), before, "what is refused changes nothing");

    let again = check_in(id, "v2").token(&own).send(&server).await.value(200);
    assert_eq!((&again["checkins"], &again["token"]), (&json!(2), &Value::Null));
}

#[tokio::test]
async fn a_first_check_in_may_be_repeated_with_its_key_until_the_token_is_used() {
    let server = Server::start();
    let id = Uuid::new_v4();
    let first = with_key(check_in(id, "v1"), KEY).send(&server).await.value(201);
    let again = with_key(check_in(id, "v1"), KEY).send(&server).await.value(200);
    assert_eq!((&again["token"], &again["checkins"]), (&first["token"], &json!(2)));
    assert_refused(with_key(check_in(id, "v1"), &KEY.replace('f', "e")).send(&server).await);
    assert_refused(check_in(id, "v1").send(&server).await);

    let own = first["token"].as_str().expect("a token");
    check_in(id, "v1").token(own).send(&server).await.value(200);
    assert_refused(with_key(check_in(id, "v1"), KEY).send(&server).await);
    // The token speaks for itself.
    let with_both = with_key(check_in(id, "v1"), KEY).token(own).send(&server).await.value(200);
    assert_eq!((&with_both["checkins"], &with_both["token"]), (&json!(4), &Value::Null));
    for key in ["short", &"k".repeat(129), "of characters and spaces"] {
        with_key(check_in(id, "v1"), key).send(&server).await.refusal().assert_faults(&["header /Claim-Key"]);
    }
    let database = server.database().everything();
    assert!(!database.contains(KEY) && !database.contains(own), "neither the key nor the token is stored");
}

#[tokio::test]
async fn an_id_of_v2_and_v3_is_open_until_v4_claims_it() {
    let server = Server::start();
    let id = Uuid::new_v4();
    let v2 = || {
        let body = json!({"id": id.to_string(), "components": []});
        Call::new(Method::POST, format!("/v2/clusters/{id}")).json(body.to_string())
    };
    for open in [report(id), v2(), report(id)] {
        assert_eq!(open.send(&server).await.status, 200);
    }
    let claimed = check_in(id, "v1").send(&server).await.value(200);
    assert_eq!(claimed["checkins"], 4);
    let own = claimed["token"].as_str().expect("a token");

    let before = stored(&server, id);
    for closed in [report(id), v2(), report(id).token(own)] {
        let refused = closed.send(&server).await;
        assert!(refused.header("www-authenticate").starts_with("Bearer"));
        let body = refused.value(401);
        assert_eq!(body["code"], 401);
        assert!(body["message"].as_str().expect("a text").contains("v4"), "{body}");
    }
    assert_eq!(stored(&server, id), before);
    check_in(id, "v2").token(own).send(&server).await.value(200);
}

#[tokio::test]
async fn a_cluster_may_read_and_forget_itself_and_no_other() {
    let server = Server::start();
    let (id, other) = (Uuid::new_v4(), Uuid::new_v4());
    let first = check_in(id, "v1").send(&server).await.value(201);
    check_in(other, "v1").send(&server).await.value(201);
    let own = first["token"].as_str().expect("a token");
    let at = |method: &Method, id: Uuid| Call::new(method.clone(), format!("/v4/clusters/{id}")).token(own);

    assert_eq!(at(&Method::GET, id).send(&server).await.value(200)["id"], id.to_string());
    for method in [Method::GET, Method::DELETE] {
        assert_refused(at(&method, other).send(&server).await);
        assert_refused(at(&method, Uuid::new_v4()).send(&server).await);
    }
    for target in ["/v4/clusters/age", "/v4/clusters/count"] {
        assert_refused(Call::get(target).token(own).send(&server).await);
    }

    assert_eq!(at(&Method::DELETE, id).send(&server).await.status, 204);
    assert_eq!(at(&Method::GET, id).send(&server).await.status, 404);
    assert_eq!(stored(&server, id), Vec::<String>::new());
    assert_eq!(stored(&server, other).len(), 2);
    // Whoever was that cluster may be it again.
    check_in(id, "v1").token(own).send(&server).await.value(201);
    assert_refused(check_in(id, "v1").send(&server).await);
}

#[tokio::test]
async fn of_many_who_claim_a_cluster_at_once_one_gets_it() {
    let one = Server::start();
    let other = Server::start_with(ServerOptions { database: Some(one.database().clone()), ..Default::default() });
    let replicas = Arc::new([one, other]);
    for _ in 0..5 {
        let id = Uuid::new_v4();
        let mut callers = JoinSet::new();
        for number in 0..24 {
            let replicas = Arc::clone(&replicas);
            callers.spawn(async move {
                let call = check_in(id, &format!("v{number}"));
                let call = if number % 3 == 0 { call } else { with_key(call, &format!("{KEY}-{number}")) };
                call.send(&replicas[number % 2]).await.status
            });
        }
        let mut statuses: BTreeMap<u16, usize> = BTreeMap::new();
        while let Some(status) = callers.join_next().await {
            *statuses.entry(status.expect("it called")).or_default() += 1;
        }
        assert_eq!(statuses, BTreeMap::from([(201, 1), (401, 23)]));
        assert_eq!(replicas[0].database().count(&format!("checkins where cluster_id = '{id}'")), 1);
    }
}

#[tokio::test]
async fn a_flood_of_claims_neither_counts_nor_keeps_the_cluster_out() {
    let arguments = vec!["--limit-cluster".into(), "off".into()];
    let server = Arc::new(Server::start_with(ServerOptions { arguments, ..ServerOptions::default() }));
    let id = Uuid::new_v4();
    let own = cluster_token(id);
    check_in(id, "v1").token(&own).send(&server).await.value(201);
    let mut flood = JoinSet::new();
    for _ in 0..32 {
        let server = Arc::clone(&server);
        flood.spawn(async move {
            for number in 0..10 {
                let answer = match number % 2 {
                    0 => check_in(id, "v0").send(&server).await,
                    _ => report(id).send(&server).await,
                };
                assert_eq!(answer.status, 401);
            }
        });
    }
    for number in 2..20 {
        let receipt = check_in(id, &format!("v{number}")).token(&own).send(&server).await.value(200);
        assert_eq!(receipt["checkins"], number);
    }
    flood.join_all().await;
    assert_eq!(stored(&server, id).len(), 20);
}

/// What a check-in shows: nothing, one of two claims, or the token.
fn proof() -> impl Strategy<Value = Proof> {
    prop_oneof![Just(Proof::Nothing), Just(Proof::Claim([1; 16])), Just(Proof::Claim([2; 16])), Just(Proof::Token)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Whatever comes, alone or among others, in one statement or two: what counts is what the rules say.
    #[test]
    fn a_check_in_counts_if_the_cluster_is_open_or_it_shows_the_same_claim_or_the_token(
        groups in proptest::collection::vec(proptest::collection::vec(proof(), 3), 1..8),
        is_spread: bool,
    ) {
        let database = Database::new();
        let mut connection = database.connect();
        let mut recorder = Recorder::new(is_spread);
        let mut claims: BTreeMap<Uuid, Proof> = BTreeMap::new();
        let mut counts: BTreeMap<Uuid, i64> = BTreeMap::new();
        for group in groups {
            let reports: Vec<Report> = group.iter().enumerate().map(|(cluster, proof)| Report {
                cluster_id: Uuid::from_u128(cluster as u128),
                at: clock::now(),
                components: Arc::new(ComponentSet::new(Vec::new())),
                labels: Vec::new(),
                legacy: None,
                proof: *proof,
            }).collect();
            let recorded = record(&mut recorder, &mut connection, &reports);
            for (Report { cluster_id, proof, .. }, recorded) in reports.iter().zip(recorded) {
                let claim = claims.get(cluster_id).copied().unwrap_or(Proof::Nothing);
                let should_count = claim == Proof::Nothing || *proof == Proof::Token || *proof == claim;
                prop_assert_eq!(recorded.is_some(), should_count);
                if should_count {
                    claims.insert(*cluster_id, *proof);
                    *counts.entry(*cluster_id).or_default() += 1;
                }
            }
        }
        for (id, count) in counts {
            prop_assert_eq!(database.count(&format!("checkins where cluster_id = '{id}'")), count);
            prop_assert_eq!(database.count(&format!("clusters where id = '{id}' and checkins = {count}")), 1);
        }
    }
}
