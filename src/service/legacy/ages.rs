//! The windows of time that v3 filters by. All bounds are exclusive, and one that is left out or empty does not filter.

use chrono::{DateTime, TimeDelta, Utc};

use super::answers::{bad_request, unprocessable};
use super::instant;
use crate::contract::legacy::responses::{BadRequest, Unprocessable};
use crate::domain::age::{Ages, Window};

/// A bound: its name, and the instant if it was given.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bound {
    name: &'static str,
    at: Option<DateTime<Utc>>,
}

impl Bound {
    /// Reads a bound.
    ///
    /// # Errors
    /// What is no instant, in the old service's words.
    pub(super) fn read(name: &'static str, text: Option<&str>) -> Result<Self, Unprocessable> {
        let Some(text) = text.filter(|text| !text.is_empty()) else {
            return Ok(Self { name, at: None });
        };
        let at = instant::read(text)
            .ok_or_else(|| unprocessable(format!("{name} in query must be of type strfmt.DateTime: {text:?}")))?;
        Ok(Self { name, at: Some(at.to_utc()) })
    }

    /// Refuses this bound unless it is later than `other`.
    fn is_after(self, other: Self) -> Result<(), BadRequest> {
        self.excluded_by(other, |this, other| this <= other, "greater than")
    }

    /// Refuses this bound if it is earlier than `other`.
    fn is_not_before(self, other: Self) -> Result<(), BadRequest> {
        self.excluded_by(other, |this, other| this < other, "greater than or equal to")
    }

    fn excluded_by(
        self,
        other: Self,
        excludes: impl FnOnce(DateTime<Utc>, DateTime<Utc>) -> bool,
        rule: &str,
    ) -> Result<(), BadRequest> {
        match (self.at, other.at) {
            (Some(this), Some(that)) if excludes(this, that) => Err(bad_request(format!(
                "impossible filter for keys/times ({} ({this}), {} ({that})): {} needs to be {rule} {}",
                self.name, other.name, self.name, other.name
            ))),
            _ => Ok(()),
        }
    }
}

/// The clusters created, and last checked in, within these bounds.
///
/// # Errors
/// The first two bounds that exclude each other. As with the old service, a cluster may not be asked for that was created before an instant later than
/// the one before which it checked in.
pub(super) fn by_age(created: (Bound, Bound), checked_in: (Bound, Bound)) -> Result<Ages, BadRequest> {
    checked_in.1.is_not_before(created.1)?;
    checked_in.1.is_after(checked_in.0)?;
    created.1.is_after(created.0)?;
    checked_in.1.is_after(created.0)?;
    Ok(Ages::new(window(created.0.at, created.1.at), window(checked_in.0.at, checked_in.1.at)))
}

/// The clusters created between these bounds.
///
/// # Errors
/// Bounds that exclude each other.
pub(super) fn created(after: Bound, before: Bound) -> Result<Ages, BadRequest> {
    before.is_after(after)?;
    Ok(Ages::new(window(after.at, before.at), Window::default()))
}

/// The clusters created between these bounds that checked in later than 24 hours before the second.
///
/// # Errors
/// Bounds that exclude each other.
pub(super) fn persistent(epoch: Bound, timestamp: Bound) -> Result<Ages, BadRequest> {
    timestamp.is_after(epoch)?;
    let yesterday = timestamp.at.and_then(|at| at.checked_sub_signed(TimeDelta::hours(24)));
    Ok(Ages::new(window(epoch.at, timestamp.at), window(yesterday, None)))
}

/// The instants between two, neither included, in the microseconds that the database keeps.
fn window(after: Option<DateTime<Utc>>, before: Option<DateTime<Utc>>) -> Window {
    let floor = |at: DateTime<Utc>| DateTime::from_timestamp_micros(at.timestamp_micros());
    let start = after.and_then(floor).and_then(|at| at.checked_add_signed(TimeDelta::microseconds(1)));
    let end = before.map(|at| match floor(at) {
        Some(floor) if floor < at => floor + TimeDelta::microseconds(1),
        _ => at,
    });
    Window { start, end }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(name: &'static str, text: &str) -> Bound {
        Bound::read(name, Some(text)).expect("an instant")
    }

    #[test]
    fn both_ends_are_exclusive() {
        let window = created(
            bound("created_after", "2016-01-01T00:00:00.0000009Z"),
            bound("created_before", "2016-01-02T00:00:00Z"),
        )
        .expect("possible")
        .first_seen;
        let start = window.start.expect("a start");
        assert_eq!(start.timestamp_subsec_nanos(), 1_000);
        assert_eq!(window.end.map(instant::to_seconds).as_deref(), Some("2016-01-02T00:00:00Z"));
    }

    #[test]
    fn what_excludes_each_other_is_named() {
        let (early, late) = ("2010-01-01T00:00:00Z", "2011-01-01T00:00:00+01:00");
        let refusal = created(bound("created_after", late), bound("created_before", early)).expect_err("impossible");
        assert_eq!(
            refusal.body.message,
            "impossible filter for keys/times (created_before (2010-01-01 00:00:00 UTC), created_after \
             (2010-12-31 23:00:00 UTC)): created_before needs to be greater than created_after"
        );
        assert!(created(bound("created_after", early), bound("created_before", early)).is_err());
        let none = Bound::read("created_after", Some("")).expect("an empty bound does not count");
        assert!(created(none, bound("created_before", early)).is_ok());
    }
}
