//! The time of day. Everything else asks here, so that what is stored and what is answered agree to the microsecond.

use chrono::{DateTime, Utc};

/// Now, to the microseconds that the database keeps.
pub fn now() -> DateTime<Utc> {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that others are told to ask")]
    let now = Utc::now();
    to_micros(now)
}

/// The instant without what is finer than a microsecond. A leap second becomes the first of the next minute.
pub fn to_micros(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(at.timestamp_micros()).unwrap_or(at)
}
