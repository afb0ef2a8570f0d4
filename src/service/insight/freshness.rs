//! How up to date clusters are.

use std::collections::BTreeMap;

use super::instants;
use super::order::Releases;
use crate::contract::v4::types;
use crate::domain::insight::audience::Audience;
use crate::domain::insight::interval::Span;
use crate::domain::insight::share::share;
use crate::store::rollups::read::{InstalledVersion, Release};

/// How many numbers of releases are told apart: 0 to 9, and more.
const BEHIND: usize = 11;

/// What there is of a component on a train, and what clusters run of it.
#[derive(Default)]
struct Train<'a> {
    releases: Vec<Release>,
    installed: Vec<&'a InstalledVersion>,
}

/// The answer, from how many clusters ran each version at the end of an interval, and what was published.
pub(super) fn answer(
    audience: Audience,
    span: Span,
    found: &[InstalledVersion],
    releases: Vec<Release>,
) -> types::Freshness {
    let mut trains: BTreeMap<(String, String), Train> = BTreeMap::new();
    for release in releases {
        trains.entry((release.component.clone(), release.train.clone())).or_default().releases.push(release);
    }
    for version in found {
        if let Some(train) = trains.get_mut(&(version.component.clone(), version.train.clone())) {
            train.installed.push(version);
        }
    }
    let freshness = trains.into_iter().filter_map(|((component, train), Train { releases, installed })| {
        let releases = Releases::new(releases);
        let (newest, latest) = releases.latest(span.end)?;
        let mut behind = vec![0; BEHIND];
        for version in &installed {
            let key = releases.key(&version.train, &version.version);
            let count = if key.0 >= newest.0 { 0 } else { releases.newer(&key, span.end) };
            behind[count.min(BEHIND - 1)] += version.counted;
        }
        let clusters = audience.told(behind.iter().sum());
        let behind: Vec<i64> = behind.into_iter().map(|clusters| audience.told(clusters)).collect();
        let up_to_date = behind[0];
        Some(types::ComponentFreshness {
            component,
            train,
            latest: latest.version.clone(),
            released: latest.released,
            clusters,
            all_clusters: audience.told(installed.iter().map(|version| version.all).sum()),
            up_to_date,
            share: share(up_to_date, clusters),
            behind,
        })
    });
    let (start, end) = instants(span);
    types::Freshness { start, end, is_complete: span.is_complete, data: freshness.collect() }
}
