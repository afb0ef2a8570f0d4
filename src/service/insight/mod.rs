//! The operations on what the fleet runs in numbers: reading a question, asking the store, telling the answer.

mod activity;
mod adoption;
mod ages;
mod freshness;
mod installed;
mod laggards;
mod order;
mod question;
mod retention;
mod tables;

use super::{Service, problem};
use crate::auth::Caller;
use crate::contract::v4::insight::{
    GetActivityOutcome, GetActivityQuery, GetActivityRefusal, GetAdoptionOutcome, GetAdoptionQuery, GetAdoptionRefusal,
    GetAgesOutcome, GetAgesQuery, GetAgesRefusal, GetFreshnessOutcome, GetFreshnessQuery, GetFreshnessRefusal,
    GetLaggardsOutcome, GetLaggardsQuery, GetLaggardsRefusal, GetRetentionOutcome, GetRetentionQuery,
    GetRetentionRefusal, Insight, ListInstalledComponentsOutcome, ListInstalledComponentsQuery,
    ListInstalledComponentsRefusal, ListInstalledSetsOutcome, ListInstalledSetsQuery, ListInstalledSetsRefusal,
    ListLabelsOutcome, ListLabelsQuery, ListLabelsRefusal,
};
use crate::contract::v4::responses::Unavailable;
use crate::domain::insight::audience::Audience;
use crate::domain::insight::interval::{Range, Span, midnight};
use crate::store::rollups::{self, read};
use crate::store::{Connection, QueryError};
use question::{labels, range};

/// What clusters reported is not for caches.
const NO_STORE: &str = "no-store";

impl Service {
    /// Asks for numbers, once everything is counted that was acknowledged.
    async fn counted<T, F>(&self, query: F) -> Result<T, Unavailable>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T, QueryError> + Send + 'static,
    {
        let counted =
            self.query(|connection| rollups::fold(connection)?.then(|| query(connection)).transpose()).await?;
        counted.ok_or_else(problem::not_counted)
    }
}

impl Insight for Service {
    async fn get_activity(
        &self,
        caller: Option<Caller>,
        query: GetActivityQuery,
    ) -> Result<GetActivityOutcome, GetActivityRefusal> {
        let audience = audience(caller.as_ref());
        let range = range!(query)?;
        let silent_days = question::silent_days(&query.silent_for).map_err(problem::fault)?;
        let labels = labels!(query);
        let body = self
            .counted(move |connection| {
                let came = read::activity(connection, &range, &labels)?;
                let went = read::returned_and_disappeared(connection, &range, silent_days, &labels)?;
                Ok(activity::answer(audience, &range, &came, &went))
            })
            .await?;
        Ok(GetActivityOutcome::Ok { cache_control: NO_STORE.into(), body })
    }

    async fn get_adoption(
        &self,
        caller: Option<Caller>,
        query: GetAdoptionQuery,
    ) -> Result<GetAdoptionOutcome, GetAdoptionRefusal> {
        let audience = audience(caller.as_ref());
        let (range, labels) = (range!(query)?, labels!(query));
        let (component, train) = (query.component, query.train);
        let body = self
            .counted(move |connection| {
                let of = (&*component, train.as_deref());
                let counts = read::versions(connection, of, (range.start(), &range), &labels)?;
                let releases = read::releases_of(connection, &component)?;
                Ok(adoption::answer(audience, (component, train), &range, counts, releases))
            })
            .await?;
        Ok(GetAdoptionOutcome::Ok { cache_control: NO_STORE.into(), body })
    }

    async fn get_laggards(
        &self,
        caller: Option<Caller>,
        query: GetLaggardsQuery,
    ) -> Result<GetLaggardsOutcome, GetLaggardsRefusal> {
        let audience = audience(caller.as_ref());
        let (range, labels) = (range!(query)?, labels!(query));
        let asked = laggards::Asked { component: query.component, train: query.train, version: query.version };
        let body = self
            .counted(move |connection| {
                let of = (&*asked.component, asked.train.as_deref());
                let counts = read::versions(connection, of, (range.before(), &range), &labels)?;
                let changes = read::changes(connection, of, &range, &labels)?;
                let releases = read::releases_of(connection, &asked.component)?;
                Ok(laggards::answer(audience, asked, &range, &counts, &changes, &releases))
            })
            .await?;
        Ok(GetLaggardsOutcome::Ok { cache_control: NO_STORE.into(), body })
    }

    async fn get_ages(&self, caller: Option<Caller>, query: GetAgesQuery) -> Result<GetAgesOutcome, GetAgesRefusal> {
        let audience = audience(caller.as_ref());
        let (range, labels) = (range!(query)?, labels!(query));
        let body = self
            .counted(move |connection| {
                let (span, today) = (range.last(), range.last_day());
                let firsts = read::first_days(connection, range.interval, span.start, today, &labels)?;
                let lasts = read::last_days(connection, range.start(), today, &labels)?;
                Ok(ages::answer(audience, &range, &firsts, &lasts))
            })
            .await?;
        Ok(GetAgesOutcome::Ok { cache_control: NO_STORE.into(), body })
    }

    async fn get_retention(
        &self,
        caller: Option<Caller>,
        query: GetRetentionQuery,
    ) -> Result<GetRetentionOutcome, GetRetentionRefusal> {
        let audience = audience(caller.as_ref());
        let (range, labels) = (range!(query)?, labels!(query));
        if range.count() > retention::MAX_COHORTS {
            return Err(problem::fault(question::too_long(retention::MAX_COHORTS)).into());
        }
        let body = self
            .counted(move |connection| {
                let cohorts = read::cohorts(connection, &range, &labels)?;
                Ok(retention::answer(audience, &range, &cohorts))
            })
            .await?;
        Ok(GetRetentionOutcome::Ok { cache_control: NO_STORE.into(), body })
    }

    async fn list_installed_components(
        &self,
        caller: Option<Caller>,
        query: ListInstalledComponentsQuery,
    ) -> Result<ListInstalledComponentsOutcome, ListInstalledComponentsRefusal> {
        let audience = audience(caller.as_ref());
        let (range, labels) = (range!(query)?, labels!(query));
        let limit = query.limit as usize;
        let body = self
            .counted(move |connection| {
                let active = read::activity(connection, &range, &labels)?;
                let found = read::installed_versions(connection, range.interval, range.last().start, &labels)?;
                Ok(installed::components(audience, &range, active.last(), found, limit))
            })
            .await?;
        Ok(ListInstalledComponentsOutcome::Ok { cache_control: NO_STORE.into(), body })
    }

    async fn list_installed_sets(
        &self,
        caller: Option<Caller>,
        query: ListInstalledSetsQuery,
    ) -> Result<ListInstalledSetsOutcome, ListInstalledSetsRefusal> {
        let audience = audience(caller.as_ref());
        let (range, labels) = (range!(query)?, labels!(query));
        let limit = query.limit as usize;
        let body = self
            .counted(move |connection| {
                let active = read::activity(connection, &range, &labels)?;
                let found = read::installed_sets(connection, range.interval, range.last().start, &labels)?;
                installed::sets(audience, &range, active.last(), found, limit)
            })
            .await?;
        Ok(ListInstalledSetsOutcome::Ok { cache_control: NO_STORE.into(), body })
    }

    async fn get_freshness(
        &self,
        caller: Option<Caller>,
        query: GetFreshnessQuery,
    ) -> Result<GetFreshnessOutcome, GetFreshnessRefusal> {
        let audience = audience(caller.as_ref());
        let (range, labels, train) = (range!(query)?, labels!(query), query.train);
        let body = self
            .counted(move |connection| {
                let found = read::installed_versions(connection, range.interval, range.last().start, &labels)?;
                let mut releases = read::releases(connection)?;
                releases.retain(|release| train.as_ref().is_none_or(|train| release.train == *train));
                Ok(freshness::answer(audience, range.last(), &found, releases))
            })
            .await?;
        Ok(GetFreshnessOutcome::Ok { cache_control: NO_STORE.into(), body })
    }

    async fn list_labels(
        &self,
        caller: Option<Caller>,
        query: ListLabelsQuery,
    ) -> Result<ListLabelsOutcome, ListLabelsRefusal> {
        let audience = audience(caller.as_ref());
        let range = range!(query)?;
        let body = self
            .counted(move |connection| {
                let active = read::activity(connection, &range, &Default::default())?;
                let found = read::labels(connection, range.interval, range.last().start)?;
                Ok(installed::labels(audience, &range, active.last(), found))
            })
            .await?;
        Ok(ListLabelsOutcome::Ok { cache_control: NO_STORE.into(), body })
    }
}

/// Who asks. Whoever shows no token has come so far only where anyone may ask.
fn audience(caller: Option<&Caller>) -> Audience {
    caller.map_or(Audience::Anyone, |_| Audience::Trusted)
}

/// The instants of an interval.
fn instants(span: Span) -> (chrono::DateTime<chrono::Utc>, chrono::DateTime<chrono::Utc>) {
    (midnight(span.start), midnight(span.end))
}

/// Where in a range the interval of a day is.
fn place(range: &Range, day: chrono::NaiveDate) -> Option<usize> {
    range.position(range.interval.start(day))
}
