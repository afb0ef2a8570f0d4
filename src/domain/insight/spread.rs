//! How numbers of days are spread over clusters.

/// The most bins of a distribution.
pub const MAX_BINS: usize = 400;

/// Clusters of one age: those that the labels let count, and all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Aged {
    /// The age in days.
    pub days: i64,
    /// How many clusters count.
    pub counted: i64,
    /// How many there are.
    pub all: i64,
}

/// The clusters whose age is in a bin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bin {
    /// The least age, in days.
    pub from: i64,
    /// The age where it ends; none if it does not.
    pub to: Option<i64>,
    /// How many clusters count.
    pub counted: i64,
    /// How many there are.
    pub all: i64,
}

/// The mean age in days of those that count.
pub fn mean(ages: &[Aged]) -> Option<f64> {
    let clusters: i64 = ages.iter().map(|aged| aged.counted).sum();
    let days: i64 = ages.iter().map(|aged| aged.counted * aged.days).sum();
    (clusters > 0).then(|| (days as f64 / clusters as f64 * 100.0).round() / 100.0)
}

/// The median age in days of those that count: of an even number, the mean of the two in the middle.
pub fn median(ages: &[Aged]) -> Option<f64> {
    let mut ages: Vec<Aged> = ages.iter().copied().filter(|aged| aged.counted > 0).collect();
    ages.sort_unstable_by_key(|aged| aged.days);
    let clusters: i64 = ages.iter().map(|aged| aged.counted).sum();
    let at = |place: i64| {
        let mut passed = 0;
        ages.iter().find_map(|aged| {
            passed += aged.counted;
            (place < passed).then_some(aged.days)
        })
    };
    Some((at((clusters - 1).max(0) / 2)? + at(clusters / 2)?) as f64 / 2.0)
}

/// The clusters in bins of so many days, from 0 on without a gap.
pub fn bins(ages: &[Aged], width: i64) -> Vec<Bin> {
    let place = |aged: &Aged| ((aged.days / width) as usize).min(MAX_BINS - 1);
    let count = ages.iter().map(|aged| place(aged) + 1).max().unwrap_or_default();
    let mut bins: Vec<Bin> = (0..count as i64)
        .map(|number| Bin { from: number * width, to: Some((number + 1) * width), counted: 0, all: 0 })
        .collect();
    if let Some(last) = bins.get_mut(MAX_BINS - 1) {
        last.to = None;
    }
    for aged in ages {
        let bin = &mut bins[place(aged)];
        bin.counted += aged.counted;
        bin.all += aged.all;
    }
    bins
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aged(days: i64, counted: i64) -> Aged {
        Aged { days, counted, all: counted + 1 }
    }

    #[test]
    fn the_middle_is_found() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[aged(3, 0)]), None);
        assert_eq!(median(&[aged(9, 1), aged(3, 1)]), Some(6.0));
        assert_eq!(median(&[aged(3, 2), aged(9, 1)]), Some(3.0));
        assert_eq!(median(&[aged(3, 2), aged(4, 2)]), Some(3.5));
        assert_eq!(mean(&[aged(3, 2), aged(9, 1)]), Some(5.0));
        assert_eq!(mean(&[aged(3, 0)]), None);
    }

    #[test]
    fn bins_have_no_gap_and_an_end() {
        let filled: Vec<_> = bins(&[aged(0, 1), aged(20, 2), aged(14, 1)], 7)
            .into_iter()
            .map(|bin| (bin.from, bin.to, bin.counted, bin.all))
            .collect();
        assert_eq!(filled, [(0, Some(7), 1, 2), (7, Some(14), 0, 0), (14, Some(21), 3, 5)]);
        let bounded = bins(&[aged(400, 1), aged(5_000, 1)], 1);
        assert_eq!((bounded.len(), bounded[399].counted, bounded[399].to), (400, 2, None));
        assert_eq!(bins(&[], 7), []);
    }
}
