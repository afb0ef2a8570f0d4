//! What every operation refuses in its path, query and headers, taken from the document so that a new operation is covered by itself.

use hyper::header::HeaderName;

use crate::support::{Operation, Server};

/// The operations with parameters in this place, and the faults that all of these are.
fn with_parameters(place: &str) -> Vec<(Operation, Vec<String>)> {
    let operations = Operation::documenting(422).into_iter().map(|operation| {
        let parameters = operation.parameters(place);
        let faults = parameters.map(|parameter| format!("{place} /{}", parameter.name)).collect();
        (operation, faults)
    });
    let found: Vec<(_, Vec<_>)> = operations.filter(|(_, faults): &(_, Vec<_>)| !faults.is_empty()).collect();
    assert!(!found.is_empty(), "no operation has parameters in the {place}");
    found
}

#[tokio::test]
async fn what_is_not_there_is_not_found_and_no_cache_keeps_that() {
    let server = Server::start();
    for operation in Operation::documenting(404) {
        let answer = operation.allow(operation.call()).send(&server).await;
        let refusal = answer.refusal();
        refusal.assert_is(404, "not-found");
        assert_eq!(refusal.header("cache-control"), "no-store", "{}", operation.id);
    }
}

#[tokio::test]
async fn query_parameters_that_are_not_documented_are_refused_by_name() {
    let server = Server::start();
    for operation in Operation::documenting(422) {
        let call = operation.call_at(operation.target_with(&["surprise=1", "limits=", "a%2Fb~c", "a/b~c"]));
        let refusal = operation.allow(call).send(&server).await.refusal();
        let mut faults = refusal.faults();
        faults.dedup();
        assert_eq!(faults, ["query /a~1b~0c", "query /limits", "query /surprise"], "{}", operation.id);
    }
}

#[tokio::test]
async fn path_parameters_that_break_a_rule_are_refused_by_name() {
    let server = Server::start();
    for (operation, faults) in with_parameters("path") {
        let names = operation.parameters("path").map(|parameter| parameter.name.as_str());
        let values = names.map(|name| (name, "no%20name".to_owned())).collect();
        let call = operation.allow(operation.call_at(operation.target(&values)));
        call.send(&server).await.refusal().assert_faults(&faults);
    }
}

#[tokio::test]
async fn headers_that_are_too_long_are_refused_by_name() {
    let server = Server::start();
    let too_long = "x".repeat(1_025);
    for (operation, faults) in with_parameters("header") {
        let call = operation.call_at(operation.target(&Default::default()));
        let call = operation.parameters("header").fold(call, |call, parameter| {
            let name: HeaderName = parameter.name.parse().expect("a header's name");
            call.header(name, &too_long)
        });
        let answer = operation.allow(call).send(&server).await;
        answer.refusal().assert_faults(&faults);
    }
}
