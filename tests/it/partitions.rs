//! The monthly partitions of the history.

use chrono::{DateTime, Datelike, Months, Utc};
use diesel::connection::SimpleConnection;
use stationmaster::clock;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::support::{Database, Server, ServerOptions, check_in, report};

/// The name of the partition that an instant belongs to.
fn partition(at: DateTime<Utc>) -> String {
    format!("checkins_{:04}_{:02}", at.year(), at.month())
}

fn partitions(database: &Database) -> Vec<String> {
    database.texts("select inhrelid::regclass from pg_inherits where inhparent = 'checkins'::regclass order by 1")
}

/// The partitions that a server makes at this instant.
fn made_ahead(now: DateTime<Utc>) -> Vec<String> {
    let first = now.with_day(1).expect("every month has a first");
    (0..=3).map(|month| partition(first + Months::new(month))).collect()
}

#[tokio::test]
async fn this_month_and_three_ahead_are_there_from_the_start() {
    let before = clock::now();
    let server = Server::start();
    // The month may end while the server starts.
    let expected = [made_ahead(before), made_ahead(clock::now())];
    let there = partitions(server.database());
    assert!(expected.contains(&there), "{there:?}");
}

#[tokio::test]
async fn a_server_that_starts_again_makes_no_second_ones() {
    let mut server = Server::start();
    let before = partitions(server.database());
    server.terminate();
    assert!(server.wait().success());
    let database = server.database.take();
    let server = Server::start_with(ServerOptions { database, ..Default::default() });
    assert_eq!(partitions(server.database()), before);
}

#[tokio::test]
async fn a_check_in_lands_in_the_partition_of_its_month() {
    let server = Server::start();
    let receipt = check_in(&server.anonymous(), Uuid::new_v4(), report(&[("a", "1")])).await.expect("checked in");
    let landed = server.database().texts("select tableoid::regclass from checkins");
    assert_eq!(landed, [partition(receipt.last_seen)]);
}

#[tokio::test]
async fn a_month_belongs_to_its_partition_from_its_first_instant_to_its_last() {
    let server = Server::start();
    let database = server.database();
    check_in(&server.anonymous(), Uuid::new_v4(), report(&[("a", "1")])).await.expect("checked in");
    for name in partitions(database) {
        let month = name.trim_start_matches("checkins_").replace('_', "-");
        for instant in [
            format!("timestamptz '{month}-01 00:00:00Z'"),
            format!(
                "timestamptz '{month}-01 00:00:00Z' at time zone 'UTC' + interval '1 month' - interval '1 microsecond'"
            ),
        ] {
            database.execute(&format!(
                "set timezone = 'UTC'; delete from checkins;
                 insert into checkins select id, {instant}, set_hash from clusters"
            ));
            let landed = database.texts("select tableoid::regclass from checkins");
            assert_eq!(landed, [name.as_str()], "{instant}");
        }
    }
}

#[tokio::test]
async fn a_check_in_makes_the_partition_that_its_month_lacks() {
    let server = Server::start();
    let database = server.database();
    for name in partitions(database) {
        database.execute(&format!("drop table {name}"));
    }
    let receipt = check_in(&server.anonymous(), Uuid::new_v4(), report(&[("a", "1")])).await.expect("checked in");
    assert_eq!(receipt.checkins.get(), 1);
    assert_eq!(partitions(database), [partition(receipt.last_seen)]);
    assert_eq!(database.count("checkins"), 1);
}

#[tokio::test]
async fn making_a_partition_waits_for_a_check_in_that_is_under_way_and_the_other_way_round() {
    let server = Server::start();
    let database = server.database();
    check_in(&server.anonymous(), Uuid::new_v4(), report(&[("a", "1")])).await.expect("checked in");
    let this_month = partition(clock::now());
    database.execute(&format!("drop table {this_month}"));

    // Half a check-in: the cluster is written, its history is not.
    let mut under_way = database.connect();
    under_way.batch_execute("begin; update clusters set checkins = checkins + 1").expect("the first half");
    let client = server.anonymous();
    let waiting = tokio::spawn(async move { check_in(&client, Uuid::new_v4(), report(&[("a", "1")])).await });
    database.until_blocked(1).await;
    under_way
        .batch_execute(
            "insert into checkins select id, now() + interval '1 month', set_hash from clusters limit 1; commit",
        )
        .expect("the second half, and no deadlock");

    let answer = waiting.await.expect("it was asked");
    assert_eq!(answer.expect("checked in").checkins.get(), 1);
    assert!(partitions(database).contains(&this_month));
}

#[tokio::test]
async fn check_ins_at_once_do_not_get_in_each_other_s_way_when_the_partition_is_missing() {
    let server = Server::start();
    let database = server.database();
    for round in 1..=8 {
        for name in partitions(database) {
            database.execute(&format!("drop table {name}"));
        }
        let mut racing = JoinSet::new();
        for _ in 0..16 {
            let client = server.anonymous();
            racing.spawn(async move { check_in(&client, Uuid::new_v4(), report(&[("a", "1")])).await });
        }
        for answer in racing.join_all().await {
            answer.unwrap_or_else(|error| panic!("{error}\n{}", server.log()));
        }
        assert_eq!(database.count("checkins"), 16, "in round {round}");
    }
}
