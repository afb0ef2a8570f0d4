//! The releases of Deis Workflow as its CI made them, moved in time.

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::{Map, Value};
use stationmaster_client::types::NewVersionImage;

/// How long ago the last of them is, at least: so much that the first one is two years old, and the last ones are still
/// being taken up.
const SINCE_THE_LAST: TimeDelta = TimeDelta::weeks(15);

/// A release of one component.
#[derive(Deserialize)]
pub(crate) struct Release {
    pub(crate) component: String,
    pub(crate) train: String,
    pub(crate) version: String,
    pub(crate) released: DateTime<Utc>,
    pub(crate) data: About,
}

/// What its CI said of a release.
#[derive(Deserialize)]
pub(crate) struct About {
    pub(crate) image: Option<NewVersionImage>,
    #[serde(flatten)]
    pub(crate) metadata: Map<String, Value>,
}

/// All releases, oldest first, moved by whole weeks so that they end some weeks before `now`: each stays on its weekday.
pub(crate) fn before(now: DateTime<Utc>) -> anyhow::Result<Vec<Release>> {
    let text = include_str!("../../client/examples/deis/data/deis-releases.jsonl");
    let mut releases: Vec<Release> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    releases.sort_by_key(|release| release.released);
    let last = releases.last().context("no releases")?.released;
    let moved = TimeDelta::weeks((now - SINCE_THE_LAST - last).num_seconds().div_euclid(7 * 86_400));
    for release in &mut releases {
        release.released += moved;
    }
    Ok(releases)
}
