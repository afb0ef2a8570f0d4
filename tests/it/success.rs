//! Every operation succeeds as the document has it in its examples.

use hyper::Method;
use hyper::header::IF_MATCH;

use uuid::Uuid;

use crate::support::{Operation, Server, cluster_token, token_for_all};

/// The cluster of the document's examples.
const CLUSTER: Uuid = Uuid::from_u128(0x5f3c_8f9e_6a0b_4d2a_9d1e_2b7c_4e8f_1a35);

fn token_for(operation: &Operation) -> String {
    match operation.scopes {
        None if operation.takes_cluster_tokens => cluster_token(CLUSTER),
        _ => token_for_all(),
    }
}

#[tokio::test]
async fn the_examples_of_the_document_work_and_are_answered_with_the_headers_that_it_promises() {
    let server = Server::start();
    let (first, then): (Vec<_>, Vec<_>) = Operation::all()
        .into_iter()
        .partition(|operation| ["publishVersion", "checkIn"].contains(&operation.id.as_str()));
    assert_eq!(first.len(), 2);
    for operation in then {
        // What the operation is about may be gone since the one before it.
        for making in &first {
            let made = making.call().token(&token_for(making)).send(&server).await;
            assert!([200, 201, 409].contains(&making.documented(&made)), "{made:?}");
        }
        let call = operation.call_at(operation.target_with(&[])).header(IF_MATCH, "*");
        let answer = call.token(&token_for(&operation)).send(&server).await;
        let expected = if operation.id == "forgetCluster" { 204 } else { 200 };
        assert_eq!(operation.documented(&answer), expected, "{answer:?}");
        let content_type = if operation.id == "metrics" { "text/plain; charset=utf-8" } else { "application/json" };
        match operation.method == Method::GET || expected == 200 {
            true => assert_eq!(answer.header("content-type"), content_type, "{}", operation.id),
            false => assert!(answer.body.is_empty(), "{}", operation.id),
        }
    }
}
