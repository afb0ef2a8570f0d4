//! The versions of a component over time.

use std::collections::HashMap;

use super::instants;
use super::order::Releases;
use crate::contract::v4::types;
use crate::domain::insight::audience::Audience;
use crate::domain::insight::interval::Range;
use crate::domain::insight::share::share;
use crate::store::rollups::read::{Release, VersionCount};

/// The most versions that are listed.
const MAX_VERSIONS: usize = 100;

/// A version, with how many clusters ran it in each interval.
struct Series {
    train: String,
    version: String,
    clusters: Vec<i64>,
}

/// The answer, from how many clusters were on each version and what was published.
pub(super) fn answer(
    audience: Audience,
    (component, train): (String, Option<String>),
    range: &Range,
    counts: Vec<VersionCount>,
    releases: Vec<Release>,
) -> types::Adoption {
    let is_asked = |release: &Release| train.as_ref().is_none_or(|train| release.train == *train);
    let releases = Releases::new(releases.into_iter().filter(is_asked));
    let mut all_clusters = vec![0; range.count()];
    let series = series(range, counts, &mut all_clusters);
    let intervals = intervals(audience, range, &series, &all_clusters, &releases);
    let totals: Vec<i64> = intervals.iter().map(|interval| interval.clusters).collect();
    let (listed, other) = listed(audience, range, series);
    let mut listed: Vec<_> = listed.into_iter().map(|it| (releases.key(&it.train, &it.version), it)).collect();
    listed.sort_by(|(one_key, one), (other_key, other)| {
        one_key.cmp(other_key).then_with(|| (&one.version, &one.train).cmp(&(&other.version, &other.train)))
    });
    let versions = listed.into_iter().map(|(_, Series { train, version, clusters })| {
        let release = releases.find(&train, &version);
        let clusters = told(audience, clusters);
        types::VersionSeries {
            released: release.map(|release| release.released),
            is_yanked: release.is_some_and(|release| release.yanked_at.is_some()),
            shares: shares(&clusters, &totals),
            train,
            version,
            clusters,
        }
    });
    let versions = versions.collect();
    let (count, clusters) = other;
    let clusters = told(audience, clusters);
    let other = types::OtherSeries { versions: count as i64, shares: shares(&clusters, &totals), clusters };
    types::Adoption { component, train, interval: range.interval.into(), intervals, versions, other }
}

/// The series of each version; adds up how many clusters ran the component, whatever their labels.
fn series(range: &Range, counts: Vec<VersionCount>, all_clusters: &mut [i64]) -> Vec<Series> {
    let mut series: HashMap<(String, String), Vec<i64>> = HashMap::new();
    for VersionCount { bucket, train, version, counted, all } in counts {
        let Some(place) = range.position(bucket) else { continue };
        all_clusters[place] += all;
        if counted > 0 {
            series.entry((train, version)).or_insert_with(|| vec![0; range.count()])[place] += counted;
        }
    }
    series.into_iter().map(|((train, version), clusters)| Series { train, version, clusters }).collect()
}

fn intervals(
    audience: Audience,
    range: &Range,
    series: &[Series],
    all_clusters: &[i64],
    releases: &Releases,
) -> Vec<types::AdoptionInterval> {
    let keys: Vec<_> = series.iter().map(|it| releases.key(&it.train, &it.version)).collect();
    let interval = |(place, span)| {
        let (start, end) = instants(span);
        let latest = releases.latest(span.end);
        let is_current = |key: &super::order::Key| latest.is_some_and(|(newest, _)| key.0 >= newest.0);
        let up_to_date = series.iter().zip(&keys).filter(|(_, key)| is_current(key)).map(|(it, _)| it.clusters[place]);
        types::AdoptionInterval {
            start,
            end,
            is_complete: span.is_complete,
            clusters: audience.told(series.iter().map(|it| it.clusters[place]).sum()),
            all_clusters: audience.told(all_clusters[place]),
            latest: latest.map(|(_, release)| release.version.clone()),
            up_to_date: audience.told(up_to_date.sum()),
        }
    };
    range.spans().enumerate().map(interval).collect()
}

/// The versions that are listed; how many are not, and how many clusters ran those.
fn listed(audience: Audience, range: &Range, mut series: Vec<Series>) -> (Vec<Series>, (usize, Vec<i64>)) {
    let mut other = vec![0; range.count()];
    for it in &mut series {
        for (clusters, other) in it.clusters.iter_mut().zip(&mut other) {
            if !audience.may_name(*clusters) {
                *other += std::mem::take(clusters);
            }
        }
    }
    let total = |it: &Series| it.clusters.iter().sum::<i64>();
    // By their names too, so that the same question has the same answer.
    series.sort_by_cached_key(|it| (-total(it), it.version.clone(), it.train.clone()));
    let named = series.iter().filter(|it| total(it) > 0).count().min(MAX_VERSIONS);
    let rest = series.split_off(named);
    for it in &rest {
        for (clusters, other) in it.clusters.iter().zip(&mut other) {
            *other += clusters;
        }
    }
    (series, (rest.len(), other))
}

fn told(audience: Audience, clusters: Vec<i64>) -> Vec<i64> {
    clusters.into_iter().map(|clusters| audience.told(clusters)).collect()
}

fn shares(clusters: &[i64], totals: &[i64]) -> Vec<f64> {
    clusters.iter().zip(totals).map(|(clusters, total)| share(*clusters, *total)).collect()
}
