//! Instants that the API can write.

use chrono::{DateTime, Datelike, Utc};

/// Whether RFC 3339 can write the instant in UTC: it has four digits for the year. An offset can push an instant out of them.
pub fn is_writable(at: DateTime<Utc>) -> bool {
    (0..=9_999).contains(&at.year())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_of_four_digits() {
        for (text, writable) in [
            ("0000-01-01T00:00:00Z", true),
            ("0000-01-01T00:00:00+01:00", false),
            ("9999-12-31T23:59:59Z", true),
            ("9999-12-31T23:59:59-01:00", false),
        ] {
            let at = DateTime::parse_from_rfc3339(text).expect("an instant").to_utc();
            assert_eq!(is_writable(at), writable, "{text}");
        }
    }
}
