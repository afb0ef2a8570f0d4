//! Releases through v2 and v3.

use std::collections::HashSet;
use std::hash::Hash;

use chrono::{DateTime, SubsecRound, Utc};
use serde_json::{Map, Value};

use super::{Legacy, answers, instant, report};
use crate::auth::Caller;
use crate::contract::legacy::responses::{Unavailable, Unprocessable};
use crate::contract::legacy::types::Version as Release;
use crate::contract::legacy::types::{Component, ComponentVersion, ComponentVersions, ComponentVersionsQuery, Data};
use crate::contract::legacy::versions::{
    GetComponentByNameOutcome, GetComponentByNamePath, GetComponentByNameRefusal, GetComponentByReleaseOutcome,
    GetComponentByReleasePath, GetComponentByReleaseRefusal, GetComponentsByLatestReleaseForV2Outcome,
    GetComponentsByLatestReleaseForV2Refusal, GetComponentsByLatestReleaseOutcome, GetComponentsByLatestReleaseRefusal,
    PublishComponentReleaseOutcome, PublishComponentReleasePath, PublishComponentReleaseRefusal, Versions,
};
use crate::domain::names;
use crate::store::audit::Actor;
use crate::store::versions::{self, Content, Key, Published, Version};
use crate::store::{Connection, trains};
use crate::wire::Written;

/// The train of a v2 question that names none.
const V2_TRAIN: &str = "beta";

/// The most components that one question may name.
const MAX_QUESTIONS: usize = 1_000;

impl Versions for Legacy {
    async fn get_component_by_name(
        &self,
        path: GetComponentByNamePath,
    ) -> Result<GetComponentByNameOutcome, GetComponentByNameRefusal> {
        let GetComponentByNamePath { component, train } = path;
        let listed = match has_nul(&component) || has_nul(&train) {
            true => Vec::new(),
            false => self.query(move |connection| trains::list_by_release(connection, (&component, &train))).await?,
        };
        let data = listed.into_iter().map(Into::into).collect();
        Ok(GetComponentByNameOutcome::Ok { body: ComponentVersions { data } })
    }

    async fn get_component_by_release(
        &self,
        path: GetComponentByReleasePath,
    ) -> Result<GetComponentByReleaseOutcome, GetComponentByReleaseRefusal> {
        let GetComponentByReleasePath { component, train, release } = path;
        let found = if [&component, &train, &release].into_iter().any(|name| has_nul(name)) {
            None
        } else if release == "latest" {
            self.latest([(component.as_str(), train.as_str())])?.pop().flatten()
        } else {
            let key = Key { component, train, version: release };
            self.query(move |connection| versions::find(connection, &key)).await?.map(Written::from)
        };
        let body = found.ok_or_else(|| answers::not_found("404 release not found"))?;
        Ok(GetComponentByReleaseOutcome::Ok { age: self.service.age(), body })
    }

    async fn publish_component_release(
        &self,
        caller: Caller,
        path: PublishComponentReleasePath,
        body: Option<ComponentVersion>,
    ) -> Result<PublishComponentReleaseOutcome, PublishComponentReleaseRefusal> {
        let PublishComponentReleasePath { component, train, release } = path;
        let key = Key { component, train, version: release };
        let content = content(&key, body)?;
        let actor = Actor::from(caller);
        let publish = move |connection: &mut Connection| versions::publish(connection, &actor, &key, &content);
        match self.service.change(publish).await.map_err(answers::unavailable)? {
            Published::New(version) | Published::Same(version) => {
                Ok(PublishComponentReleaseOutcome::Ok { body: version.into() })
            }
            Published::Conflict => Err(answers::conflict().into()),
        }
    }

    async fn get_components_by_latest_release(
        &self,
        body: Option<ComponentVersionsQuery>,
    ) -> Result<GetComponentsByLatestReleaseOutcome, GetComponentsByLatestReleaseRefusal> {
        let asked = asked(body, "")?;
        let trains = each_once(asked.iter().map(|(component, train)| (component.as_str(), train.as_str())));
        let data = self.latest(trains)?.into_iter().flatten().collect();
        Ok(GetComponentsByLatestReleaseOutcome::Ok { age: self.service.age(), body: ComponentVersions { data } })
    }

    async fn get_components_by_latest_release_for_v2(
        &self,
        body: Option<ComponentVersionsQuery>,
    ) -> Result<GetComponentsByLatestReleaseForV2Outcome, GetComponentsByLatestReleaseForV2Refusal> {
        let asked = asked(body, V2_TRAIN)?;
        // Every component on every train of the question, as recorded.
        let components = each_once(asked.iter().map(|(component, _)| component.as_str()));
        let trains = each_once(asked.iter().map(|(_, train)| train.as_str()));
        let all = components.into_iter().flat_map(|component| trains.iter().map(move |train| (component, *train)));
        let data = self.latest(all)?.into_iter().flatten().collect();
        Ok(GetComponentsByLatestReleaseForV2Outcome::Ok { age: self.service.age(), body: ComponentVersions { data } })
    }
}

impl Legacy {
    /// The latest release of each of these trains.
    fn latest<'a>(
        &self,
        trains: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Vec<Option<Written<ComponentVersion>>>, Unavailable> {
        let latest = self.service.latest(trains).map_err(answers::unavailable)?;
        Ok(latest.into_iter().map(|latest| Some(latest?.legacy.clone())).collect())
    }
}

/// The components and trains that a question names; a train that is missing or empty is `default_train`.
fn asked(body: Option<ComponentVersionsQuery>, default_train: &str) -> Result<Vec<(String, String)>, Unprocessable> {
    let questions = body.and_then(|query| query.data).unwrap_or_default();
    if questions.len() > MAX_QUESTIONS {
        return Err(answers::unprocessable(format!("data in body should have at most {MAX_QUESTIONS} items")));
    }
    let missing: Vec<String> = questions
        .iter()
        .enumerate()
        .flat_map(|(index, asked)| {
            let parts = [("component", asked.component.is_none()), ("version", asked.version.is_none())];
            parts
                .into_iter()
                .filter(|(_, missing)| *missing)
                .map(move |(part, _)| format!("data.{index}.{part} in body is required"))
        })
        .collect();
    if !missing.is_empty() {
        return Err(answers::unprocessable(missing.join("; ")));
    }
    let pairs = questions.into_iter().filter_map(|asked| {
        let train = asked.version?.train.filter(|train| !train.is_empty());
        Some((asked.component?.name.unwrap_or_default(), train.unwrap_or_else(|| default_train.to_owned())))
    });
    Ok(pairs.filter(|(component, train)| !has_nul(component) && !has_nul(train)).collect())
}

/// What a publish says of a release. What its body says of component, train and version does not count.
fn content(key: &Key, body: Option<ComponentVersion>) -> Result<Content, Unprocessable> {
    let body = body.unwrap_or(ComponentVersion { component: None, version: None, update_available: None });
    let names = [
        ("train", names::train_fault(&key.train)),
        ("component", names::component_fault(&key.component)),
        ("release", names::version_fault(&key.version)),
    ];
    let mut faults: Vec<String> =
        names.into_iter().filter_map(|(name, fault)| Some(format!("{name} in path {}", fault?))).collect();
    if body.component.is_none() {
        faults.push("component in body is required".into());
    }
    let Some(version) = body.version else {
        faults.push("version in body is required".into());
        return Err(answers::unprocessable(faults.join("; ")));
    };
    let released = released(version.released.as_deref()).map_err(|fault| faults.push(fault)).ok();
    let Data { description, fixes, image } =
        report::data(version.data.unwrap_or(Data { description: None, fixes: None, image: None }));
    for (name, text) in [("description", &description), ("fixes", &fixes), ("image", &image)] {
        if text.as_deref().is_some_and(has_nul) {
            faults.push(format!("version.data.{name} in body contains U+0000"));
        }
    }
    match faults.is_empty() {
        true => Ok(Content { released, description, fixes, image, metadata: Value::Object(Map::new()) }),
        false => Err(answers::unprocessable(faults.join("; "))),
    }
}

/// When a release was released, to the whole second.
fn released(text: Option<&str>) -> Result<DateTime<Utc>, String> {
    let Some(text) = text else { return Err("version.released in body is required".into()) };
    let at = instant::read(text)
        .map(|at| at.to_utc().trunc_subsecs(0))
        .filter(|at| crate::domain::instant::is_writable(*at));
    at.ok_or_else(|| format!("version.released in body must be of type date-time: {text:?}"))
}

/// The first of each, in their order.
fn each_once<T: Copy + Eq + Hash>(all: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen = HashSet::new();
    all.filter(|one| seen.insert(*one)).collect()
}

/// What no text of PostgreSQL can hold, and so no name.
fn has_nul(text: &str) -> bool {
    text.contains('\0')
}

impl From<Version> for Written<ComponentVersion> {
    fn from(version: Version) -> Self {
        Self::new(&version.into())
    }
}

impl From<Version> for ComponentVersion {
    fn from(version: Version) -> Self {
        let data = Data { description: version.description, fixes: version.fixes, image: version.image };
        Self {
            component: Some(Component { name: Some(version.component), description: None, r#type: None }),
            version: Some(Release {
                train: Some(version.train),
                version: Some(version.version),
                released: Some(instant::to_seconds(version.released)),
                data: Some(report::data(data)),
            }),
            update_available: None,
        }
    }
}
