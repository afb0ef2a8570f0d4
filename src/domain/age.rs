//! Filtering clusters by when they were created and when they last checked in.

use chrono::{DateTime, TimeDelta, Utc};

/// The names of the bounds, as the API writes them.
pub type Bound = &'static str;

/// The bounds of an age filter. All are optional and all must hold.
///
/// `…_after` is inclusive and `…_before` exclusive.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AgeFilter {
    /// Least `first_seen`.
    pub created_after: Option<DateTime<Utc>>,
    /// `first_seen` is earlier.
    pub created_before: Option<DateTime<Utc>>,
    /// Least `last_seen`.
    pub checked_in_after: Option<DateTime<Utc>>,
    /// `last_seen` is earlier.
    pub checked_in_before: Option<DateTime<Utc>>,
    /// `last_seen` is earlier than this long ago.
    pub stale_for: Option<TimeDelta>,
    /// `last_seen` is this long ago or later.
    pub fresh_within: Option<TimeDelta>,
    /// Labels that the cluster has, all of them.
    pub labels: Vec<String>,
    /// Labels of which the cluster has none.
    pub not_labels: Vec<String>,
}

/// An interval of time: from `start` inclusive to `end` exclusive, each where given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Window {
    /// The first instant inside.
    pub start: Option<DateTime<Utc>>,
    /// The first instant after it.
    pub end: Option<DateTime<Utc>>,
}

/// An age filter that clusters can satisfy, resolved against an instant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ages {
    /// When the cluster was created.
    pub first_seen: Window,
    /// When it last checked in.
    pub last_seen: Window,
    /// Labels that it has, all of them.
    pub labels: Vec<String>,
    /// Labels of which it has none.
    pub not_labels: Vec<String>,
}

impl Window {
    /// From `after` inclusive to `before` exclusive. `None` if no instant that the database can hold is inside.
    pub fn new(after: Option<DateTime<Utc>>, before: Option<DateTime<Utc>>) -> Option<Self> {
        let (start, end) = (after.map(to_micros), before.map(to_micros));
        let is_empty = start.zip(end).is_some_and(|(start, end)| start >= end);
        (!is_empty).then_some(Self { start, end })
    }
}

impl AgeFilter {
    /// The filter as windows at the instant `now`.
    ///
    /// # Errors
    /// The pairs of bounds that exclude each other, all of them.
    pub fn resolve(self, now: DateTime<Utc>) -> Result<Ages, Vec<(Bound, Bound)>> {
        // A span longer than time itself reaches back to its beginning.
        let ago = |span: TimeDelta| now.checked_sub_signed(span).unwrap_or(DateTime::<Utc>::MIN_UTC);
        let created_after = [("created_after", self.created_after)];
        let created_before = [("created_before", self.created_before)];
        let seen_after = [("checked_in_after", self.checked_in_after), ("fresh_within", self.fresh_within.map(ago))];
        let seen_before = [("checked_in_before", self.checked_in_before), ("stale_for", self.stale_for.map(ago))];

        let mut exclusions = Vec::new();
        let mut exclude = |starts: &[(Bound, Option<DateTime<Utc>>)], ends: &[(Bound, Option<DateTime<Utc>>)]| {
            for (start_name, start) in starts {
                for (end_name, end) in ends {
                    if let (Some(start), Some(end)) = (start, end)
                        && to_micros(*start) >= to_micros(*end)
                    {
                        exclusions.push((*start_name, *end_name));
                    }
                }
            }
        };
        exclude(&created_after, &created_before);
        exclude(&seen_after, &seen_before);
        // A cluster created at an instant is last seen then or later.
        exclude(&created_after, &seen_before);
        if self.labels.iter().any(|label| self.not_labels.contains(label)) {
            exclusions.push(("label", "not_label"));
        }
        if !exclusions.is_empty() {
            return Err(exclusions);
        }

        let latest =
            |bounds: &[(Bound, Option<DateTime<Utc>>)]| bounds.iter().filter_map(|(_, at)| *at).max().map(to_micros);
        let earliest =
            |bounds: &[(Bound, Option<DateTime<Utc>>)]| bounds.iter().filter_map(|(_, at)| *at).min().map(to_micros);
        let first_seen = Window { start: latest(&created_after), end: earliest(&created_before) };
        let last_seen = Window { start: latest(&seen_after), end: earliest(&seen_before) };
        Ok(Ages { labels: self.labels, not_labels: self.not_labels, ..Ages::new(first_seen, last_seen) })
    }
}

impl Ages {
    /// The clusters that were created, and last checked in, within these windows.
    ///
    /// Each window is also narrowed by what follows from `first_seen <= last_seen`, so that an index on either column
    /// serves every filter.
    pub fn new(mut first_seen: Window, mut last_seen: Window) -> Self {
        first_seen.end = [first_seen.end, last_seen.end].into_iter().flatten().min();
        last_seen.start = [first_seen.start, last_seen.start].into_iter().flatten().max();
        Self { first_seen, last_seen, labels: Vec::new(), not_labels: Vec::new() }
    }
}

/// Rounds up to the microseconds that the database keeps: what it holds is at or after the bound exactly if it is at or after the rounded one.
fn to_micros(at: DateTime<Utc>) -> DateTime<Utc> {
    let micros = at.timestamp_micros() + i64::from(!at.timestamp_subsec_nanos().is_multiple_of(1_000));
    DateTime::from_timestamp_micros(micros).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(day * 86_400, 0).expect("in range")
    }

    /// Every bound by its name, at this day (spans count back from day 100).
    fn filter(bounds: &[(&str, i64)]) -> AgeFilter {
        let mut filter = AgeFilter::default();
        for (name, day) in bounds {
            match *name {
                "created_after" => filter.created_after = Some(at(*day)),
                "created_before" => filter.created_before = Some(at(*day)),
                "checked_in_after" => filter.checked_in_after = Some(at(*day)),
                "checked_in_before" => filter.checked_in_before = Some(at(*day)),
                "stale_for" => filter.stale_for = Some(TimeDelta::days(100 - day)),
                "fresh_within" => filter.fresh_within = Some(TimeDelta::days(100 - day)),
                other => panic!("no bound {other}"),
            }
        }
        filter
    }

    #[test]
    fn every_impossible_pair_is_named() {
        let starts = ["created_after", "checked_in_after", "fresh_within"];
        let ends = ["created_before", "checked_in_before", "stale_for"];
        for start in starts {
            for end in ends {
                // Created early and seen late is what every old cluster is.
                let possible = start != "created_after" && end == "created_before";
                let equal = filter(&[(start, 10), (end, 10)]).resolve(at(100));
                assert_eq!(equal.is_ok(), possible, "{start} = {end}");
                if !possible {
                    assert_eq!(equal, Err(vec![(start, end)]));
                    assert!(filter(&[(start, 9), (end, 10)]).resolve(at(100)).is_ok(), "{start} < {end}");
                }
            }
        }
    }

    #[test]
    fn all_exclusions_are_named_at_once() {
        let mut all =
            filter(&[("created_after", 50), ("created_before", 40), ("checked_in_before", 30), ("fresh_within", 60)]);
        all.labels = vec!["ci".into()];
        all.not_labels = vec!["ci".into()];
        assert_eq!(
            all.resolve(at(100)),
            Err(vec![
                ("created_after", "created_before"),
                ("fresh_within", "checked_in_before"),
                ("created_after", "checked_in_before"),
                ("label", "not_label"),
            ])
        );
    }

    #[test]
    fn windows_are_narrowed_by_what_follows() {
        let ages = filter(&[("created_after", 10), ("checked_in_before", 50)]).resolve(at(100)).expect("possible");
        assert_eq!(ages.first_seen, Window { start: Some(at(10)), end: Some(at(50)) });
        assert_eq!(ages.last_seen, Window { start: Some(at(10)), end: Some(at(50)) });
    }

    #[test]
    fn spans_longer_than_time_are_bounds_like_others() {
        let endless = AgeFilter { fresh_within: Some(TimeDelta::MAX), ..AgeFilter::default() };
        assert!(endless.resolve(at(100)).is_ok());
        let nothing = AgeFilter { stale_for: Some(TimeDelta::MAX), ..AgeFilter::default() };
        assert!(nothing.resolve(at(100)).is_ok());
    }

    #[test]
    fn bounds_finer_than_a_microsecond_round_up() {
        let fine = DateTime::from_timestamp(0, 1_500).expect("in range");
        assert_eq!(to_micros(fine), DateTime::from_timestamp(0, 2_000).expect("in range"));
        assert_eq!(to_micros(at(1)), at(1));
    }
}
