//! What is called, and what is made of the answers.

use std::collections::BTreeSet;

use futures::{Stream, StreamExt, TryStreamExt, stream};
use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};
use reqwest::StatusCode;
use stationmaster_client::types::{
    CheckIn, Cluster, ComponentQuery, CountClustersNotLabelItem, LatestEntry, LatestQuery, NewVersion,
};
use stationmaster_client::{Client, Error};

use crate::data::{Release, SimulatedCluster};
use crate::patience::{explain, patiently};

/// How many calls are under way at a time.
const AT_ONCE: usize = 16;

/// What became of a release.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Published {
    Now,
    Before,
    /// Somebody has published this version, and said other things of it.
    Otherwise,
}

/// What became of a check-in.
pub(crate) struct CheckedIn {
    pub(crate) is_first: bool,
    pub(crate) updates: usize,
}

/// Publishes the releases.
pub(crate) async fn publish(client: &Client, releases: &[Release]) -> anyhow::Result<Vec<Published>> {
    let calls = stream::iter(releases).map(async |release| {
        let said = NewVersion::builder()
            .released(Some(release.released))
            .image(release.data.image.clone())
            .metadata(release.data.metadata.clone());
        let request = client
            .publish_version()
            .component(release.component.as_str())
            .train(release.train.as_str())
            .version(release.version.as_str())
            .body(said);
        match patiently(|| request.clone().send()).await {
            Ok(answer) if answer.status() == StatusCode::CREATED => Ok(Published::Now),
            Ok(_) => Ok(Published::Before),
            Err(Error::ErrorResponse(refusal)) if refusal.status() == StatusCode::CONFLICT => Ok(Published::Otherwise),
            Err(error) => Err(explain(error)),
        }
    });
    with_progress("publishing", releases.len(), calls).await
}

/// Checks the clusters in. They keep no tokens: each makes the same claim every time, as a cluster may that has not used its
/// token yet. `examples/agent.rs` shows how a cluster keeps one.
pub(crate) async fn check_in(client: &Client, fleet: &[SimulatedCluster]) -> anyhow::Result<Vec<CheckedIn>> {
    let calls = stream::iter(fleet).map(async |cluster| {
        let reported = CheckIn::builder().components(cluster.components.clone()).labels(cluster.labels.clone());
        let request = client.check_in().id(cluster.id).claim_key(cluster.id.simple().to_string()).body(reported);
        let receipt = patiently(|| request.clone().send()).await.map_err(explain)?;
        Ok(CheckedIn { is_first: receipt.status() == StatusCode::CREATED, updates: receipt.updates.len() })
    });
    with_progress("checking in", fleet.len(), calls).await
}

/// The latest stable version of each component: one call for all of them.
pub(crate) async fn latest(client: &Client, releases: &[Release]) -> anyhow::Result<Vec<LatestEntry>> {
    let names: BTreeSet<&str> = releases.iter().map(|release| release.component.as_str()).collect();
    let components: Result<Vec<ComponentQuery>, _> =
        names.into_iter().map(|name| ComponentQuery::builder().component(name).train("stable").try_into()).collect();
    let request = client.get_latest_versions().body(LatestQuery::builder().components(components?));
    let answer = patiently(|| request.clone().send()).await.map_err(explain)?;
    Ok(answer.into_inner().data)
}

/// How many clusters there are, by some of the age filters.
pub(crate) async fn count_by_age(client: &Client) -> anyhow::Result<Vec<(&'static str, i64)>> {
    let ci: CountClustersNotLabelItem = "ci".parse()?;
    let all = client.count_clusters();
    let filters = [
        ("in all", all.clone()),
        ("fresh_within=P7D", all.clone().fresh_within("P7D")),
        ("stale_for=P7D", all.clone().stale_for("P7D")),
        ("not_label=ci", all.not_label(vec![ci])),
    ];
    let mut counts = Vec::new();
    for (filter, request) in filters {
        let answer = patiently(|| request.clone().send()).await.map_err(explain)?;
        counts.push((filter, answer.count));
    }
    Ok(counts)
}

/// The clusters that are there for longest.
pub(crate) async fn oldest(client: &Client) -> anyhow::Result<Vec<Cluster>> {
    let request = client.list_clusters_by_age().limit(3);
    let page = patiently(|| request.clone().send()).await.map_err(explain)?;
    Ok(page.into_inner().data)
}

/// Waits for the calls, a few at a time; the bar goes to standard error, and nowhere if that is no terminal.
async fn with_progress<T>(
    what: &'static str,
    count: usize,
    calls: impl Stream<Item = impl Future<Output = anyhow::Result<T>>>,
) -> anyhow::Result<Vec<T>> {
    let style = ProgressStyle::with_template("{msg:12} {wide_bar} {pos:>4}/{len}")?;
    let bar = ProgressBar::new(count as u64).with_style(style).with_message(what).with_finish(ProgressFinish::AndLeave);
    calls.buffer_unordered(AT_ONCE).inspect_ok(|_| bar.inc(1)).try_collect().await
}
