//! What there was to install at any time.

use std::collections::BTreeMap;

use anyhow::ensure;
use chrono::{DateTime, TimeDelta, Utc};
use stationmaster::domain::precedence;

use crate::releases::Release;

/// What the fleet as a whole is a version of.
pub(crate) const WORKFLOW: &str = "deis-workflow";

/// How long after it the components of a release of Workflow may have come: some were tagged a few hours late. Nobody
/// installs it before that.
pub(crate) const SAME_RELEASE: TimeDelta = TimeDelta::days(1);

/// A release of Workflow.
#[derive(Debug, Clone)]
pub(crate) struct Workflow {
    pub(crate) train: String,
    pub(crate) version: String,
    pub(crate) released: DateTime<Utc>,
}

/// All releases, by component and train.
pub(crate) struct Catalog {
    components: BTreeMap<String, BTreeMap<String, Vec<Version>>>,
    /// Oldest first; those of the beta train come before those of the stable one.
    workflows: Vec<Workflow>,
}

struct Version {
    name: String,
    released: DateTime<Utc>,
    precedence: Vec<u8>,
}

impl Catalog {
    pub(crate) fn new(releases: &[Release]) -> anyhow::Result<Self> {
        let mut components: BTreeMap<String, BTreeMap<String, Vec<Version>>> = BTreeMap::new();
        let mut workflows = Vec::new();
        for Release { component, train, version, released, .. } in releases {
            let trains = components.entry(component.clone()).or_default();
            trains.entry(train.clone()).or_default().push(Version {
                name: version.clone(),
                released: *released,
                precedence: precedence::sort_key(version, *released),
            });
            if component == WORKFLOW {
                workflows.push(Workflow { train: train.clone(), version: version.clone(), released: *released });
            }
        }
        ensure!(!workflows.is_empty(), "no releases of {WORKFLOW}");
        Ok(Self { components, workflows })
    }

    pub(crate) fn components(&self) -> impl Iterator<Item = &str> {
        self.components.keys().map(String::as_str)
    }

    pub(crate) fn workflows(&self) -> &[Workflow] {
        &self.workflows
    }

    /// The latest version of a component on a train, of those that had been released by then or, if it came later than
    /// that, its first one; none if the release of Workflow did not have it yet.
    pub(crate) fn latest(&self, component: &str, train: &str, by: DateTime<Utc>, workflow: &Workflow) -> Option<&str> {
        let versions = self.components.get(component)?.get(train)?;
        let until = |limit: DateTime<Utc>| versions.iter().filter(move |version| version.released <= limit);
        let there = until(workflow.released + SAME_RELEASE).min_by_key(|version| version.released)?;
        let latest = until(by + SAME_RELEASE).max_by(|one, other| one.precedence.cmp(&other.precedence));
        Some(&latest.unwrap_or(there).name)
    }
}
