//! What a cluster reports through v2 and v3, as it is kept: the components in the form of v4, and beside them what v4 does not know.

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::instant;
use crate::contract::legacy::types::{Cluster, Component, ComponentVersion, Data, Version};
use crate::domain::components::{ComponentSet, Installed};
use crate::domain::{names, uuid_text};
use crate::store::legacy_clusters::{Components, Sent};

/// What a report says besides its components. Most say nothing.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Remarks {
    /// The id, if it was not spelt the usual way.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_seen: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_seen: Option<String>,
}

/// A report as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// Its components.
    pub components: ComponentSet,
    /// What it says besides; none if nothing.
    pub legacy: Option<Value>,
}

/// Brings a report into the form that it is answered in: empty texts are left out, names are there, instants in milliseconds.
///
/// # Errors
/// What is no instant where one should be.
pub fn normalise(cluster: Cluster) -> Result<Cluster, String> {
    Ok(Cluster {
        id: cluster.id,
        components: cluster.components.map(|all| all.into_iter().map(|one| one.map(component_version)).collect()),
        first_seen: seen("firstSeen", cluster.first_seen)?,
        last_seen: seen("lastSeen", cluster.last_seen)?,
    })
}

/// What is kept of a report in its normal form.
///
/// # Errors
/// If it cannot be written as JSON.
pub fn keep(cluster: &Cluster) -> Result<Kept, serde_json::Error> {
    let sent = cluster.components.as_deref().unwrap_or_default();
    let components =
        ComponentSet::with_legacy(sent.iter().flatten().filter_map(installed).collect(), serde_json::to_value(sent)?);
    let is_usual = |id: &String| uuid_text::parse(id).is_some_and(|uuid| uuid.to_string() == *id);
    let remarks = Remarks {
        id: cluster.id.clone().filter(|id| !is_usual(id)),
        first_seen: cluster.first_seen.clone(),
        last_seen: cluster.last_seen.clone(),
    };
    let legacy = (remarks != Remarks::default()).then(|| serde_json::to_value(remarks)).transpose()?;
    Ok(Kept { components, legacy })
}

/// What a cluster sent last, as it is answered. One that spoke v4 last is shown as if it had sent that through v3.
///
/// # Errors
/// If what is kept cannot be read.
pub fn restore(sent: Sent) -> Result<Cluster, serde_json::Error> {
    let remarks: Remarks = sent.legacy.map(serde_json::from_value).transpose()?.unwrap_or_default();
    Ok(Cluster {
        id: Some(remarks.id.unwrap_or_else(|| sent.id.to_string())),
        components: Some(components(&sent.components)?),
        first_seen: remarks.first_seen,
        last_seen: remarks.last_seen,
    })
}

fn components(kept: &Components) -> Result<Vec<Option<ComponentVersion>>, serde_json::Error> {
    match &kept.legacy {
        Some(sent) => Vec::deserialize(sent),
        None => Ok(kept.installed.iter().cloned().map(|installed| Some(installed.into())).collect()),
    }
}

impl From<Installed> for ComponentVersion {
    fn from(Installed { component, train, version }: Installed) -> Self {
        Self {
            component: Some(Component { name: Some(component), description: None, r#type: None }),
            version: Some(Version { train: Some(train), version: Some(version), released: None, data: None }),
            update_available: None,
        }
    }
}

/// The component as v4 knows it; none if its names are not allowed there.
fn installed(sent: &ComponentVersion) -> Option<Installed> {
    let version = sent.version.as_ref()?;
    let component = sent.component.as_ref()?.name.as_ref().filter(|name| names::component_fault(name).is_none())?;
    let train = version.train.as_ref().filter(|name| names::train_fault(name).is_none())?;
    let version = version.version.as_ref().filter(|name| names::version_fault(name).is_none())?;
    Some(Installed { component: component.clone(), train: train.clone(), version: version.clone() })
}

fn component_version(sent: ComponentVersion) -> ComponentVersion {
    ComponentVersion {
        component: sent
            .component
            .map(|component| Component { name: Some(component.name.unwrap_or_default()), ..component }),
        version: sent.version.map(|version| Version {
            train: not_empty(version.train),
            version: not_empty(version.version),
            released: not_empty(version.released),
            data: version.data.map(data),
        }),
        update_available: sent.update_available,
    }
}

/// What is said of a release: an empty description and empty fixes are left out, an empty image is not.
pub fn data(sent: Data) -> Data {
    Data { description: not_empty(sent.description), fixes: not_empty(sent.fixes), image: sent.image }
}

fn not_empty(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

fn seen(name: &str, sent: Option<String>) -> Result<Option<String>, String> {
    let Some(text) = sent else { return Ok(None) };
    let at = match text.as_str() {
        "" => Some(DateTime::<FixedOffset>::from(DateTime::UNIX_EPOCH)),
        text => instant::read(text),
    };
    match at {
        Some(at) => Ok(Some(instant::to_millis(at))),
        None => Err(format!("{name} in body must be of type strfmt.DateTime: {text:?}")),
    }
}
