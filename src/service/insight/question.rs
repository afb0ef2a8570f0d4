//! What is asked for: the range, and which clusters count.

use chrono::{DateTime, Utc};

use super::super::problem;
use crate::clock;
use crate::contract::v4::responses::Invalid;
use crate::contract::v4::types;
use crate::domain::insight::interval::{Interval, MAX_INTERVALS, Range, RangeError};
use crate::wire::Fault;

/// The most days of silence.
const MAX_SILENT_DAYS: i32 = 90;

/// The range of a query. The operations have each a type of their own for it, with the same fields.
macro_rules! range {
    ($query:expr) => {
        $crate::service::insight::question::range_of($query.interval, $query.from, $query.to)
    };
}

/// The labels that a query lets count.
macro_rules! labels {
    ($query:expr) => {
        $crate::domain::insight::labels::Labels { with: $query.label, without: $query.not_label }
    };
}

pub(super) use {labels, range};

/// The range that is asked for.
pub(super) fn range_of(
    interval: Option<types::Interval>,
    from: Option<DateTime<Utc>>,
    to: Option<DateTime<Utc>>,
) -> Result<Range, Invalid> {
    let interval = interval.map_or(Interval::Week, Interval::from);
    Range::new(interval, from, to, clock::now()).map_err(|error| match error {
        RangeError::Empty if to.is_some() => problem::impossible_filter(&[("from", "to")]),
        RangeError::Empty => problem::fault(Fault::query("from", "lies ahead")),
        RangeError::TooLong => problem::fault(too_long(MAX_INTERVALS)),
        RangeError::OutOfReach => problem::fault(Fault::query("from", "and to are in the years 1 to 9999")),
    })
}

/// The fault of a range that has more intervals than it may.
pub(super) fn too_long(most: usize) -> Fault {
    Fault::query("from", format!("makes more than {most} intervals; choose a later one, or a longer interval"))
}

/// After how many days a cluster has disappeared.
pub(super) fn silent_days(text: &str) -> Result<i32, Fault> {
    // The document's pattern lets only these through.
    let unit = if text.ends_with('W') { 7 } else { 1 };
    let days =
        text.trim_matches(|character: char| !character.is_ascii_digit()).parse::<i32>().map(|count| count * unit);
    days.ok()
        .filter(|days| (1..=MAX_SILENT_DAYS).contains(days))
        .ok_or_else(|| Fault::query("silent_for", format!("is not from P1D to P{MAX_SILENT_DAYS}D")))
}

impl From<types::Interval> for Interval {
    fn from(interval: types::Interval) -> Self {
        match interval {
            types::Interval::Day => Self::Day,
            types::Interval::Week => Self::Week,
            types::Interval::Month => Self::Month,
        }
    }
}

impl From<Interval> for types::Interval {
    fn from(interval: Interval) -> Self {
        match interval {
            Interval::Day => Self::Day,
            Interval::Week => Self::Week,
            Interval::Month => Self::Month,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::silent_days;

    #[test]
    fn silence_is_counted_in_days() {
        assert_eq!(silent_days("P7D"), Ok(7));
        assert_eq!(silent_days("P12W"), Ok(84));
        assert_eq!(silent_days("P90D"), Ok(90));
        for text in ["P0D", "P00W", "P91D", "P13W"] {
            assert!(silent_days(text).is_err(), "{text}");
        }
    }
}
