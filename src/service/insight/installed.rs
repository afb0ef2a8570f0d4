//! What is installed, and what clusters are labelled.

use diesel::result::Error;

use super::instants;
use crate::contract::v4::types;
use crate::domain::components::Installed;
use crate::domain::insight::audience::Audience;
use crate::domain::insight::interval::Range;
use crate::domain::insight::share::share;
use crate::store::rollups::read::{Activity, InstalledSet, InstalledVersion, LabelCount};

/// How many clusters were active in the last interval: those that count, and all, as they are told.
fn active(audience: Audience, last: Option<&(Activity, Activity)>) -> (i64, i64) {
    let (counted, all) = last.copied().unwrap_or_default();
    (audience.told(counted.active), audience.told(all.active))
}

/// The versions of all components, most clusters first.
pub(super) fn components(
    audience: Audience,
    range: &Range,
    last: Option<&(Activity, Activity)>,
    mut found: Vec<InstalledVersion>,
    limit: usize,
) -> types::InstalledComponents {
    let (clusters, all_clusters) = active(audience, last);
    let (start, end) = instants(range.last());
    let count = found.len();
    found.retain(|version| version.counted > 0 && audience.may_name(version.counted));
    found.truncate(limit);
    let left_out = (count - found.len()) as i64;
    let data = found.into_iter().map(|version| {
        let counted = audience.told(version.counted);
        types::InstalledVersion {
            component: version.component,
            train: version.train,
            version: version.version,
            clusters: counted,
            all_clusters: audience.told(version.all),
            share: share(counted, clusters),
        }
    });
    let (data, is_complete) = (data.collect(), range.last().is_complete);
    types::InstalledComponents { start, end, is_complete, clusters, all_clusters, data, left_out }
}

/// The whole sets, the most common first.
pub(super) fn sets(
    audience: Audience,
    range: &Range,
    last: Option<&(Activity, Activity)>,
    mut found: Vec<InstalledSet>,
    limit: usize,
) -> Result<types::InstalledSets, Error> {
    let (clusters, all_clusters) = active(audience, last);
    let (start, end) = instants(range.last());
    let named = |set: &InstalledSet| set.counted > 0 && audience.may_name(set.counted);
    let rest = found.split_off(found.iter().take_while(|set| named(set)).count().min(limit));
    let other = types::OtherSets {
        sets: rest.len() as i64,
        clusters: audience.told(rest.iter().map(|set| set.counted).sum()),
        all_clusters: audience.told(rest.iter().map(|set| set.all).sum()),
    };
    let set = |set: InstalledSet| {
        let components: Vec<Installed> = serde_json::from_value(set.components)?;
        let counted = audience.told(set.counted);
        Ok(types::InstalledSet {
            components: components.into_iter().map(Into::into).collect(),
            clusters: counted,
            all_clusters: audience.told(set.all),
            share: share(counted, clusters),
        })
    };
    let data: Result<_, serde_json::Error> = found.into_iter().map(set).collect();
    let data = data.map_err(|error| Error::DeserializationError(error.into()))?;
    Ok(types::InstalledSets { start, end, is_complete: range.last().is_complete, clusters, all_clusters, data, other })
}

/// The labels, the most common first.
pub(super) fn labels(
    audience: Audience,
    range: &Range,
    last: Option<&(Activity, Activity)>,
    found: Vec<LabelCount>,
) -> types::Labels {
    let (_, clusters) = active(audience, last);
    let (start, end) = instants(range.last());
    let named = found.into_iter().filter(|label| audience.may_name(label.clusters));
    let data = named.map(|LabelCount { label, clusters: labelled }| {
        let labelled = audience.told(labelled);
        types::LabelCount { label, clusters: labelled, share: share(labelled, clusters) }
    });
    types::Labels { start, end, is_complete: range.last().is_complete, clusters, data: data.collect() }
}
