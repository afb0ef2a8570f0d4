//! Instants as the old service read and wrote them.

use chrono::{DateTime, FixedOffset, SecondsFormat, Utc};

/// Reads an instant of RFC 3339 (section 5.6) whose `T` and `Z` are upper case.
pub(super) fn read(text: &str) -> Option<DateTime<FixedOffset>> {
    let is_strict = text.as_bytes().get(10) == Some(&b'T') && !text.ends_with('z');
    DateTime::parse_from_rfc3339(text).ok().filter(|_| is_strict)
}

/// An instant in UTC and whole seconds.
pub(super) fn to_seconds(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// An instant in milliseconds, with the offset that it was sent with.
pub(super) fn to_millis(at: DateTime<FixedOffset>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// An instant in UTC with the fraction of a second that it has, and none if it has none.
pub(super) fn to_fraction(at: DateTime<Utc>) -> String {
    let fraction = format!("{:06}", at.timestamp_subsec_micros());
    let whole = at.format("%Y-%m-%dT%H:%M:%S");
    match fraction.trim_end_matches('0') {
        "" => format!("{whole}Z"),
        fraction => format!("{whole}.{fraction}Z"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_as_the_old_service_did() {
        let at = |text| read(text).expect("an instant");
        assert_eq!(to_seconds(at("2016-06-01T12:00:00.987+02:00").to_utc()), "2016-06-01T10:00:00Z");
        assert_eq!(to_seconds(at("0001-01-01T00:00:00Z").to_utc()), "0001-01-01T00:00:00Z");
        assert_eq!(to_millis(at("2016-03-12T23:54:39.123456+02:00")), "2016-03-12T23:54:39.123+02:00");
        assert_eq!(to_millis(at("2016-03-11T23:54:39Z")), "2016-03-11T23:54:39.000Z");
        assert_eq!(to_fraction(at("2016-01-05T00:00:00.25Z").to_utc()), "2016-01-05T00:00:00.25Z");
        assert_eq!(to_fraction(at("2016-01-05T00:00:00Z").to_utc()), "2016-01-05T00:00:00Z");
    }

    #[test]
    fn what_is_no_instant() {
        for text in ["", "yesterday", "2016-06-01", "2016-06-01t10:00:00Z", "2016-06-01T10:00:00z", "4102444800"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
