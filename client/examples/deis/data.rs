//! The releases of Deis Workflow as its CI made them, and clusters that could have run them.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use stationmaster_client::types::{CheckInLabelsItem, InstalledComponent, NewVersionImage};
use uuid::Uuid;

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

/// A cluster that does not exist.
pub(crate) struct SimulatedCluster {
    pub(crate) id: Uuid,
    pub(crate) components: Vec<InstalledComponent>,
    pub(crate) labels: Vec<CheckInLabelsItem>,
}

/// A release of Workflow: which components make it up.
#[derive(Deserialize)]
struct Workflow {
    components: Vec<InstalledComponent>,
}

/// All releases of all components.
pub(crate) fn releases() -> anyhow::Result<Vec<Release>> {
    lines(include_str!("data/deis-releases.jsonl"))
}

/// So many clusters: the same ones in every run, which run the releases of Workflow in turn.
pub(crate) fn fleet(count: u32) -> anyhow::Result<Vec<SimulatedCluster>> {
    let workflows: Vec<Workflow> = lines(include_str!("data/deis-workflow-sets.jsonl"))?;
    let ci: CheckInLabelsItem = "ci".parse()?;
    let cluster = |(number, workflow): (u32, &Workflow)| SimulatedCluster {
        id: Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("urn:stationmaster:demo:cluster:{number}").as_bytes()),
        components: workflow.components.clone(),
        labels: if number % 10 == 0 { vec![ci.clone()] } else { vec![] },
    };
    Ok((0..count).zip(workflows.iter().cycle()).map(cluster).collect())
}

fn lines<T: DeserializeOwned>(text: &str) -> anyhow::Result<Vec<T>> {
    Ok(text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
}
