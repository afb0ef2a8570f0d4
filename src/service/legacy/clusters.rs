//! Clusters and their check-ins through v2 and v3.

use std::sync::Arc;

use super::ages::{self, Bound};
use super::answers::not_a_uuid;
use super::{Legacy, answers, instant, report};
use crate::clock;
use crate::contract::legacy::clusters::{
    Clusters, CreateClusterDetailsForV2Outcome, CreateClusterDetailsForV2Path, CreateClusterDetailsForV2Refusal,
    CreateClusterDetailsOutcome, CreateClusterDetailsRefusal, GetClusterByIdOutcome, GetClusterByIdPath,
    GetClusterByIdRefusal, GetClusterCheckinsOutcome, GetClusterCheckinsQuery, GetClusterCheckinsRefusal,
    GetClustersByAgeOutcome, GetClustersByAgeQuery, GetClustersByAgeRefusal, GetClustersCountOutcome,
    GetClustersCountRefusal, GetPersistentClustersOutcome, GetPersistentClustersQuery, GetPersistentClustersRefusal,
};
use crate::contract::legacy::responses::{BadRequest, TooManyRequests, Unauthorized, Unavailable, Unprocessable};
use crate::contract::legacy::types::{Cluster, ClusterCheckin, ClusterCheckins, Clusters as ClusterList, Count};
use crate::domain::uuid_text;
use crate::store::QueryError;
use crate::store::checkins::{Proof, Report};
use crate::store::legacy_clusters::{self, First, Habit, Sent};

impl Clusters for Legacy {
    async fn create_cluster_details(
        &self,
        body: Option<Cluster>,
    ) -> Result<CreateClusterDetailsOutcome, CreateClusterDetailsRefusal> {
        let (report, body) = report::<CreateClusterDetailsRefusal>(body)?;
        self.record::<CreateClusterDetailsRefusal>(report).await?;
        Ok(CreateClusterDetailsOutcome::Ok { body })
    }

    async fn create_cluster_details_for_v2(
        &self,
        _path: CreateClusterDetailsForV2Path,
        body: Option<Cluster>,
    ) -> Result<CreateClusterDetailsForV2Outcome, CreateClusterDetailsForV2Refusal> {
        let (report, body) = report::<CreateClusterDetailsForV2Refusal>(body)?;
        self.record::<CreateClusterDetailsForV2Refusal>(report).await?;
        Ok(CreateClusterDetailsForV2Outcome::Ok { body })
    }

    async fn get_cluster_by_id(
        &self,
        path: GetClusterByIdPath,
    ) -> Result<GetClusterByIdOutcome, GetClusterByIdRefusal> {
        let id = uuid_text::parse(&path.id).ok_or_else(|| not_a_uuid("id in path", &path.id))?;
        let found =
            self.query(move |connection| legacy_clusters::find(connection, id)?.map(restore).transpose()).await?;
        let body = found.ok_or_else(|| answers::not_found("404 cluster not found"))?;
        Ok(GetClusterByIdOutcome::Ok { body })
    }

    async fn get_clusters_count(&self) -> Result<GetClustersCountOutcome, GetClustersCountRefusal> {
        let count = self.query(legacy_clusters::count).await?;
        Ok(GetClustersCountOutcome::Ok { body: Count(count) })
    }

    async fn get_clusters_by_age(
        &self,
        query: GetClustersByAgeQuery,
    ) -> Result<GetClustersByAgeOutcome, GetClustersByAgeRefusal> {
        // In the order in which the old service named the first fault.
        let checked_in_after = Bound::read("checked_in_after", query.checked_in_after.as_deref())?;
        let checked_in_before = Bound::read("checked_in_before", query.checked_in_before.as_deref())?;
        let created_after = Bound::read("created_after", query.created_after.as_deref())?;
        let created_before = Bound::read("created_before", query.created_before.as_deref())?;
        let ages = ages::by_age((created_after, created_before), (checked_in_after, checked_in_before))?;
        let data = self
            .query(move |connection| legacy_clusters::list(connection, &ages)?.into_iter().map(restore).collect())
            .await?;
        Ok(GetClustersByAgeOutcome::Ok { body: ClusterList { data } })
    }

    async fn get_cluster_checkins(
        &self,
        query: GetClusterCheckinsQuery,
    ) -> Result<GetClusterCheckinsOutcome, GetClusterCheckinsRefusal> {
        let after = Bound::read("created_after", query.created_after.as_deref())?;
        let before = Bound::read("created_before", query.created_before.as_deref())?;
        let ages = ages::created(after, before)?;
        let habits = self.query(move |connection| legacy_clusters::habits(connection, &ages, 1, First::Newest)).await?;
        let body = checkins(habits, |habit| Some(habit.since.clone()));
        Ok(GetClusterCheckinsOutcome::Ok { body })
    }

    async fn get_persistent_clusters(
        &self,
        query: GetPersistentClustersQuery,
    ) -> Result<GetPersistentClustersOutcome, GetPersistentClustersRefusal> {
        let epoch = Bound::read("epoch", query.epoch.as_deref())?;
        let timestamp = Bound::read("timestamp", query.timestamp.as_deref())?;
        let ages = ages::persistent(epoch, timestamp)?;
        let habits = self.query(move |connection| legacy_clusters::habits(connection, &ages, 2, First::Oldest)).await?;
        Ok(GetPersistentClustersOutcome::Ok { body: checkins(habits, |_| None) })
    }
}

impl Legacy {
    async fn record<R>(&self, report: Report) -> Result<(), R>
    where
        R: From<TooManyRequests> + From<Unavailable> + From<Unauthorized>,
    {
        self.service.ingest.record(report).await.map(drop).map_err(answers::not_recorded)
    }
}

/// What to record of a report, and its normal form, which it is answered with.
fn report<R: From<Unprocessable> + From<BadRequest>>(body: Option<Cluster>) -> Result<(Report, Cluster), R> {
    let required = |name: &str| answers::unprocessable(format!("{name} in body is required"));
    let cluster = body.filter(|cluster| cluster.components.is_some()).ok_or_else(|| required("components"))?;
    let id = cluster.id.as_deref().filter(|id| !id.is_empty()).ok_or_else(|| required("id"))?;
    let cluster_id = uuid_text::parse(id).ok_or_else(|| not_a_uuid("id in body", id))?;
    let cluster = report::normalise(cluster).map_err(answers::bad_request)?;
    let kept =
        report::keep(&cluster).map_err(|error| answers::bad_request(format!("the body cannot be kept: {error}")))?;
    let report = Report {
        cluster_id,
        at: clock::now(),
        components: Arc::new(kept.components),
        labels: Vec::new(),
        legacy: kept.legacy,
        proof: Proof::Nothing,
    };
    Ok((report, cluster))
}

fn restore(sent: Sent) -> Result<Cluster, QueryError> {
    report::restore(sent).map_err(|error| QueryError::DeserializationError(error.into()))
}

fn checkins(habits: Vec<Habit>, last_checkin: impl Fn(&Habit) -> Option<String>) -> ClusterCheckins {
    let count = habits.len() as i64;
    let data = habits.into_iter().map(|habit| ClusterCheckin {
        last_checkin: last_checkin(&habit),
        cluster_id: habit.id.to_string(),
        first_seen: instant::to_fraction(habit.first_seen),
        last_seen: instant::to_fraction(habit.last_seen),
        cluster_age: habit.age,
        checkins: habit.checkins,
    });
    ClusterCheckins { count, data: (count > 0).then(|| data.collect()) }
}
