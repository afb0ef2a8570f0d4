//! Housekeeping beside check-ins, beside long transactions, and by several servers at once.

use std::time::Duration;

use chrono::{DateTime, Months, TimeDelta, Utc};
use diesel::connection::SimpleConnection;
use stationmaster::clock;
use stationmaster::store::housekeeping::{self, Limits};
use stationmaster::store::partitions;
use uuid::Uuid;

use crate::support::{Database, Seed, Server, Writers, check_in, report, within};

/// How long housekeeping waits for locks in all, on a busy machine too. A check-in that hangs for four seconds is refused.
const SOON: Duration = Duration::from_secs(20);

fn limits() -> Limits {
    Limits { history: Some("P24M".parse().expect("a span")), silent_clusters: Some("P3Y".parse().expect("a span")) }
}

/// The partitions of three months that are dropped, and of those that are made.
fn old_months(database: &Database, now: DateTime<Utc>) {
    partitions::ensure(&mut database.connect(), now - Months::new(30), 2).expect("the partitions");
}

#[tokio::test(flavor = "multi_thread")]
async fn check_ins_do_not_hang_while_it_waits_for_a_long_transaction() {
    let server = Server::start();
    let database = server.database();
    let now = clock::now();
    old_months(database, now);
    let writers = Writers::start(&server.anonymous());
    writers.progress(10).await;

    for reads in ["checkins", "clusters, checkins"] {
        let mut long = database.connect();
        long.batch_execute(&format!("begin; lock table {reads} in access share mode")).expect("a long transaction");
        // A partition that is missing has to be made, too.
        let store = database.store();
        let working = tokio::spawn(async move {
            let in_a_month = now + Months::new(1);
            housekeeping::run(&store, in_a_month, limits()).await
        });
        for _ in 0..20 {
            let client = server.anonymous();
            let checked_in = check_in(&client, Uuid::new_v4(), report(&[("a", "1")]));
            within(SOON, checked_in).await.expect("checked in");
        }
        let given_up = within(SOON, working).await.expect("it ran");
        assert!(given_up.is_err(), "{given_up:?}");
        assert_eq!(database.texts("select count(*) from pg_inherits where inhparent = 'checkins'::regclass"), ["7"]);
        writers.progress(10).await;
    }
    let done = housekeeping::run(&database.store(), now, limits()).await.expect("nobody is in the way");
    assert_eq!(done.dropped, 3);
    let written = writers.stop().await;
    assert!(written.refusals.is_empty(), "{:?}", written.refusals);
    assert!(database.count("checkins") >= written.acknowledged.len() as i64 + 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn check_ins_go_on_while_partitions_come_and_go() {
    let server = Server::start();
    let database = server.database();
    let now = clock::now();
    let writers = Writers::start(&server.anonymous());
    for _ in 0..10 {
        old_months(database, now);
        housekeeping::run(&database.store(), now, limits()).await.expect("done");
        writers.progress(10).await;
    }
    let written = writers.stop().await;
    assert!(written.refusals.is_empty() && !written.lost_the_server, "{:?}", written.refusals);
    assert!(database.count("checkins") >= written.acknowledged.len() as i64);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_at_once_do_everything_once() {
    let database = Database::new();
    let now = clock::now();
    old_months(&database, now);
    let silent = now - Months::new(40);
    let clusters: Vec<Seed> = (0..400).map(|number| Seed::seen(silent - TimeDelta::minutes(number))).collect();
    database.seed(&clusters);
    let alive = Seed::seen(now);
    database.execute(&format!(
        "insert into clusters select '{}', now(), now(), 1, set_hash, '{{}}' from clusters limit 1",
        alive.id
    ));

    let stores = [database.store(), database.store(), database.store()];
    let done = futures::future::join_all(stores.iter().map(|store| housekeeping::run(store, now, limits()))).await;
    let done: Vec<_> = done.into_iter().map(|done| done.expect("done")).collect();
    assert_eq!(done.iter().map(|done| done.forgotten).sum::<usize>(), 400, "{done:?}");
    assert_eq!(done.iter().map(|done| done.made).sum::<usize>(), 4, "{done:?}");
    // One that finds another at it leaves it to that one, which may have seen the last of them by then.
    let dropped = done.iter().map(|done| done.dropped).sum::<usize>();
    let later = housekeeping::run(&database.store(), now, limits()).await.expect("done");
    assert_eq!(dropped + later.dropped, 3, "{done:?}");
    assert_eq!(database.texts("select id from clusters"), [alive.id.to_string()]);
}
