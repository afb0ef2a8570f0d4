//! Which of two versions is newer.
//!
//! The order is kept as bytes, so that the database can sort, page and index by it without knowing SemVer.

use chrono::{DateTime, Utc};
use semver::Version;

/// First byte of a key: versions that are not SemVer never outrank one that is.
const NOT_SEMVER: u8 = 0;
const SEMVER: u8 = 1;

/// Tags within a SemVer key. Their values are the order of `SemVer` 11.3 and 11.4: the end of a pre-release sorts before a further identifier,
/// numeric identifiers before alphanumeric ones, and a release after all of its pre-releases.
const END: u8 = 0;
const NUMERIC: u8 = 1;
const ALPHANUMERIC: u8 = 2;
const RELEASE: u8 = 3;

/// Reads a version as SemVer 2.0, with or without a leading `v`.
///
/// `None` if it is not SemVer, or has a number of more than 64 bits.
pub fn parse(version: &str) -> Option<Version> {
    Version::parse(version.strip_prefix('v').unwrap_or(version)).ok()
}

/// The sort key of a version: of two versions of a train, the one whose key is greater is newer.
///
/// SemVer 2.0 precedence (clause 11) decides; build metadata is ignored. Among versions that are not SemVer the later `released` wins.
/// Equal keys are told apart by `released`, which is kept beside the key.
pub fn sort_key(version: &str, released: DateTime<Utc>) -> Vec<u8> {
    match parse(version) {
        Some(version) => semver_key(&version),
        None => {
            // Flipping the sign bit makes two's complement sort as unsigned bytes.
            let instant = released.timestamp_micros() as u64 ^ (1 << 63);
            [&[NOT_SEMVER][..], &instant.to_be_bytes()].concat()
        }
    }
}

fn semver_key(version: &Version) -> Vec<u8> {
    let mut key = vec![SEMVER];
    for number in [version.major, version.minor, version.patch] {
        key.extend(number.to_be_bytes());
    }
    if version.pre.is_empty() {
        key.push(RELEASE);
        return key;
    }
    for identifier in version.pre.split('.') {
        if identifier.bytes().all(|byte| byte.is_ascii_digit()) {
            // Without leading zeroes (clause 9) the longer number is the greater one. A version has at most 128 characters.
            key.extend([NUMERIC, identifier.len() as u8]);
        } else {
            key.push(ALPHANUMERIC);
        }
        key.extend(identifier.bytes());
        key.push(END);
    }
    key.push(END);
    key
}

/// Whether `latest`, the latest version of a train, outranks the version that is installed.
///
/// Of two versions that are not SemVer the latest one is by definition the one released last, so any other is behind it.
pub fn outranks(latest: &str, installed: &str) -> bool {
    match (parse(latest), parse(installed)) {
        (Some(latest), Some(installed)) => latest.cmp_precedence(&installed).is_gt(),
        (Some(_), None) => true,
        (None, Some(_)) => false,
        (None, None) => latest != installed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(version: &str) -> Vec<u8> {
        sort_key(version, DateTime::UNIX_EPOCH)
    }

    #[test]
    fn semver_precedence_is_the_order_of_the_keys() {
        // SemVer 2.0, clause 11, and what real trains hold.
        let ascending = [
            "0.0.0-0",
            "v0.9.0",
            "1.0.0-0.3.7",
            "1.0.0-2",
            "1.0.0-11",
            "1.0.0-99999999999999999999",
            "1.0.0-100000000000000000000",
            "1.0.0--",
            "v1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-alpha1",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
            "v1.0.1",
            "1.2.0",
            "1.10.0",
            "v2.0.0",
            "18446744073709551615.0.0",
        ];
        for (at, lower) in ascending.iter().enumerate() {
            for higher in &ascending[at + 1..] {
                assert!(key(lower) < key(higher), "{lower} < {higher}");
                assert!(outranks(higher, lower), "{higher} outranks {lower}");
                assert!(!outranks(lower, higher), "{lower} does not outrank {higher}");
            }
        }
    }

    #[test]
    fn build_metadata_and_a_leading_v_do_not_count() {
        assert_eq!(key("1.2.3+one"), key("v1.2.3+two"));
        assert!(!outranks("1.2.3+two", "v1.2.3"));
    }

    #[test]
    fn what_is_not_semver_is_below_and_ordered_by_release() {
        let [early, late] = [-5, 5].map(|seconds| DateTime::from_timestamp(seconds, 0).expect("in range"));
        assert!(sort_key("nightly-2", early) < sort_key("nightly-1", late));
        assert!(sort_key("nightly-1", late) < key("0.0.0-0"));
        assert!(outranks("1.0.0", "nightly"));
        assert!(!outranks("nightly", "1.0.0"));
        assert!(outranks("nightly-1", "nightly-2"));
        assert!(!outranks("nightly-1", "nightly-1"));
        assert_eq!(parse("18446744073709551616.0.0"), None);
        for odd in ["v", "vv1.0.0", "1.0", "01.0.0", "1.0.0-01", "V1.0.0", "latest", "1.0.0-é"] {
            assert_eq!(parse(odd), None, "{odd}");
        }
    }
}
