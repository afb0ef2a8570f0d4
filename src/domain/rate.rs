//! How often something may be done: so many at once, and then so many per time for ever. A token bucket, kept as the
//! one instant at which it is full again (the generic cell rate algorithm).

use std::str::FromStr;
use std::time::Duration;

/// How fast a bucket fills, and how much it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// In nanoseconds, how long it takes until there is one more.
    interval: u64,
    /// In nanoseconds, how long it takes to fill.
    depth: u64,
}

/// A rate, or no limit at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(pub Option<Rate>);

/// In a second.
const NANOSECONDS: u64 = 1_000_000_000;

/// The largest number in a rate. With it, all sums of nanoseconds fit for centuries.
const MOST: u64 = 1_000_000;

impl Rate {
    /// Takes one from a bucket at `now`, if there is one; times are in nanoseconds since whenever.
    ///
    /// `full_at` is when the bucket is full again, 0 for one that is. Answers when that is afterwards.
    ///
    /// # Errors
    /// How long it takes until there is one.
    pub fn take(self, full_at: u64, now: u64) -> Result<u64, Duration> {
        let full_after = full_at.max(now) + self.interval;
        match (full_after - now).checked_sub(self.depth) {
            None | Some(0) => Ok(full_after),
            Some(lacking) => Err(Duration::from_nanos(lacking)),
        }
    }
}

impl FromStr for Limit {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORM: &str = "a rate is a number per s, m or h, such as 1000/s, or with how many may come at once, such as \
            1000/s:5000; off for no limit";
        if text == "off" {
            return Ok(Self(None));
        }
        let (rate, burst) = text.split_once(':').map_or((text, None), |(rate, burst)| (rate, Some(burst)));
        let (count, unit) = rate.split_once('/').ok_or(FORM)?;
        let number = |text: &str| text.parse().ok().filter(|number| (1..=MOST).contains(number)).ok_or(FORM);
        let count = number(count)?;
        let burst = burst.map_or(Ok(count), number)?;
        let seconds = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3_600,
            _ => return Err(FORM),
        };
        let interval = seconds * NANOSECONDS / count;
        Ok(Self(Some(Rate { interval, depth: interval * burst })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(text: &str) -> Rate {
        text.parse::<Limit>().expect("a rate").0.expect("a limit")
    }

    #[test]
    fn so_many_come_at_once_and_so_many_for_ever() {
        let rate = rate("2/s:3");
        let mut full_at = 0;
        let mut take = |milliseconds: u64| {
            let taken = rate.take(full_at, 60 * NANOSECONDS + milliseconds * 1_000_000);
            taken.map(|after| full_at = after).map_err(|wait| wait.as_millis())
        };
        assert_eq!([take(0), take(0), take(0), take(0)], [Ok(()), Ok(()), Ok(()), Err(500)]);
        assert_eq!([take(100), take(499), take(500), take(500)], [Err(400), Err(1), Ok(()), Err(500)]);
        // It fills up again, and no more than that.
        assert_eq!([(); 4].map(|()| take(3_600_000)), [Ok(()), Ok(()), Ok(()), Err(500)]);
    }

    #[test]
    fn without_a_burst_a_whole_unit_may_come_at_once() {
        assert_eq!(rate("60/m"), rate("60/m:60"));
        assert_eq!(rate("3600/h:60"), rate("60/m"));
        assert_eq!("off".parse(), Ok(Limit(None)));
    }

    #[test]
    fn what_is_no_rate_is_refused() {
        for text in ["", "0/s", "1", "1/d", "1/s:", "1/s:0", "-1/s", "1.5/s", "1/s:5:5", "1000001/s", "OFF", " 1/s"] {
            assert!(text.parse::<Limit>().is_err(), "{text:?}");
        }
    }
}
