//! Whether clusters stay.

use super::instants;
use crate::contract::v4::types;
use crate::domain::insight::audience::Audience;
use crate::domain::insight::interval::Range;
use crate::domain::insight::share::share;
use crate::store::rollups::read::Cohort;

/// The most cohorts: an answer has a number for each two of them.
pub(super) const MAX_COHORTS: usize = 120;

/// The answer, from how many clusters of each cohort were active in each interval.
pub(super) fn answer(audience: Audience, range: &Range, cohorts: &[Cohort]) -> types::Retention {
    let complete = range.spans().filter(|span| span.is_complete).count();
    // By cohort, then by interval since.
    let mut counted: Vec<Vec<i64>> = (0..complete).map(|place| vec![0; complete - place]).collect();
    let mut all = vec![0; complete];
    for cohort in cohorts {
        let (Some(first), Some(active)) = (range.position(cohort.first), range.position(cohort.active)) else {
            continue;
        };
        let Some(since) = active.checked_sub(first).filter(|_| active < complete) else { continue };
        counted[first][since] += cohort.counted;
        if since == 0 {
            all[first] += cohort.all;
        }
    }
    let cohorts = range.spans().zip(counted.into_iter().zip(all)).map(|(span, (counted, all))| {
        let (start, end) = instants(span);
        let retained: Vec<i64> = counted.into_iter().map(|clusters| audience.told(clusters)).collect();
        let clusters = retained.first().copied().unwrap_or_default();
        let shares = retained.iter().map(|retained| share(*retained, clusters)).collect();
        types::Cohort { start, end, clusters, all_clusters: audience.told(all), retained, shares }
    });
    types::Retention { interval: range.interval.into(), cohorts: cohorts.collect() }
}
