//! Publishing through the client, for tests about what comes after.

use stationmaster_client::types::{NewVersion, Problem, Version, builder};
use stationmaster_client::{Client, Error, ResponseValue};

/// What the client makes of an answer with a version in it.
pub(crate) type VersionAnswer = Result<ResponseValue<Version>, Error<Problem>>;

/// A component, a train and a version.
pub(crate) type Name<'a> = (&'a str, &'a str, &'a str);

/// The version that most tests are about.
pub(crate) const ROUTER: Name<'static> = ("deis-router", "stable", "v2.11.0");

/// Publishes, whatever becomes of it.
pub(crate) async fn try_publish(
    publisher: &Client,
    (component, train, version): Name<'_>,
    content: builder::NewVersion,
) -> VersionAnswer {
    let call = publisher.publish_version().component(component).train(train);
    call.version(version).body(content).send().await
}

/// Publishes a version that is new.
pub(crate) async fn publish_with(publisher: &Client, name: Name<'_>, content: builder::NewVersion) -> Version {
    let answer = try_publish(publisher, name, content).await;
    let answer = answer.unwrap_or_else(|error| panic!("{name:?}: {error}"));
    assert_eq!(answer.status(), 201, "{name:?} is new");
    answer.into_inner()
}

/// Publishes a version that is new, with nothing said of it.
pub(crate) async fn publish(publisher: &Client, name: Name<'_>) -> Version {
    publish_with(publisher, name, NewVersion::builder()).await
}

/// Publishes a version that is new and was released at `released`.
pub(crate) async fn publish_released(publisher: &Client, name: Name<'_>, released: &str) -> Version {
    let released = released.parse().expect("an instant");
    publish_with(publisher, name, NewVersion::builder().released(Some(released))).await
}

/// Publishes all of these on one train, in this order.
pub(crate) async fn publish_all(publisher: &Client, (component, train): (&str, &str), versions: &[&str]) {
    for version in versions {
        publish(publisher, (component, train, version)).await;
    }
}

/// Yanks a version that is there.
pub(crate) async fn yank(publisher: &Client, (component, train, version): Name<'_>, reason: &str) -> Version {
    let call = publisher.yank_version().component(component).train(train);
    let body = builder::Yank::default().reason(reason);
    let yanked = call.version(version).body(body).send().await;
    yanked.expect("yanked").into_inner()
}

/// The latest version of a train, whatever becomes of it.
pub(crate) async fn latest(caller: &Client, (component, train): (&str, &str)) -> VersionAnswer {
    caller.get_latest_version().component(component).train(train).send().await
}

/// One version, whatever becomes of it.
pub(crate) async fn get(caller: &Client, (component, train, version): Name<'_>) -> VersionAnswer {
    let call = caller.get_version().component(component).train(train);
    call.version(version).send().await
}
