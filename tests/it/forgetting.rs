//! Clusters that are silent for long are erased in small steps, and none that is not.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use diesel::PgConnection;
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use stationmaster::clock;
use stationmaster::store::forgetting::{MAX_CHECKINS, MAX_CLUSTERS, Step, forget_silent};
use stationmaster::store::housekeeping::{self, Limits};
use stationmaster::store::partitions;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::support::{Database, Seed, Server, ServerOptions, check_in, report};

fn limits() -> Limits {
    Limits { silent_clusters: Some("P3Y".parse().expect("a span")), ..Limits::default() }
}

/// The instant since when a cluster is silent that is forgotten just not yet.
fn three_years_before(now: DateTime<Utc>) -> DateTime<Utc> {
    limits().silent_clusters.and_then(|span| span.before(now)).expect("in range")
}

/// Puts clusters into the tables that were seen at these instants, each with a check-in at every hour before that.
fn seed(database: &Database, seen: impl IntoIterator<Item = DateTime<Utc>>, check_ins: i64) -> Vec<Uuid> {
    let hours = TimeDelta::hours(check_ins - 1);
    let seeds: Vec<Seed> = seen.into_iter().map(|at| Seed { first_seen: at - hours, ..Seed::seen(at) }).collect();
    let mut connection = database.connect();
    for seed in &seeds {
        let months = (hours.num_days() / 28 + 1).try_into().expect("not many");
        partitions::ensure(&mut connection, seed.first_seen, months).expect("the partitions");
    }
    database.seed(&seeds);
    database.execute(&format!(
        "update clusters set checkins = {check_ins};
         insert into checkins select id, at, set_hash
         from clusters, generate_series(first_seen, last_seen, '1 hour') at"
    ));
    seeds.into_iter().map(|seed| seed.id).collect()
}

/// A connection that fails, rather than wait for a lock.
fn impatient(database: &Database) -> PgConnection {
    let mut connection = database.connect();
    connection.batch_execute("set lock_timeout = '5s'").expect("the setting");
    connection
}

fn ids(database: &Database) -> BTreeSet<String> {
    database.texts("select id from clusters").into_iter().collect()
}

#[tokio::test]
async fn exactly_the_silent_ones_are_erased_with_their_history() {
    let database = Database::new();
    let now = clock::now();
    let bound = three_years_before(now);
    let microsecond = TimeDelta::microseconds(1);
    // More than a step takes, many of them at the same instant, and some on the bound.
    let seen = (0..250).map(|number| bound - microsecond - TimeDelta::days(number / 50));
    let kept = (0..120).map(|number| bound + TimeDelta::days(number / 30));
    let clusters = seed(&database, seen.chain(kept), 3);
    let done = housekeeping::run(&database.store(), now, limits()).await.expect("done");
    assert_eq!((done.forgotten, done.dropped), (250, 0));
    let kept: BTreeSet<String> = clusters[250..].iter().map(ToString::to_string).collect();
    assert_eq!(ids(&database), kept);
    assert_eq!(database.count("checkins"), 120 * 3);
    assert_eq!(database.count("checkins where cluster_id not in (select id from clusters)"), 0);

    let again = housekeeping::run(&database.store(), now, limits()).await.expect("done");
    assert_eq!(again.forgotten, 0);
}

#[test]
fn a_step_erases_a_bounded_number_of_rows() {
    let database = Database::new();
    let now = clock::now();
    let bound = three_years_before(now);
    seed(&database, (1..=450).map(|number| bound - TimeDelta::days(number / 100 + 1)), 30);
    let mut connection = database.connect();
    let (mut steps, mut from) = (Vec::new(), None);
    loop {
        let before = database.count("checkins");
        let step = forget_silent(&mut connection, from, bound).expect("a step");
        let check_ins = before - database.count("checkins");
        assert!(step.clusters as i64 <= MAX_CLUSTERS && check_ins < MAX_CHECKINS + 30, "{step:?}, {check_ins}");
        steps.push(step.clusters);
        from = step.next;
        if from.is_none() {
            break;
        }
    }
    assert_eq!(steps.iter().sum::<usize>(), 450);
    assert!(steps.len() > 5, "{steps:?}");
    assert_eq!((database.count("clusters"), database.count("checkins")), (0, 0));
}

#[test]
fn a_history_that_is_longer_than_a_step_goes_bit_by_bit() {
    let database = Database::new();
    let bound = three_years_before(clock::now());
    let length = MAX_CHECKINS * 2 + 10;
    let id = seed(&database, [bound - TimeDelta::days(1)], length)[0];
    let mut connection = database.connect();
    let mut step = |from| forget_silent(&mut connection, from, bound).expect("a step");
    for _ in 0..2 {
        let before = database.count("checkins");
        let newest = database.texts("select max(at) from checkins");
        let (after, Step { clusters, next }) = (before - MAX_CHECKINS - 1, step(None));
        assert_eq!((clusters, next), (0, Some(bound - TimeDelta::days(1))));
        assert_eq!(database.count("checkins"), after, "the oldest first");
        assert_eq!(database.texts("select max(at) from checkins"), newest);
        assert_eq!(ids(&database), BTreeSet::from([id.to_string()]), "it is there until its history is gone");
    }
    assert_eq!(step(None), Step { clusters: 1, next: None });
    assert_eq!((database.count("clusters"), database.count("checkins")), (0, 0));
}

#[tokio::test]
async fn a_cluster_that_checks_in_at_this_moment_is_left_alone() {
    let database = Database::new();
    let now = clock::now();
    let bound = three_years_before(now);
    let clusters = seed(&database, (1..=3).map(|number| bound - TimeDelta::days(number)), 2);
    let mut checking_in = database.connect();
    checking_in
        .batch_execute(&format!(
            "begin; update clusters set last_seen = now(), checkins = checkins + 1 where id = '{}'",
            clusters[1]
        ))
        .expect("half a check-in");
    let step = forget_silent(&mut impatient(&database), None, bound).expect("a step that does not wait");
    assert_eq!(step, Step { clusters: 2, next: None });
    checking_in.batch_execute("commit").expect("the other half");

    let step = forget_silent(&mut database.connect(), None, bound).expect("a step");
    assert_eq!(step, Step::default());
    assert_eq!(ids(&database), BTreeSet::from([clusters[1].to_string()]));
    assert_eq!(database.count("checkins"), 2, "with its history");
}

#[tokio::test]
async fn those_that_others_have_locked_do_not_keep_it_busy() {
    let database = Database::new();
    let bound = three_years_before(clock::now());
    seed(&database, std::iter::repeat_n(bound - TimeDelta::days(1), MAX_CLUSTERS as usize + 1), 1);
    let mut others = database.connect();
    others.batch_execute("begin; select from clusters for update").expect("the locks");
    let mut connection = impatient(&database);
    let first = forget_silent(&mut connection, None, bound).expect("a step");
    assert_eq!(first, Step { clusters: 0, next: Some(bound - TimeDelta::days(1)) });
    let second = forget_silent(&mut connection, first.next, bound).expect("a step");
    assert_eq!(second, Step::default(), "it got nowhere");
}

#[tokio::test]
async fn a_check_in_of_a_cluster_that_is_being_erased_is_its_first() {
    let server = Server::start();
    let database = server.database();
    let bound = three_years_before(clock::now());
    let id = seed(database, [bound - TimeDelta::days(1)], 2)[0];
    let client = server.anonymous();
    let mut connection = database.connect();
    AnsiTransactionManager::begin_transaction(&mut connection).expect("a transaction");
    let step = forget_silent(&mut connection, None, bound).expect("a step");
    assert_eq!(step.clusters, 1);
    let waiting = tokio::spawn(async move { check_in(&client, id, report(&[("a", "1")])).await });
    database.until_blocked(1).await;
    AnsiTransactionManager::commit_transaction(&mut connection).expect("erased");
    let receipt = waiting.await.expect("it was asked").expect("checked in");
    assert_eq!((receipt.status().as_u16(), receipt.checkins.get()), (201, 1));
    assert_eq!(database.texts("select cluster_id from checkins"), [id.to_string()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_check_in_that_was_answered_is_lost_to_an_erasure() {
    let database = Database::new();
    let now = clock::now();
    let bound = three_years_before(now);
    let clusters = seed(&database, (1..=600).map(|number| bound - TimeDelta::minutes(number)), 4);
    let server = Server::start_with(ServerOptions { database: Some(database), ..ServerOptions::default() });
    let database = server.database();

    // Clusters come back in the order in which they are erased, and the other way round.
    let is_over = Arc::new(AtomicBool::new(false));
    let mut returning = JoinSet::new();
    for task in 0..4 {
        let (client, is_over) = (server.anonymous(), Arc::clone(&is_over));
        let mut mine: Vec<Uuid> = clusters.iter().copied().skip(task).step_by(4).collect();
        if task % 2 == 0 {
            mine.reverse();
        }
        returning.spawn(async move {
            let mut answered = Vec::new();
            for id in mine {
                let receipt = check_in(&client, id, report(&[("a", "1")])).await.expect("checked in");
                answered.push((id, receipt.into_inner()));
                if is_over.load(Ordering::Relaxed) {
                    break;
                }
            }
            answered
        });
    }
    let done = housekeeping::run(&database.store(), now, limits()).await.expect("done");
    is_over.store(true, Ordering::Relaxed);
    let answered: Vec<_> = returning.join_all().await.into_iter().flatten().collect();
    assert!(done.forgotten > 0 && !answered.is_empty(), "{done:?}, {} answered", answered.len());

    let kept: BTreeSet<String> = database.texts("select id || ' ' || last_seen from clusters").into_iter().collect();
    let history: BTreeSet<String> =
        database.texts("select cluster_id || ' ' || at from checkins").into_iter().collect();
    for (id, receipt) in &answered {
        let written = database.texts(&format!("select '{id} ' || '{}'::timestamptz", receipt.last_seen.to_rfc3339()));
        assert!(kept.contains(&written[0]) && history.contains(&written[0]), "{id} was answered {receipt:?}");
        assert!([1, 5].contains(&receipt.checkins.get()), "new, or with all of its history: {receipt:?}");
    }
    let wrong = "clusters where checkins <> (select count(*) from checkins where cluster_id = id)";
    assert_eq!(database.count(wrong), 0);
}
