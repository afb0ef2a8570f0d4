//! Tokens: only those that were made here count, and only as they were made.

use std::sync::LazyLock;

use axum::http::request::Parts;
use axum::http::{HeaderValue, Request, header};
use chrono::TimeDelta;
use proptest::prelude::*;
use proptest::sample::Index;
use stationmaster::auth::{Bearer, Caller, ClusterTokens, Grant, TokenKeys, Tokens};
use stationmaster::clock;
use stationmaster::wire::Rejection;
use uuid::Uuid;

use crate::texts::{bytes, text};

static KEYS: LazyLock<TokenKeys> =
    LazyLock::new(|| TokenKeys::from_text(&"k".repeat(32), "the tests").expect("long enough"));
static TOKENS: LazyLock<Tokens> = LazyLock::new(|| Tokens::new(&KEYS));
static CLUSTER_TOKENS: LazyLock<ClusterTokens> = LazyLock::new(|| ClusterTokens::new(&KEYS));

/// The head of a request with this `Authorization`, if it can have it.
fn head(authorization: &[u8]) -> Option<Parts> {
    let (mut head, ()) = Request::new(()).into_parts();
    head.headers.insert(header::AUTHORIZATION, HeaderValue::from_bytes(authorization).ok()?);
    Some(head)
}

fn good(scope: &str) -> String {
    let grant = Grant { scope: scope.into(), ..Grant::default() };
    TOKENS.issue("test".into(), grant, clock::now(), TimeDelta::hours(1)).expect("a token")
}

/// Whom a token is of, as an operation with this scope finds it.
fn caller(authorization: &[u8], scope: &str) -> Option<Result<Caller, Rejection>> {
    let head = head(authorization)?;
    Some(match Bearer::of(&head.headers) {
        Ok(Bearer::Own(token)) => TOKENS.authorize(&token, &head, &[], &[scope]),
        Ok(Bearer::Issued(token)) => panic!("an issuer {} of nothing that was made here", token.issuer()),
        Err(rejection) => Err(rejection),
    })
}

fn cluster(authorization: &[u8], id: Uuid) -> Option<Result<Caller, Rejection>> {
    let resource = [("id".to_owned(), id.to_string())];
    Some(CLUSTER_TOKENS.authorize(&head(authorization)?, &resource))
}

/// One byte of a text is another one.
fn altered(text: &str, at: Index, byte: u8) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    let at = at.index(bytes.len());
    bytes[at] = byte;
    bytes
}

/// Three parts that may look like those of a token.
fn parts() -> impl Strategy<Value = String> {
    let header = prop::sample::select(vec![
        r#"{"alg":"HS256"}"#,
        r#"{"alg":"none"}"#,
        r#"{"alg":"HS256","crit":["exp"]}"#,
        r#"{"alg":"HS384"}"#,
        r#"{"alg":1}"#,
        "{}",
        "[",
    ]);
    (header, any::<String>(), bytes()).prop_map(|(header, claims, signature)| {
        use base64::Engine;
        use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
        format!("{}.{}.{}", BASE64.encode(header), BASE64.encode(claims), BASE64.encode(signature))
    })
}

proptest! {
    #[test]
    fn what_was_not_made_here_is_refused(
        token in prop_oneof![text().prop_map(String::into_bytes), bytes(), parts().prop_map(String::into_bytes)],
        id: u128,
    ) {
        let authorization = [b"Bearer ", token.as_slice()].concat();
        for found in [caller(&authorization, "clusters:read"), cluster(&authorization, Uuid::from_u128(id))] {
            let refused = matches!(found, None | Some(Err(Rejection::Unauthorized { .. })));
            prop_assert!(refused);
        }
    }

    #[test]
    fn a_token_that_was_altered_is_refused(at: Index, byte: u8) {
        let token = good("clusters:read");
        let altered = altered(&token, at, byte);
        let found = caller(&[b"Bearer ", altered.as_slice()].concat(), "clusters:read");
        let is_good = found.is_some_and(|found| found.is_ok());
        // White space around a token does not count.
        prop_assert_eq!(is_good, altered.trim_ascii() == token.as_bytes());
    }

    #[test]
    fn a_cluster_s_token_that_was_altered_is_refused(id: u128, other: u128, at: Index, byte: u8) {
        let (id, other) = (Uuid::from_u128(id), Uuid::from_u128(other));
        let token = CLUSTER_TOKENS.issue(id);
        let altered = altered(&token, at, byte);
        let is_good = |token: &[u8], id| cluster(&[b"Bearer ", token].concat(), id).is_some_and(|found| found.is_ok());
        prop_assert!(is_good(token.as_bytes(), id));
        prop_assert_eq!(is_good(&altered, id), altered == token.as_bytes());
        prop_assert_eq!(is_good(token.as_bytes(), other), id == other);
    }

    #[test]
    fn a_token_allows_its_scopes_alone(held in "[a-z:]{0,20}( [a-z:]{1,20}){0,2}", asked in "[a-z:]{1,20}") {
        let found = caller(format!("Bearer {}", good(&held)).as_bytes(), &asked).expect("a header");
        prop_assert_eq!(found.is_ok(), held.split(' ').any(|scope| scope == asked));
    }
}
