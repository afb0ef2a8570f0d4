//! Spans of calendar time: years, months, weeks or days, as ISO 8601 writes them.
//!
//! Unlike the units of [`duration`](super::duration), which callers of the API write, these have no fixed length.

use std::str::FromStr;

use chrono::{DateTime, Days, Months, Utc};

/// The most years that a span may have: what lies so far back can be written in the database.
const MAX_YEARS: u32 = 1_000;

/// A span of calendar time, at least a day long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// So many months.
    Months(u32),
    /// So many days.
    Days(u32),
}

/// Why a text is no span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SpanError {
    /// Not in the form.
    #[error("write a number of years, months, weeks or days, such as P3Y, P24M, P12W or P90D")]
    Form,
    /// It has no length.
    #[error("that would keep nothing; write P1D or longer, or leave it out to keep everything")]
    Zero,
    /// Longer than 1,000 years.
    #[error("that is longer than {MAX_YEARS} years; leave it out to keep everything")]
    TooLong,
}

impl Span {
    /// The instant that lies this span before `at`. A day that its month does not have becomes the last that it has.
    pub fn before(self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self {
            Self::Months(months) => at.checked_sub_months(Months::new(months)),
            Self::Days(days) => at.checked_sub_days(Days::new(days.into())),
        }
    }
}

impl FromStr for Span {
    type Err = SpanError;

    fn from_str(text: &str) -> Result<Self, SpanError> {
        let (count, unit) = text
            .strip_prefix('P')
            .and_then(|rest| rest.split_at_checked(rest.len().checked_sub(1)?))
            .filter(|(count, _)| !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit()))
            .ok_or(SpanError::Form)?;
        let (span, per_unit, most): (fn(u32) -> Self, u32, u32) = match unit {
            "Y" => (Self::Months, 12, MAX_YEARS * 12),
            "M" => (Self::Months, 1, MAX_YEARS * 12),
            "W" => (Self::Days, 7, MAX_YEARS * 365),
            "D" => (Self::Days, 1, MAX_YEARS * 365),
            _ => return Err(SpanError::Form),
        };
        // Digits that are no number are too many.
        let length = count.parse().ok().and_then(|count: u32| count.checked_mul(per_unit)).unwrap_or(u32::MAX);
        match length {
            0 => Err(SpanError::Zero),
            length if length > most => Err(SpanError::TooLong),
            length => Ok(span(length)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn before(span: &str, at: &str) -> String {
        let at: DateTime<Utc> = at.parse().expect("an instant");
        let span: Span = span.parse().expect("a span");
        span.before(at).expect("in range").format("%FT%TZ").to_string()
    }

    #[test]
    fn months_are_as_long_as_they_are() {
        assert_eq!(before("P1M", "2026-05-15T10:00:00Z"), "2026-04-15T10:00:00Z");
        assert_eq!(before("P1M", "2026-03-15T10:00:00Z"), "2026-02-15T10:00:00Z");
        assert_eq!(before("P24M", "2026-11-24T00:00:00Z"), "2024-11-24T00:00:00Z");
        assert_eq!(before("P2Y", "2026-11-24T00:00:00Z"), "2024-11-24T00:00:00Z");
        assert_eq!(before("P13M", "2026-01-01T00:00:00Z"), "2024-12-01T00:00:00Z");
    }

    #[test]
    fn a_day_that_a_month_does_not_have_is_its_last() {
        assert_eq!(before("P1M", "2026-07-31T23:59:59Z"), "2026-06-30T23:59:59Z");
        assert_eq!(before("P1M", "2026-03-31T00:00:00Z"), "2026-02-28T00:00:00Z");
        assert_eq!(before("P1M", "2024-03-31T00:00:00Z"), "2024-02-29T00:00:00Z");
        assert_eq!(before("P1Y", "2024-02-29T00:00:00Z"), "2023-02-28T00:00:00Z");
        assert_eq!(before("P4Y", "2024-02-29T00:00:00Z"), "2020-02-29T00:00:00Z");
        assert_eq!(before("P1200M", "2000-02-29T00:00:00Z"), "1900-02-28T00:00:00Z", "1900 was no leap year");
    }

    #[test]
    fn weeks_and_days_are_counted() {
        assert_eq!(before("P1D", "2024-03-01T00:00:00Z"), "2024-02-29T00:00:00Z");
        assert_eq!(before("P2W", "2026-01-01T06:30:00Z"), "2025-12-18T06:30:00Z");
        assert_eq!(before("P365D", "2025-01-01T00:00:00Z"), "2024-01-02T00:00:00Z", "2024 was a leap year");
    }

    #[test]
    fn what_is_no_span_is_refused() {
        for text in
            ["", "P", "24M", "PM", "P-1M", "P+1M", "P1.5Y", "P1Y6M", "PT12H", "P24m", "P24", "P1é", "P 1D", "2 years"]
        {
            assert_eq!(text.parse::<Span>(), Err(SpanError::Form), "{text}");
        }
        for text in ["P0D", "P0M", "P000Y"] {
            assert_eq!(text.parse::<Span>(), Err(SpanError::Zero), "{text}");
        }
        for text in ["P1001Y", "P12001M", "P365001D", "P4294967295W", "P99999999999999999999D"] {
            assert_eq!(text.parse::<Span>(), Err(SpanError::TooLong), "{text}");
        }
        assert_eq!("P1000Y".parse(), Ok(Span::Months(12_000)));
        assert_eq!("P007D".parse(), Ok(Span::Days(7)));
    }
}
