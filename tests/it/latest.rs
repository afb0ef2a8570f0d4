//! What is the latest version of a train.

use stationmaster_client::types::NewVersion;

use crate::support::Server;

#[tokio::test]
async fn a_backport_released_later_is_not_the_latest() {
    let server = Server::start();
    let publisher = server.admin();
    // As deis-minio was released.
    for (version, released) in [("v2.2.0", "2016-07-27T19:18:56Z"), ("v2.1.0", "2016-07-29T21:23:51Z")] {
        let body = NewVersion::builder().released(Some(released.parse().expect("an instant")));
        publisher
            .publish_version()
            .component("deis-minio")
            .train("stable")
            .version(version)
            .body(body)
            .send()
            .await
            .expect("published");
    }
    let latest = server
        .anonymous()
        .get_latest_version()
        .component("deis-minio")
        .train("stable")
        .send()
        .await;
    assert_eq!(latest.expect("there is one").version, "v2.2.0");
}
