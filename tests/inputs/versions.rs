//! Versions in their order.

use chrono::DateTime;
use proptest::prelude::*;
use semver::Version;
use stationmaster::domain::precedence::{outranks, parse, sort_key};

use crate::texts::text;

/// Versions that are SemVer or nearly so, of few different parts, so that neighbours are met.
fn version() -> impl Strategy<Value = String> {
    let semver = r"v?(0|1|10|18446744073709551615|18446744073709551616)\.[01]\.[01](-(0|1|10|a|B|a-|-1|x\.1|a\.0|rc\.1))?(\+[ab0]{1,2})?";
    prop_oneof![3 => semver, 1 => text()]
}

fn key(version: &str) -> Vec<u8> {
    sort_key(version, DateTime::UNIX_EPOCH)
}

proptest! {
    /// The bytes that the database sorts by are in the order of SemVer, clause 11.
    #[test]
    fn keys_are_in_the_order_of_precedence(one in version(), other in version()) {
        match (parse(&one), parse(&other)) {
            (Some(left), Some(right)) => prop_assert_eq!(key(&one).cmp(&key(&other)), left.cmp_precedence(&right)),
            (Some(_), None) => prop_assert!(key(&one) > key(&other)),
            (None, Some(_)) => prop_assert!(key(&one) < key(&other)),
            (None, None) => prop_assert_eq!(key(&one), key(&other)),
        }
    }

    #[test]
    fn of_two_versions_one_outranks_the_other_or_neither(one in version(), other in version()) {
        let both_are_odd = parse(&one).is_none() && parse(&other).is_none();
        prop_assert!(both_are_odd || !(outranks(&one, &other) && outranks(&other, &one)));
        prop_assert!(!outranks(&one, &one));
        prop_assert!(both_are_odd || outranks(&one, &other) == (key(&one) > key(&other)));
    }

    #[test]
    fn what_is_read_is_semver_after_its_v(text in version()) {
        let bare = text.strip_prefix('v').unwrap_or(&text);
        prop_assert_eq!(parse(&text).map(|version| version.to_string()), Version::parse(bare).ok().map(|_| bare.to_owned()));
    }
}
