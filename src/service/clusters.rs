//! The operations on clusters: checking in, and reading what the fleet runs.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::cursor::Page;
use super::{Answers, Service, problem};
use crate::auth::Caller;
use crate::clock;
use crate::contract::v4::clusters::{
    CheckInHeaders, CheckInOutcome, CheckInPath, CheckInRefusal, Clusters, CountClustersOutcome, CountClustersQuery,
    CountClustersRefusal, ForgetClusterOutcome, ForgetClusterPath, ForgetClusterRefusal, GetClusterOutcome,
    GetClusterPath, GetClusterRefusal, ListClustersByAgeOutcome, ListClustersByAgeQuery, ListClustersByAgeRefusal,
};
use crate::contract::v4::responses::{Invalid, NotFound};
use crate::contract::v4::types;
use crate::domain::age::{AgeFilter, Ages};
use crate::domain::components::{ComponentSet, Installed};
use crate::domain::{duration, names, precedence};
use crate::store::audit::Actor;
use crate::store::checkins::{Proof, Report};
use crate::store::clusters;
use crate::wire::Fault;

/// What clusters reported is not for caches.
const NO_STORE: &str = "no-store";

/// The bounds of a query. The operations that take them have each a type of their own, with the same fields.
macro_rules! age_filter {
    ($query:expr) => {
        AgeFilter {
            created_after: $query.created_after,
            created_before: $query.created_before,
            checked_in_after: $query.checked_in_after,
            checked_in_before: $query.checked_in_before,
            // The document's pattern lets only durations through.
            stale_for: $query.stale_for.as_deref().and_then(duration::parse),
            fresh_within: $query.fresh_within.as_deref().and_then(duration::parse),
            labels: $query.label,
            not_labels: $query.not_label,
        }
    };
}

impl Clusters for Service {
    async fn check_in(
        &self,
        caller: Option<Caller>,
        path: CheckInPath,
        headers: CheckInHeaders,
        body: types::CheckIn,
    ) -> Result<CheckInOutcome, CheckInRefusal> {
        let faults = faults(&body);
        if !faults.is_empty() {
            return Err(problem::invalid(faults).into());
        }
        let mut labels = body.labels.unwrap_or_default();
        labels.sort_unstable();
        labels.dedup();
        // Kept until the answer: what was allocated here is better freed here than by the writer.
        let components = Arc::new(ComponentSet::new(body.components.into_iter().map(Installed::from).collect()));
        let report = Report {
            cluster_id: path.id,
            at: clock::now(),
            components: Arc::clone(&components),
            labels,
            legacy: None,
            proof: caller.as_ref().map_or_else(|| claim(headers.claim_key.as_deref()), |_| Proof::Token),
        };
        let recorded = self.ingest.record(report).await.map_err(problem::not_recorded)?;
        let updates = self.updates(components.components());
        let needs_token = caller.is_none_or(|caller| caller.is_outdated);
        let body = types::CheckInReceipt {
            id: path.id,
            first_seen: recorded.first_seen,
            last_seen: recorded.last_seen,
            checkins: recorded.checkins,
            token: needs_token.then(|| self.cluster_tokens.issue(path.id)),
            updates,
        };
        Ok(match recorded.is_first {
            true => CheckInOutcome::Created { location: format!("/v4/clusters/{}", path.id), body },
            false => CheckInOutcome::Ok { body },
        })
    }

    async fn get_cluster(&self, _caller: Caller, path: GetClusterPath) -> Result<GetClusterOutcome, GetClusterRefusal> {
        let cluster = self.query(move |connection| clusters::find(connection, path.id)).await?;
        let cluster = cluster.ok_or_else(|| unknown(path.id))?;
        Ok(GetClusterOutcome::Ok { cache_control: NO_STORE.into(), body: cluster.into() })
    }

    async fn forget_cluster(
        &self,
        caller: Caller,
        path: ForgetClusterPath,
    ) -> Result<ForgetClusterOutcome, ForgetClusterRefusal> {
        let actor = Actor::from(caller);
        match self.query(move |connection| clusters::forget(connection, &actor, path.id)).await? {
            true => Ok(ForgetClusterOutcome::NoContent {}),
            false => Err(unknown(path.id).into()),
        }
    }

    async fn list_clusters_by_age(
        &self,
        _caller: Caller,
        query: ListClustersByAgeQuery,
    ) -> Result<ListClustersByAgeOutcome, ListClustersByAgeRefusal> {
        let page = Page::<(DateTime<Utc>, Uuid)>::new("clusters".into(), query.cursor.as_deref(), query.limit)
            .map_err(problem::fault)?;
        let ages = resolve(age_filter!(query))?;
        let (after, lookup) = (page.after, page.lookup());
        let mut found = self.query(move |connection| clusters::list(connection, &ages, after, lookup)).await?;
        let next_cursor = page.cut(&mut found, |cluster| (cluster.first_seen, cluster.id));
        let data = found.into_iter().map(Into::into).collect();
        Ok(ListClustersByAgeOutcome::Ok {
            cache_control: NO_STORE.into(),
            body: types::ClusterPage { data, next_cursor },
        })
    }

    async fn count_clusters(
        &self,
        _caller: Caller,
        query: CountClustersQuery,
    ) -> Result<CountClustersOutcome, CountClustersRefusal> {
        let ages = resolve(age_filter!(query))?;
        let count = self.query(move |connection| clusters::count(connection, &ages)).await?;
        Ok(CountClustersOutcome::Ok { cache_control: NO_STORE.into(), body: types::ClusterCount { count } })
    }
}

/// The claim that a cluster makes that has no token yet. Without a key nobody can make it again.
fn claim(key: Option<&str>) -> Proof {
    let Some(key) = key else { return Proof::Claim(Uuid::new_v4().into_bytes()) };
    let mut claim = [0; 16];
    claim.copy_from_slice(&Sha256::digest(key)[..16]);
    Proof::Claim(claim)
}

fn unknown(id: Uuid) -> NotFound {
    problem::not_found(format!("No cluster {id} has checked in."))
}

/// The filter's windows as of now.
fn resolve(filter: AgeFilter) -> Result<Ages, Invalid> {
    filter.resolve(clock::now()).map_err(|pairs| problem::impossible_filter(&pairs))
}

/// What the document's patterns allow and the rules do not.
fn faults(body: &types::CheckIn) -> Vec<Fault> {
    let named = |index: usize, property: &str, refusal: Option<&'static str>| {
        refusal.map(|detail| Fault::body(format!("/components/{index}/{property}"), detail))
    };
    let components = body.components.iter().enumerate();
    components
        .flat_map(|(index, installed)| {
            [
                named(index, "component", names::refuse_component(&installed.component)),
                named(index, "version", names::refuse_version(&installed.version)),
            ]
        })
        .flatten()
        .collect()
}

impl Service {
    /// What is newer than these components.
    fn updates(&self, components: &[Installed]) -> Vec<types::Update> {
        let latest = self.known(components.iter().map(|it| (it.component.as_str(), it.train.as_str())));
        let update = |(installed, latest): (&Installed, Option<Arc<Answers>>)| {
            let latest = latest?;
            precedence::outranks(&latest.version, &installed.version).then(|| types::Update {
                component: installed.component.clone(),
                train: installed.train.clone(),
                installed: installed.version.clone(),
                latest: latest.body.clone(),
            })
        };
        components.iter().zip(latest).filter_map(update).collect()
    }
}
