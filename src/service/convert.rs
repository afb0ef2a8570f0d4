//! From what is stored to what is answered.

use serde_json::Value;

use crate::contract::v4::types;
use crate::domain::components::Installed;
use crate::store::clusters::Cluster;
use crate::store::trains::Train;
use crate::store::versions::Version;
use crate::wire::Written;

impl From<Version> for types::Version {
    fn from(stored: Version) -> Self {
        let metadata = match stored.metadata {
            Value::Object(metadata) => metadata,
            // The column only ever gets objects.
            _ => serde_json::Map::new(),
        };
        let yanked = stored.yanked_at.zip(stored.yank_reason).map(|(at, reason)| types::Yanked { at, reason });
        Self {
            component: stored.component,
            train: stored.train,
            version: stored.version,
            released: stored.released,
            published_at: stored.published_at,
            description: stored.description,
            fixes: stored.fixes,
            image: stored.image,
            metadata,
            yanked,
        }
    }
}

impl From<Version> for Written<types::Version> {
    fn from(stored: Version) -> Self {
        Self::new(&stored.into())
    }
}

impl From<Train> for types::TrainSummary {
    fn from(stored: Train) -> Self {
        Self { train: stored.train, latest: stored.latest.map(Into::into), versions: stored.versions }
    }
}

impl From<Cluster> for types::Cluster {
    fn from(stored: Cluster) -> Self {
        Self {
            id: stored.id,
            first_seen: stored.first_seen,
            last_seen: stored.last_seen,
            checkins: stored.checkins,
            labels: stored.labels,
            components: stored.components.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<Installed> for types::InstalledComponent {
    fn from(Installed { component, train, version }: Installed) -> Self {
        Self { component, train, version }
    }
}

impl From<types::InstalledComponent> for Installed {
    fn from(types::InstalledComponent { component, train, version }: types::InstalledComponent) -> Self {
        Self { component, train, version }
    }
}
