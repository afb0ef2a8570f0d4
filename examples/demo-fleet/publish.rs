//! Publishing through the API, as the CI of each component would.

use futures::{StreamExt, TryStreamExt, stream};
use reqwest::StatusCode;
use stationmaster_client::types::{NewVersion, Yank};
use stationmaster_client::{Client, Error};

use crate::notes;
use crate::patience::{explain, patiently};
use crate::releases::Release;

/// How many calls are under way at a time.
const AT_ONCE: usize = 16;

/// What became of the releases.
pub(crate) struct Published {
    pub(crate) new: usize,
    pub(crate) known: usize,
    pub(crate) yanked: usize,
}

/// Publishes the releases, and yanks some of them.
pub(crate) async fn publish(client: &Client, releases: &[Release]) -> anyhow::Result<Published> {
    let calls = stream::iter(releases.iter().enumerate()).map(async |(number, release)| {
        let (change, fix) = notes::of(release, number);
        let said = NewVersion::builder()
            .released(Some(release.released))
            .image(release.data.image.clone())
            .metadata(release.data.metadata.clone())
            .description(change.map(str::parse).transpose()?)
            .fixes(Some(fix.parse()?));
        let request = client
            .publish_version()
            .component(release.component.as_str())
            .train(release.train.as_str())
            .version(release.version.as_str())
            .body(said);
        match patiently(|| request.clone().send()).await {
            Ok(answer) => Ok(answer.status() == StatusCode::CREATED),
            // Published before, perhaps as of another week.
            Err(Error::ErrorResponse(refusal)) if refusal.status() == StatusCode::CONFLICT => Ok(false),
            Err(error) => Err(explain(error)),
        }
    });
    let outcomes: Vec<bool> = calls.buffer_unordered(AT_ONCE).try_collect().await?;
    for (component, train, version, reason) in notes::YANKED {
        let request = client.yank_version().component(component).train(train).version(version);
        let request = request.body(Yank::builder().reason(reason));
        patiently(|| request.clone().send()).await.map_err(explain)?;
    }
    let new = outcomes.iter().filter(|is_new| **is_new).count();
    Ok(Published { new, known: outcomes.len() - new, yanked: notes::YANKED.len() })
}
