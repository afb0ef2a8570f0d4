//! The operations on versions: reading, publishing, amending and yanking them.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::cursor::Page;
use super::{Answers, Service, entity_tag, matching, problem};
use crate::auth::Caller;
use crate::clock;
use crate::contract::v4::responses::NotFound;
use crate::contract::v4::types;
use crate::contract::v4::versions::{
    AmendVersionHeaders, AmendVersionOutcome, AmendVersionPath, AmendVersionRefusal, GetLatestVersionHeaders,
    GetLatestVersionOutcome, GetLatestVersionPath, GetLatestVersionRefusal, GetLatestVersionsOutcome,
    GetLatestVersionsRefusal, GetVersionHeaders, GetVersionOutcome, GetVersionPath, GetVersionRefusal,
    ListComponentsOutcome, ListComponentsQuery, ListComponentsRefusal, ListTrainsOutcome, ListTrainsPath,
    ListTrainsQuery, ListTrainsRefusal, ListVersionsOutcome, ListVersionsPath, ListVersionsQuery, ListVersionsRefusal,
    PublishVersionOutcome, PublishVersionPath, PublishVersionRefusal, UnyankVersionOutcome, UnyankVersionPath,
    UnyankVersionRefusal, Versions, YankVersionOutcome, YankVersionPath, YankVersionRefusal,
};
use crate::domain::{instant, metadata, names, precedence};
use crate::store::audit::Actor;
use crate::store::trains;
use crate::store::versions::{self, Changes, Content, Key, Published};
use crate::wire::{Fault, Written};

/// How long a CDN may keep what anyone may read: a publisher sees their version everywhere within this time.
const PUBLIC: &str = "public, max-age=30";

impl Versions for Service {
    async fn list_components(
        &self,
        query: ListComponentsQuery,
    ) -> Result<ListComponentsOutcome, ListComponentsRefusal> {
        let page =
            Page::<String>::new("components".into(), query.cursor.as_deref(), query.limit).map_err(problem::fault)?;
        let (trains, next_cursor) = self
            .query(move |connection| {
                let mut names = trains::list_components(connection, page.after.as_deref(), page.lookup())?;
                let next_cursor = page.cut(&mut names, String::clone);
                Ok((trains::list(connection, &names)?, next_cursor))
            })
            .await?;
        let data = trains
            .chunk_by(|one, next| one.component == next.component)
            .map(|trains| types::ComponentSummary {
                component: trains[0].component.clone(),
                trains: trains.iter().cloned().map(Into::into).collect(),
            })
            .collect();
        Ok(ListComponentsOutcome::Ok { cache_control: PUBLIC.into(), body: types::ComponentPage { data, next_cursor } })
    }

    async fn list_trains(
        &self,
        path: ListTrainsPath,
        query: ListTrainsQuery,
    ) -> Result<ListTrainsOutcome, ListTrainsRefusal> {
        let list = format!("trains of {}", path.component);
        let page = Page::<String>::new(list, query.cursor.as_deref(), query.limit).map_err(problem::fault)?;
        let component = path.component.clone();
        let mut trains = self.query(move |connection| trains::list(connection, &[component])).await?;
        if trains.is_empty() {
            return Err(problem::not_found(format!("No component {} has been published.", path.component)).into());
        }
        // A component has a handful of trains, so they are paged here.
        if let Some(after) = &page.after {
            trains.retain(|train| train.train > *after);
        }
        let next_cursor = page.cut(&mut trains, |train| train.train.clone());
        let data = trains.into_iter().map(Into::into).collect();
        Ok(ListTrainsOutcome::Ok { cache_control: PUBLIC.into(), body: types::TrainPage { data, next_cursor } })
    }

    async fn list_versions(
        &self,
        path: ListVersionsPath,
        query: ListVersionsQuery,
    ) -> Result<ListVersionsOutcome, ListVersionsRefusal> {
        let name = format!("versions of {} on {}", path.component, path.train);
        let page = Page::<trains::After>::new(name, query.cursor.as_deref(), query.limit);
        let range = query.matching.as_deref().map(matching::range).transpose();
        let (page, range) = match (page, range) {
            (Ok(page), Ok(range)) => (page, range),
            (page, range) => {
                return Err(problem::invalid(page.err().into_iter().chain(range.err()).collect()).into());
            }
        };
        let ListVersionsPath { component, train } = path.clone();
        let found = self
            .query(move |connection| {
                let train = (component.as_str(), train.as_str());
                if !trains::exists(connection, train)? {
                    return Ok(None);
                }
                matching::list(connection, train, query.include_yanked, range.as_ref(), &page).map(Some)
            })
            .await?;
        let (data, next_cursor) = found.ok_or_else(|| unknown_train(&path.component, &path.train))?;
        Ok(ListVersionsOutcome::Ok { cache_control: PUBLIC.into(), body: types::VersionPage { data, next_cursor } })
    }

    async fn get_latest_version(
        &self,
        path: GetLatestVersionPath,
        headers: GetLatestVersionHeaders,
    ) -> Result<GetLatestVersionOutcome, GetLatestVersionRefusal> {
        let GetLatestVersionPath { component, train } = path;
        let mut latest = self.latest([(component.as_str(), train.as_str())]).map_err(problem::unavailable)?;
        let latest = latest.pop().flatten().ok_or_else(|| unknown_train(&component, &train))?;
        let (age, e_tag, cache_control) = (self.age(), latest.e_tag.clone(), PUBLIC.into());
        Ok(match entity_tag::is_held(headers.if_none_match.as_deref(), &e_tag) {
            true => GetLatestVersionOutcome::NotModified { age, e_tag, cache_control },
            false => GetLatestVersionOutcome::Ok { age, e_tag, cache_control, body: latest.body.clone() },
        })
    }

    async fn get_latest_versions(
        &self,
        body: types::LatestQuery,
    ) -> Result<GetLatestVersionsOutcome, GetLatestVersionsRefusal> {
        let trains = body.components.iter().map(|asked| (asked.component.as_str(), asked.train.as_str()));
        let latest = self.latest(trains).map_err(problem::unavailable)?;
        let entry = |(asked, latest): (types::ComponentQuery, Option<Arc<Answers>>)| {
            let types::ComponentQuery { component, train, installed } = asked;
            let update_available = latest
                .as_ref()
                .zip(installed)
                .is_some_and(|(latest, installed)| precedence::outranks(&latest.version, &installed));
            let latest = latest.map(|latest| latest.body.clone());
            types::LatestEntry { component, train, latest, update_available }
        };
        let data = body.components.into_iter().zip(latest).map(entry).collect();
        Ok(GetLatestVersionsOutcome::Ok { age: self.age(), body: types::LatestAnswer { data } })
    }

    async fn get_version(
        &self,
        path: GetVersionPath,
        headers: GetVersionHeaders,
    ) -> Result<GetVersionOutcome, GetVersionRefusal> {
        let key = Key { component: path.component, train: path.train, version: path.version };
        let found = self.query(move |connection| versions::find(connection, &key)).await?;
        let body = Written::from(found.ok_or_else(unknown_version)?);
        let (e_tag, cache_control) = (entity_tag::of(&body), PUBLIC.into());
        Ok(match entity_tag::is_held(headers.if_none_match.as_deref(), &e_tag) {
            true => GetVersionOutcome::NotModified { e_tag, cache_control },
            false => GetVersionOutcome::Ok { e_tag, cache_control, body },
        })
    }

    async fn publish_version(
        &self,
        caller: Caller,
        path: PublishVersionPath,
        body: types::NewVersion,
    ) -> Result<PublishVersionOutcome, PublishVersionRefusal> {
        let key = Key { component: path.component, train: path.train, version: path.version };
        let location = format!("/v4/versions/{}/{}/{}", key.component, key.train, key.version);
        let mut faults: Vec<Fault> = [
            names::refuse_component(&key.component).map(|detail| Fault::path("component", detail)),
            names::refuse_version(&key.version).map(|detail| Fault::path("version", detail)),
            body.released.and_then(refuse_released).map(|detail| Fault::body("/released", detail)),
        ]
        .into_iter()
        .flatten()
        .collect();
        let metadata = body.metadata.unwrap_or_default();
        faults.extend(metadata_faults(&metadata));
        if !faults.is_empty() {
            return Err(problem::invalid(faults).into());
        }
        let content = Content {
            released: body.released.map(clock::to_micros),
            description: body.description,
            fixes: body.fixes,
            image: body.image,
            metadata: Value::Object(metadata),
        };
        let actor = Actor::from(caller);
        let published = self.change(move |connection| versions::publish(connection, &actor, &key, &content)).await;
        match published.map_err(problem::unavailable)? {
            Published::New(version) => {
                let body = Written::from(version);
                Ok(PublishVersionOutcome::Created { location, e_tag: entity_tag::of(&body), body })
            }
            Published::Same(version) => {
                let body = Written::from(version);
                Ok(PublishVersionOutcome::Ok { e_tag: entity_tag::of(&body), body })
            }
            Published::Conflict => Err(problem::conflict().into()),
        }
    }

    async fn amend_version(
        &self,
        caller: Caller,
        path: AmendVersionPath,
        headers: AmendVersionHeaders,
        body: types::VersionChanges,
    ) -> Result<AmendVersionOutcome, AmendVersionRefusal> {
        let if_match = headers.if_match.ok_or_else(problem::precondition_required)?;
        let faults = body.metadata.as_ref().map(metadata_faults).unwrap_or_default();
        if !faults.is_empty() {
            return Err(problem::invalid(faults).into());
        }
        let key = Key { component: path.component, train: path.train, version: path.version };
        let changes = Changes {
            description: body.description,
            fixes: body.fixes,
            image: body.image,
            metadata: body.metadata.map(Value::Object),
        };
        let actor = Actor::from(caller);
        let amended = self
            .change(move |connection| {
                versions::amend(connection, &actor, &key, &changes, |version| {
                    entity_tag::matches(&if_match, &entity_tag::of(&version.clone().into()))
                })
            })
            .await;
        let version = amended
            .map_err(problem::unavailable)?
            .ok_or_else(unknown_version)?
            .ok_or_else(problem::precondition_failed)?;
        let body = Written::from(version);
        Ok(AmendVersionOutcome::Ok { e_tag: entity_tag::of(&body), body })
    }

    async fn yank_version(
        &self,
        caller: Caller,
        path: YankVersionPath,
        body: types::Yank,
    ) -> Result<YankVersionOutcome, YankVersionRefusal> {
        let key = Key { component: path.component, train: path.train, version: path.version };
        let actor = Actor::from(caller);
        let yanked = self.change(move |connection| versions::yank(connection, &actor, &key, &body.reason)).await;
        let body = Written::from(yanked.map_err(problem::unavailable)?.ok_or_else(unknown_version)?);
        Ok(YankVersionOutcome::Ok { e_tag: entity_tag::of(&body), body })
    }

    async fn unyank_version(
        &self,
        caller: Caller,
        path: UnyankVersionPath,
    ) -> Result<UnyankVersionOutcome, UnyankVersionRefusal> {
        let key = Key { component: path.component, train: path.train, version: path.version };
        let actor = Actor::from(caller);
        let unyanked = self.change(move |connection| versions::unyank(connection, &actor, &key)).await;
        let body = Written::from(unyanked.map_err(problem::unavailable)?.ok_or_else(unknown_version)?);
        Ok(UnyankVersionOutcome::Ok { e_tag: entity_tag::of(&body), body })
    }
}

/// Why a version may not have been released then; `None` if it may.
fn refuse_released(released: DateTime<Utc>) -> Option<&'static str> {
    (!instant::is_writable(released)).then_some("is outside the years 0000 to 9999 in UTC")
}

fn metadata_faults(metadata: &Map<String, Value>) -> Vec<Fault> {
    let refusals = metadata::refuse(metadata).into_iter();
    refusals.map(|(pointer, detail)| Fault::body(format!("/metadata{pointer}"), detail)).collect()
}

fn unknown_train(component: &str, train: &str) -> NotFound {
    problem::not_found(format!("The train {train} of {component} has no version that counts."))
}

fn unknown_version() -> NotFound {
    problem::not_found("This version has not been published.")
}
