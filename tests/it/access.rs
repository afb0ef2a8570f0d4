//! Who may call what: every operation that the document secures refuses everyone else, before it reads anything but the head of the request.
//!
//! The bodies of these requests are announced and never sent, so a server that waits for one does not answer.

use std::collections::{BTreeMap, BTreeSet};

use hyper::Method;
use hyper::header::AUTHORIZATION;
use serde_json::{Value, json};

use crate::support::{
    Answer, Call, Operation, Server, all_scopes, bad_cluster_tokens, bad_tokens, claims, signed, token, token_for_all,
};

/// Far more than any body may have.
const HUGE: u64 = 1 << 40;

/// The operation as its examples call it, with a body that never comes.
fn withholding(operation: &Operation) -> Call {
    match operation.body {
        Some(_) => operation.bare_call().withhold(HUGE),
        None => operation.bare_call(),
    }
}

/// Refused with 401; `code` is what the challenge says is wrong with the token (RFC 6750, 3.1).
#[track_caller]
fn assert_unauthorized(answer: Answer, code: Option<&str>, what: &str) {
    assert_eq!(answer.status, 401, "{what}: {answer:?}");
    let refusal = answer.refusal();
    refusal.assert_is(401, "unauthorized");
    let challenge = refusal.header("www-authenticate");
    assert!(challenge.starts_with("Bearer realm=\"stationmaster\""), "{what}: {challenge}");
    match code {
        Some(code) => assert!(challenge.contains(&format!("error=\"{code}\"")), "{what}: {challenge}"),
        None => assert!(!challenge.contains("error"), "{what}: {challenge}"),
    }
}

#[tokio::test]
async fn without_a_token_nothing_secured_is_answered() {
    let server = Server::start();
    let good = token_for_all();
    for (operation, _) in Operation::secured() {
        let call = withholding(&operation);
        for (what, call) in [
            ("no header", call.clone()),
            ("an empty header", call.clone().header(AUTHORIZATION, "")),
            ("only the scheme", call.clone().header(AUTHORIZATION, "Bearer")),
            ("only the token", call.clone().header(AUTHORIZATION, &good)),
            ("another scheme", call.clone().header(AUTHORIZATION, "Basic dGVzdDp0ZXN0")),
            ("a good token in another scheme", call.clone().header(AUTHORIZATION, format!("Token {good}"))),
            ("two good tokens", call.clone().token(&good).token(&good)),
            ("a good token and another scheme", call.token(&good).header(AUTHORIZATION, "Basic dGVzdDp0ZXN0")),
        ] {
            assert_unauthorized(call.send(&server).await, None, &format!("{} with {what}", operation.id));
        }
    }
}

#[tokio::test]
async fn a_token_that_is_not_valid_here_is_refused_everywhere() {
    let server = Server::start();
    let tokens = [bad_tokens(), bad_cluster_tokens()].concat();
    for operation in Operation::taking_tokens() {
        for (what, token) in &tokens {
            let answer = withholding(&operation).token(token).send(&server).await;
            assert_unauthorized(answer, Some("invalid_token"), &format!("{} with {what}", operation.id));
        }
    }
}

#[tokio::test]
async fn a_token_without_the_scope_is_refused() {
    let server = Server::start();
    for (operation, needed) in Operation::secured() {
        let others: Vec<_> = all_scopes().into_iter().filter(|scope| !needed.contains(scope)).collect();
        let near = needed.iter().flat_map(|scope| {
            let (area, _) = scope.split_once(':').expect("an area and a right");
            [format!("{scope}er"), scope.to_uppercase(), format!("{area}:*"), area.to_owned(), "*".to_owned()]
        });
        for scopes in [others.join(" "), near.collect::<Vec<_>>().join(" "), String::new()] {
            let answer = withholding(&operation).token(&token(&scopes)).send(&server).await;
            assert_eq!(answer.status, 403, "{} with {scopes:?}", operation.id);
            answer.refusal().assert_is(403, "forbidden");
        }
        let unscoped = signed(&claims(|claims| drop(claims.as_object_mut().expect("an object").remove("scope"))));
        let answer = withholding(&operation).token(&unscoped).send(&server).await;
        answer.refusal().assert_is(403, "forbidden");
    }
}

#[tokio::test]
async fn a_token_for_other_components_or_trains_is_refused() {
    let server = Server::start();
    for (parameter, claim, foreign) in [
        ("component", "components", ["deis-builder", "deis-route", "router", "deis-*r-mesh", "DEIS-ROUTER"]),
        ("train", "trains", ["beta", "stabl", "able", "*stable-*", "STABLE"]),
    ] {
        let mut operations = Operation::secured();
        operations.retain(|(operation, _)| operation.parameters("path").any(|it| it.name == parameter));
        assert!(operations.len() >= 4);
        for (operation, _) in operations {
            for globs in [json!(foreign), json!([]), json!([""])] {
                let token = signed(&claims(|claims| claims[claim] = globs.clone()));
                let answer = withholding(&operation).token(&token).send(&server).await;
                assert_eq!(answer.status, 403, "{} with {globs}", operation.id);
                answer.refusal().assert_is(403, "forbidden");
            }
        }
    }
}

#[tokio::test]
async fn both_the_component_and_the_train_must_be_covered() {
    let server = Server::start();
    for (component, train, status) in [("deis-*", "*", 404), ("deis-*", "beta", 403), ("other", "*", 403)] {
        let limits = |claims: &mut Value| {
            claims["components"] = json!([component]);
            claims["trains"] = json!([train]);
        };
        let token = signed(&claims(limits));
        let call = Call::new(Method::DELETE, "/v4/versions/deis-router/stable/v1.0.0/yank");
        assert_eq!(call.token(&token).send(&server).await.status, status, "{component} on {train}");
    }
}

#[tokio::test]
async fn what_a_token_covers_is_compared_with_the_decoded_path() {
    let server = Server::start();
    let token = signed(&claims(|claims| claims["components"] = json!(["deis-router"])));
    for (component, status) in [("%64eis-router", 404), ("%64eis-builder", 403), ("deis-router%2Fx", 403)] {
        let target = format!("/v4/versions/{component}/stable/v1.0.0/yank");
        let answer = Call::new(Method::DELETE, target).token(&token).send(&server).await;
        assert_eq!(answer.status, status, "{component}");
    }
}

#[tokio::test]
async fn exactly_the_needed_scope_is_enough_however_the_scheme_is_spelled() {
    let server = Server::start();
    for (operation, scopes) in Operation::secured() {
        let limits = |claims: &mut Value| {
            claims["scope"] = json!(scopes.join(" "));
            claims["components"] = json!(["nothing", "deis-*"]);
            claims["trains"] = json!(["st*le"]);
            claims["nbf"] = claims["iat"].clone();
        };
        let token = signed(&claims(limits));
        for scheme in ["Bearer", "bearer", "BEARER"] {
            let call = operation.call().header(AUTHORIZATION, format!("{scheme} {token}"));
            let answer = call.send(&server).await;
            let status = operation.documented(&answer);
            assert!(![401, 403].contains(&status), "{} as {scheme}: {answer:?}", operation.id);
        }
    }
}

#[tokio::test]
async fn rights_come_before_faults() {
    let server = Server::start();
    for (operation, _) in Operation::secured() {
        for segment in ["UPPER", "%00", "%FF"] {
            let values: BTreeMap<_, _> =
                operation.parameters("path").map(|it| (it.name.as_str(), segment.to_owned())).collect();
            let target = format!("{}?surprise=1", operation.target(&values));
            let answer = Call::new(operation.method.clone(), target).withhold(HUGE).send(&server).await;
            assert_unauthorized(answer, None, &format!("{} of {segment}", operation.id));
        }
    }
}

#[tokio::test]
async fn what_anyone_may_do_does_not_depend_on_a_token() {
    let server = Server::start();
    let secured: BTreeSet<_> = Operation::taking_tokens().into_iter().map(|operation| operation.id).collect();
    let operations = Operation::all().into_iter().filter(|operation| !secured.contains(&operation.id));
    for operation in operations {
        let anonymous = operation.call().send(&server).await;
        let with_a_bad_token = operation.call().token("garbage").send(&server).await;
        assert!(![401, 403].contains(&anonymous.status), "{}: {anonymous:?}", operation.id);
        assert_eq!(with_a_bad_token.status, anonymous.status, "{}", operation.id);
    }
}
