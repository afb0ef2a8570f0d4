//! Clusters over time.

use super::instants;
use crate::contract::v4::types;
use crate::domain::insight::audience::Audience;
use crate::domain::insight::interval::Range;
use crate::store::rollups::read::Activity;

/// The answer, from what came and what went in each interval: those that count, and all.
pub(super) fn answer(
    audience: Audience,
    range: &Range,
    came: &[(Activity, Activity)],
    went: &[(Activity, Activity)],
) -> types::Activity {
    let data = range.spans().zip(came.iter().zip(went)).map(|(span, (came, went))| {
        let (start, end) = instants(span);
        types::ActivityInterval {
            start,
            end,
            is_complete: span.is_complete,
            counted: counts(audience, came.0, went.0),
            all: counts(audience, came.1, went.1),
        }
    });
    types::Activity { interval: range.interval.into(), data: data.collect() }
}

fn counts(audience: Audience, came: Activity, went: Activity) -> types::ActivityCounts {
    types::ActivityCounts {
        active: audience.told(came.active),
        appeared: audience.told(came.appeared),
        returned: audience.told(went.returned),
        disappeared: audience.told(went.disappeared),
    }
}
