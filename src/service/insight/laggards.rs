//! The clusters on a version or an older one over time.

use std::collections::HashMap;

use super::order::{Key, Releases, key};
use super::{instants, place};
use crate::contract::v4::types;
use crate::domain::insight::audience::Audience;
use crate::domain::insight::interval::Range;
use crate::domain::insight::share::share;
use crate::store::rollups::read::{Change, Release, VersionCount};

/// The most versions that are listed.
const MAX_VERSIONS: usize = 100;

/// What is asked for.
pub(super) struct Asked {
    pub(super) component: String,
    pub(super) train: Option<String>,
    pub(super) version: String,
}

/// What is known of an interval.
#[derive(Debug, Clone, Copy, Default)]
struct Found {
    old: i64,
    all_old: i64,
    running: i64,
    upgraded: i64,
    downgraded: i64,
}

/// The answer, from how many clusters were on each version, since the interval before the range, and how they changed.
pub(super) fn answer(
    audience: Audience,
    asked: Asked,
    range: &Range,
    counts: &[VersionCount],
    changes: &[Change],
    releases: &[Release],
) -> types::Laggards {
    let releases = Releases::new(releases.iter().cloned());
    let released = match &asked.train {
        Some(train) => releases.find(train, &asked.version),
        None => releases.find_anywhere(&asked.version),
    };
    let newest_old = key(&asked.version, released.map(|release| release.released));
    let mut keys: HashMap<(&str, &str), Key> = HashMap::new();
    let mut is_old =
        |train, version| keys.entry((train, version)).or_insert_with(|| releases.key(train, version)).0 <= newest_old.0;
    let mut found = vec![Found::default(); range.count()];
    let mut before = 0;
    let mut last: Vec<&VersionCount> = Vec::new();
    for count in counts {
        let is_old = is_old(&count.train, &count.version);
        let Some(place) = range.position(count.bucket) else {
            before += if is_old { count.counted } else { 0 };
            continue;
        };
        found[place].running += count.counted;
        if is_old {
            found[place].old += count.counted;
            found[place].all_old += count.all;
            if place + 1 == range.count() {
                last.push(count);
            }
        }
    }
    for change in changes {
        let Some(place) = place(range, change.day) else { continue };
        match (is_old(&change.train, &change.from_version), is_old(&change.train, &change.to_version)) {
            (true, false) => found[place].upgraded += change.counted,
            (false, true) => found[place].downgraded += change.counted,
            _ => {}
        }
    }
    let running = found.last().map_or(0, |found| found.running);
    let befores = std::iter::once(before).chain(found.iter().map(|found| found.old));
    let data = range.spans().zip(found.iter().zip(befores)).map(|(span, (found, before))| {
        let (start, end) = instants(span);
        let clusters = audience.told(found.old);
        types::LaggardInterval {
            start,
            end,
            is_complete: span.is_complete,
            clusters,
            all_clusters: audience.told(found.all_old),
            share: share(clusters, audience.told(found.running)),
            upgraded: audience.told(found.upgraded),
            downgraded: audience.told(found.downgraded),
            net_arrived: audience.told(found.old - before + found.upgraded - found.downgraded),
        }
    });
    types::Laggards {
        data: data.collect(),
        versions: versions(audience, last, running),
        component: asked.component,
        train: asked.train,
        version: asked.version,
        interval: range.interval.into(),
    }
}

/// The old versions of the last interval, most clusters first.
fn versions(audience: Audience, mut last: Vec<&VersionCount>, running: i64) -> Vec<types::VersionCount> {
    last.retain(|count| count.counted > 0 && audience.may_name(count.counted));
    last.sort_by(|one, other| {
        other.counted.cmp(&one.counted).then_with(|| (&one.version, &one.train).cmp(&(&other.version, &other.train)))
    });
    let version = |count: &VersionCount| {
        let clusters = audience.told(count.counted);
        types::VersionCount {
            version: count.version.clone(),
            train: count.train.clone(),
            clusters,
            all_clusters: audience.told(count.all),
            share: share(clusters, audience.told(running)),
        }
    };
    last.into_iter().take(MAX_VERSIONS).map(version).collect()
}
