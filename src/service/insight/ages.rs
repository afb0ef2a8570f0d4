//! How old clusters are.

use super::instants;
use crate::contract::v4::types;
use crate::domain::insight::audience::Audience;
use crate::domain::insight::interval::Range;
use crate::domain::insight::spread::{self, Aged};

/// The answer, from the ages of the clusters by their first and by their last check-ins.
pub(super) fn answer(audience: Audience, range: &Range, firsts: &[Aged], lasts: &[Aged]) -> types::Ages {
    let span = range.last();
    let (start, end) = instants(span);
    let width = range.interval.bin_days();
    types::Ages {
        start,
        end,
        is_complete: span.is_complete,
        since_first: distribution(audience, firsts, width),
        since_last: distribution(audience, lasts, width),
    }
}

fn distribution(audience: Audience, ages: &[Aged], width: i64) -> types::AgeDistribution {
    let clusters = ages.iter().map(|aged| aged.counted).sum();
    let bins = spread::bins(ages, width).into_iter().map(|bin| types::AgeBin {
        from_days: bin.from,
        to_days: bin.to,
        clusters: audience.told(bin.counted),
        all_clusters: audience.told(bin.all),
    });
    let tell = |days: Option<f64>| days.filter(|_| audience.may_name(clusters));
    types::AgeDistribution {
        clusters: audience.told(clusters),
        all_clusters: audience.told(ages.iter().map(|aged| aged.all).sum()),
        mean_days: tell(spread::mean(ages)),
        median_days: tell(spread::median(ages)),
        bins: bins.collect(),
    }
}
