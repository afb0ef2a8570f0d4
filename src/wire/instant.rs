//! Instants as RFC 3339 writes them (section 5.6). What chrono derives also reads a space for the `T`, offsets without a
//! colon and numbers of one digit.

use chrono::{DateTime, Utc};
use serde::de::{Deserialize, Deserializer, Error};

/// An instant that was read strictly.
struct Strict(DateTime<Utc>);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        let separated = matches!(text.as_bytes().get(10), Some(b'T' | b't'));
        match DateTime::parse_from_rfc3339(&text) {
            Ok(instant) if separated => Ok(Self(instant.to_utc())),
            _ => Err(D::Error::custom("not an instant of RFC 3339")),
        }
    }
}

/// Reads an instant.
///
/// # Errors
/// What is not one.
pub fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
    Strict::deserialize(deserializer).map(|strict| strict.0)
}

/// Reads an instant that may be absent but not null.
///
/// # Errors
/// What is not one, null included.
pub fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    required(deserializer).map(Some)
}

/// Reads an instant that may be null.
///
/// # Errors
/// What is not one.
pub fn nullable<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    Ok(Option::<Strict>::deserialize(deserializer)?.map(|strict| strict.0))
}

/// Reads an instant that may be absent (`None`), null (`Some(None)`) or there.
///
/// # Errors
/// What is not one.
pub fn double_option<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<DateTime<Utc>>>, D::Error> {
    nullable(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use serde::de::IntoDeserializer;
    use serde::de::value::{Error, StrDeserializer};

    use super::*;

    #[test]
    fn only_what_rfc_3339_writes() {
        let read = |text: &'static str| {
            let deserializer: StrDeserializer<'_, Error> = text.into_deserializer();
            required(deserializer)
        };
        for text in
            ["2017-02-22T21:41:28Z", "2017-02-22t21:41:28.5z", "2017-02-22T21:41:28+01:00", "0000-01-01T00:00:00Z"]
        {
            assert!(read(text).is_ok(), "{text}");
        }
        for text in [
            "2017-02-22 21:41:28Z",
            "2017-02-22T21:41:28+0100",
            "2017-02-22T21:41:28 Z",
            " 2017-02-22T21:41:28Z",
            "2017-2-22T21:41:28Z",
            "2017-02-22",
            "",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
