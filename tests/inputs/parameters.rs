//! Paths, queries and headers.

use std::ops::RangeInclusive;
use std::sync::LazyLock;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, Uri};
use proptest::prelude::*;
use regex::Regex;
use serde_json::Value;
use stationmaster::contract::v4::OPENAPI_JSON;
use stationmaster::contract::v4::clusters::{CheckInHeaders, CheckInPath, ListClustersByAgeQuery};
use stationmaster::contract::v4::versions::{ListVersionsQuery, PublishVersionPath};
use stationmaster::wire::{Input, Rejection};

use crate::DOCUMENT;
use crate::texts::{bytes, text};

const PUBLISH: &str = "/paths/~1v4~1versions~1{component}~1{train}~1{version}/post";
const VERSIONS: &str = "/paths/~1v4~1versions~1{component}~1{train}/get";
const AGE: &str = "/paths/~1v4~1clusters~1age/get";
const CHECK_IN: &str = "/paths/~1v4~1clusters~1{id}~1checkins/post";

fn percent_encoded(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("%{byte:02X}")).collect()
}

fn input(target: &str, operation: &'static str) -> Input {
    let uri: Uri = target.parse().expect("a target in percent-encoding");
    Input::new(Request::get(uri).body(Body::empty()).expect("a request"), &DOCUMENT, operation)
}

/// A refusal names faults, and no more than the document says.
fn assert_told(input: Input) {
    match input.refuse() {
        Rejection::Invalid(faults) => assert!((1..=100).contains(&faults.len()), "{faults:?}"),
        other => panic!("{other:?}"),
    }
}

/// What the document demands of the parameters of a path to a version: a pattern, and how many characters it has.
static DEMANDS: LazyLock<[(Regex, RangeInclusive<u64>); 3]> = LazyLock::new(|| {
    let document: Value = serde_json::from_str(OPENAPI_JSON).expect("the document is JSON");
    ["Component", "Train", "Version"].map(|name| {
        let schema = &document["components"]["parameters"][name]["schema"];
        let length = |bound: &str| schema[bound].as_u64().expect("a length");
        let pattern = Regex::new(schema["pattern"].as_str().expect("a pattern")).expect("a regular expression");
        (pattern, length("minLength")..=length("maxLength"))
    })
});

/// Names of parameters, most of them real.
fn name() -> impl Strategy<Value = String> {
    let real = ["limit", "cursor", "label", "not_label", "created_after", "stale_for", "matching", "include_yanked"];
    prop_oneof![6 => prop::sample::select(real.to_vec()).prop_map(str::to_owned), 1 => text()]
}

proptest! {
    #[test]
    fn a_path_is_read_if_the_document_allows_all_of_it(segments in prop::collection::vec(text(), 3)) {
        let path: Vec<String> = segments.iter().map(|text| percent_encoded(text.as_bytes())).collect();
        let mut input = input(&format!("/v4/versions/{}", path.join("/")), PUBLISH);
        let allowed = DEMANDS.iter().zip(&segments).all(|((pattern, lengths), text)| {
            pattern.is_match(text) && lengths.contains(&(text.chars().count() as u64))
        });
        match input.path::<PublishVersionPath>() {
            Some(read) => {
                prop_assert_eq!(vec![read.component, read.train, read.version], segments);
                prop_assert!(allowed);
            }
            None => {
                prop_assert!(!allowed);
                assert_told(input);
            }
        }
    }

    #[test]
    fn a_path_of_any_bytes_is_read_or_refused(segments in prop::collection::vec(bytes(), 0..5), id in text()) {
        let path: Vec<String> = segments.iter().map(|bytes| percent_encoded(bytes)).collect();
        let mut versions = input(&format!("/v4/versions/{}", path.join("/")), PUBLISH);
        if versions.path::<PublishVersionPath>().is_none() {
            assert_told(versions);
        }
        let mut clusters = input(&format!("/v4/clusters/{}/checkins", percent_encoded(id.as_bytes())), CHECK_IN);
        if clusters.path::<CheckInPath>().is_none() {
            assert_told(clusters);
        }
    }

    #[test]
    fn a_query_is_read_or_refused(pairs in prop::collection::vec((name(), text()), 0..6), odd in "[a-z0-9%&=+;_-]{0,30}") {
        let pairs: Vec<String> = pairs
            .iter()
            .map(|(name, value)| format!("{}={}", percent_encoded(name.as_bytes()), percent_encoded(value.as_bytes())))
            .collect();
        for query in [pairs.join("&"), odd] {
            let mut ages = input(&format!("/v4/clusters/age?{query}"), AGE);
            match ages.query::<ListClustersByAgeQuery>() {
                Some(read) => {
                    prop_assert!((1..=500).contains(&read.limit));
                    prop_assert!(read.label.len() <= 16 && read.not_label.len() <= 16);
                }
                None => assert_told(ages),
            }
            let mut versions = input(&format!("/v4/versions/a/b?{query}"), VERSIONS);
            if versions.query::<ListVersionsQuery>().is_none() {
                assert_told(versions);
            }
        }
    }

    #[test]
    fn a_header_is_read_or_refused(value in prop::collection::vec(any::<u8>(), 0..140)) {
        let Ok(value) = HeaderValue::from_bytes(&value) else { return Ok(()) };
        let request = Request::post("/v4/clusters/x/checkins").header(HeaderName::from_static("claim-key"), &value);
        let mut input = Input::new(request.body(Body::empty()).expect("a request"), &DOCUMENT, CHECK_IN);
        let is_key = |text: &str| (16..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
        match input.headers::<CheckInHeaders>(&["Claim-Key"]) {
            Some(read) => prop_assert!(is_key(&read.claim_key.expect("it was sent"))),
            None => {
                prop_assert!(!value.to_str().is_ok_and(is_key));
                assert_told(input);
            }
        }
    }
}
