//! Days, weeks and months, in UTC.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveTime, Utc};

/// The most intervals of a range.
pub const MAX_INTERVALS: usize = 400;

/// How many intervals a range without a start has.
const USUAL_INTERVALS: u32 = 26;

/// The years that days are counted in: what lies outside could not be told by RFC 3339.
const YEARS: std::ops::Range<i32> = 1..10_000;

/// How long an interval is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interval {
    /// A day.
    Day,
    /// A week, from Monday on (ISO 8601).
    Week,
    /// A month of the calendar.
    Month,
}

impl Interval {
    /// The first day of the interval that a day is in.
    pub fn start(self, day: NaiveDate) -> NaiveDate {
        let into = match self {
            Self::Day => 0,
            Self::Week => day.weekday().num_days_from_monday(),
            Self::Month => day.day0(),
        };
        day - Days::new(into.into())
    }

    /// The first day of the interval so many after the one that starts on a day.
    fn after(self, start: NaiveDate, count: u32) -> NaiveDate {
        match self {
            Self::Day => start + Days::new(count.into()),
            Self::Week => start + Days::new(7 * u64::from(count)),
            Self::Month => start + Months::new(count),
        }
    }

    /// The first day of the interval so many before the one that starts on a day.
    fn before(self, start: NaiveDate, count: u32) -> NaiveDate {
        match self {
            Self::Day => start - Days::new(count.into()),
            Self::Week => start - Days::new(7 * u64::from(count)),
            Self::Month => start - Months::new(count),
        }
    }

    /// How many days a bin of ages has.
    pub fn bin_days(self) -> i64 {
        match self {
            Self::Day => 1,
            Self::Week => 7,
            Self::Month => 30,
        }
    }
}

/// Whole intervals, one after the other; at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    /// How long they are.
    pub interval: Interval,
    /// Their first days, and the day after the last one.
    bounds: Vec<NaiveDate>,
    today: NaiveDate,
}

/// Why there is no range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RangeError {
    /// It would end before it starts, or start ahead.
    Empty,
    /// It would have more than [`MAX_INTERVALS`].
    TooLong,
    /// It lies outside the years that can be told.
    OutOfReach,
}

impl Range {
    /// The intervals from the one that `from` is in up to the one that the instant before `to` is in, and no further than
    /// the one of `now`.
    ///
    /// # Errors
    /// If there is none, or too many.
    pub fn new(
        interval: Interval,
        from: Option<DateTime<Utc>>,
        to: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<Self, RangeError> {
        let within_reach = |at: &DateTime<Utc>| YEARS.contains(&at.year());
        if ![from, to].iter().flatten().all(within_reach) {
            return Err(RangeError::OutOfReach);
        }
        if from.zip(to).is_some_and(|(from, to)| from >= to) {
            return Err(RangeError::Empty);
        }
        let today = now.date_naive();
        let last = to.map_or(today, |to| (to - chrono::TimeDelta::microseconds(1)).date_naive()).min(today);
        let last = interval.start(last);
        let first = match from {
            Some(from) => interval.start(from.date_naive()),
            None => interval.before(last, USUAL_INTERVALS - 1),
        };
        if first > last {
            return Err(RangeError::Empty);
        }
        let mut bounds = vec![first];
        while bounds.last().is_some_and(|bound| *bound <= last) {
            if bounds.len() > MAX_INTERVALS {
                return Err(RangeError::TooLong);
            }
            bounds.push(interval.after(first, bounds.len() as u32));
        }
        Ok(Self { interval, bounds, today })
    }

    /// The intervals, the oldest first.
    pub fn spans(&self) -> impl ExactSizeIterator<Item = Span> + '_ {
        self.bounds.windows(2).map(|bounds| Span {
            start: bounds[0],
            end: bounds[1],
            is_complete: bounds[1] <= self.today,
        })
    }

    /// The last interval.
    pub fn last(&self) -> Span {
        self.spans().last().expect("a range has an interval")
    }

    /// How many intervals there are.
    pub fn count(&self) -> usize {
        self.bounds.len() - 1
    }

    /// Where among the intervals the one is that starts on a day.
    pub fn position(&self, start: NaiveDate) -> Option<usize> {
        self.bounds[..self.count()].binary_search(&start).ok()
    }

    /// The first day of the first interval.
    pub fn start(&self) -> NaiveDate {
        self.bounds[0]
    }

    /// The first day after the last interval.
    pub fn end(&self) -> NaiveDate {
        self.bounds[self.count()]
    }

    /// The first day of the interval before the first one.
    pub fn before(&self) -> NaiveDate {
        self.interval.before(self.start(), 1)
    }

    /// The last day of the last interval, or today if that is not over.
    pub fn last_day(&self) -> NaiveDate {
        (self.end() - Days::new(1)).min(self.today)
    }

    /// The day of the question.
    pub fn today(&self) -> NaiveDate {
        self.today
    }
}

/// An interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Its first day.
    pub start: NaiveDate,
    /// The first day after it.
    pub end: NaiveDate,
    /// Whether it is over.
    pub is_complete: bool,
}

/// The beginning of a day.
pub fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Option<DateTime<Utc>> {
        (!text.is_empty()).then(|| text.parse().expect("an instant"))
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn range(interval: Interval, from: &str, to: &str) -> Result<(NaiveDate, NaiveDate, usize), RangeError> {
        let now = at("2024-03-06T15:00:00Z").expect("an instant");
        Range::new(interval, at(from), at(to), now).map(|range| (range.start(), range.end(), range.count()))
    }

    #[test]
    fn a_range_is_made_of_whole_intervals() {
        for (interval, from, to, expected) in [
            (Interval::Day, "2024-02-28T23:59:59Z", "2024-03-01T00:00:00Z", ("2024-02-28", "2024-03-01", 2)),
            (Interval::Day, "2024-02-28T00:00:00Z", "2024-03-01T00:00:01Z", ("2024-02-28", "2024-03-02", 3)),
            (Interval::Week, "2024-01-03T00:00:00Z", "2024-01-15T00:00:00Z", ("2024-01-01", "2024-01-15", 2)),
            (Interval::Month, "2023-12-31T12:00:00Z", "2024-02-01T00:00:01Z", ("2023-12-01", "2024-03-01", 3)),
        ] {
            let (start, end, count) = expected;
            assert_eq!(range(interval, from, to), Ok((day(start), day(end), count)), "{interval:?} {from} {to}");
        }
    }

    #[test]
    fn without_bounds_it_ends_with_what_is_not_over() {
        assert_eq!(range(Interval::Day, "", ""), Ok((day("2024-02-10"), day("2024-03-07"), 26)));
        assert_eq!(range(Interval::Week, "", "2030-01-01T00:00:00Z"), Ok((day("2023-09-11"), day("2024-03-11"), 26)));
        assert_eq!(range(Interval::Month, "", ""), Ok((day("2022-02-01"), day("2024-04-01"), 26)));
        let now = at("2024-03-06T15:00:00Z").expect("an instant");
        let spans = Range::new(Interval::Day, at("2024-03-05T00:00:00Z"), None, now).expect("a range");
        assert_eq!(spans.spans().map(|span| span.is_complete).collect::<Vec<_>>(), [true, false]);
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for (from, to, error) in [
            ("2024-02-01T00:00:00Z", "2024-02-01T00:00:00Z", RangeError::Empty),
            ("2024-02-02T00:00:00Z", "2024-02-01T00:00:00Z", RangeError::Empty),
            ("2024-03-07T00:00:00Z", "", RangeError::Empty),
            ("2022-01-01T00:00:00Z", "", RangeError::TooLong),
            ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", RangeError::TooLong),
            ("-0001-01-01T00:00:00Z", "", RangeError::OutOfReach),
        ] {
            assert_eq!(range(Interval::Day, from, to), Err(error), "{from} {to}");
        }
        assert_eq!(range(Interval::Day, "2023-02-01T00:00:00Z", "").map(|(.., count)| count), Ok(400));
        assert_eq!(range(Interval::Day, "2023-01-31T00:00:00Z", ""), Err(RangeError::TooLong));
    }

    #[test]
    fn months_after_the_31st_do_not_drift() {
        assert_eq!(Interval::Month.after(day("2024-01-01"), 13), day("2025-02-01"));
        assert_eq!(Interval::Month.start(day("2024-02-29")), day("2024-02-01"));
        assert_eq!(Interval::Week.start(day("2024-03-03")), day("2024-02-26"), "Sunday ends a week");
    }
}
