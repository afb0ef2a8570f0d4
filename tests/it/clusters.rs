//! Reading a cluster, and forgetting it.

use hyper::Method;
use reqwest::StatusCode;
use uuid::Uuid;

use crate::support::{Call, Refused, Server, check_in, labelled, report, token};

#[tokio::test]
async fn a_cluster_is_read_as_it_last_reported() {
    let server = Server::start();
    let id = Uuid::new_v4();
    let receipt = check_in(&server.anonymous(), id, labelled(&["staff"])).await.expect("checked in");
    let cluster = server.caller("clusters:read").get_cluster().id(id).send().await.expect("it is known");
    assert_eq!(cluster.status(), StatusCode::OK);
    assert_eq!(cluster.headers()["cache-control"], "no-store");
    assert_eq!(cluster.id, id);
    assert_eq!((cluster.first_seen, cluster.last_seen), (receipt.first_seen, receipt.last_seen));
    assert_eq!(cluster.labels, ["staff"]);
    assert_eq!(cluster.components.len(), 1);
    assert_eq!(cluster.components[0].version.as_str(), "v2.3.0");
}

#[tokio::test]
async fn a_forgotten_cluster_is_gone_with_its_history_and_no_other_is() {
    let server = Server::start();
    let database = server.database();
    let [forgotten, kept] = [Uuid::new_v4(), Uuid::new_v4()];
    for id in [forgotten, kept, forgotten] {
        check_in(&server.anonymous(), id, report(&[("deis-router", "v2.3.0")])).await.expect("checked in");
    }
    let writer = server.caller("clusters:write");
    let answer = writer.forget_cluster().id(forgotten).send().await.expect("forgotten");
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);

    assert_eq!(database.texts("select id from clusters"), [kept.to_string()]);
    assert_eq!(database.texts("select cluster_id from checkins"), [kept.to_string()]);
    assert!(!database.everything().contains(&forgotten.to_string()));
    let admin = server.admin();
    let read = admin.get_cluster().id(forgotten).send().await;
    read.refused().assert_is(404, "not-found");
    let again = writer.forget_cluster().id(forgotten).send().await;
    again.refused().assert_is(404, "not-found");
}

#[tokio::test]
async fn a_forgotten_cluster_that_checks_in_again_is_a_new_one() {
    let server = Server::start();
    let id = Uuid::new_v4();
    let before = check_in(&server.anonymous(), id, labelled(&["staff"])).await.expect("checked in");
    server.admin().forget_cluster().id(id).send().await.expect("forgotten");

    let again = check_in(&server.anonymous(), id, labelled(&[])).await.expect("checked in");
    assert_eq!(again.status(), StatusCode::CREATED);
    assert_eq!(again.checkins.get(), 1);
    assert!(again.first_seen > before.last_seen);
    assert_eq!(server.database().count("checkins"), 1);
}

#[tokio::test]
async fn what_never_checked_in_is_not_found() {
    let server = Server::start();
    let admin = server.admin();
    let id = Uuid::new_v4();
    for refusal in
        [admin.get_cluster().id(id).send().await.refused(), admin.forget_cluster().id(id).send().await.refused()]
    {
        refusal.assert_is(404, "not-found");
        assert_eq!(refusal.header("cache-control"), "no-store");
        assert!(refusal.problem.detail.contains(&id.to_string()), "{refusal:?}");
    }
}

#[tokio::test]
async fn callers_without_the_right_do_not_learn_who_is_there() {
    let server = Server::start();
    let known = Uuid::new_v4();
    check_in(&server.anonymous(), known, report(&[("a", "1")])).await.expect("checked in");
    let nobody = server.anonymous();
    let reader = server.caller("clusters:read versions:publish");
    let writer = server.caller("clusters:write versions:publish");
    for id in [known, Uuid::new_v4()] {
        for refusal in
            [nobody.get_cluster().id(id).send().await.refused(), nobody.forget_cluster().id(id).send().await.refused()]
        {
            refusal.assert_is(401, "unauthorized");
            assert_eq!(refusal.header("www-authenticate"), "Bearer realm=\"stationmaster\"");
        }
        let read = writer.get_cluster().id(id).send().await;
        read.refused().assert_is(403, "forbidden");
        let forgotten = reader.forget_cluster().id(id).send().await;
        forgotten.refused().assert_is(403, "forbidden");
    }
    assert_eq!(server.database().count("clusters"), 1, "nobody forgot it");
}

#[tokio::test]
async fn an_id_is_a_uuid() {
    let server = Server::start();
    let token = token("clusters:read clusters:write");
    for method in [Method::GET, Method::DELETE] {
        let call = Call::new(method, "/v4/clusters/router-1").token(&token);
        call.send(&server).await.refusal().assert_faults(&["path /id"]);
    }
}
