//! Check-ins in groups: what is acknowledged is stored once, whatever happens to its neighbours.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use reqwest::StatusCode;
use stationmaster::domain::components::{ComponentSet, Installed};
use stationmaster::store::checkins::{Proof, Recorder, Report};
use stationmaster_client::Client;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::support::{
    Call, Database, Refused, Server, ServerOptions, check_in, eventually, labelled, record, report, within,
};

/// How soon a check-in is refused for which there is no room.
const AT_ONCE: Duration = Duration::from_secs(10);

fn server(database: &Database, arguments: &[&str]) -> Server {
    Server::start_with(ServerOptions {
        database: Some(database.clone()),
        arguments: arguments.iter().map(|argument| (*argument).to_owned()).collect(),
        ..ServerOptions::default()
    })
}

/// Refuses this cluster in the database itself, as a poisoned report would be.
fn poison(database: &Database, id: Uuid) {
    database.execute(&format!("alter table clusters add constraint poison check (id <> '{id}')"));
}

/// A caller's check-ins, one after the other: the clusters and counts that were acknowledged.
async fn call(client: Client, clusters: Arc<[Uuid]>, from: usize, times: usize) -> Vec<(Uuid, u64, StatusCode)> {
    let mut acknowledged = Vec::new();
    for time in 0..times {
        let id = clusters[(from + time) % clusters.len()];
        let receipt = check_in(&client, id, report(&[("a", &format!("{}", from % 7))])).await.expect("checked in");
        acknowledged.push((id, receipt.checkins.get(), receipt.status()));
    }
    acknowledged
}

#[tokio::test(flavor = "multi_thread")]
async fn of_256_callers_on_two_replicas_everything_acknowledged_is_stored_once() {
    const TIMES: usize = 6;
    let database = Database::new();
    let replicas = [server(&database, &[]), server(&database, &["--ingest-lanes", "4"])];
    let clusters: Arc<[Uuid]> = (0..40).map(|_| Uuid::new_v4()).collect();
    let mut callers = JoinSet::new();
    let mut leavers = JoinSet::new();
    for caller in 0..256 {
        let client = replicas[caller % 2].anonymous();
        match caller % 8 {
            7 => drop(leavers.spawn(call(client, Arc::clone(&clusters), caller, TIMES))),
            _ => drop(callers.spawn(call(client, Arc::clone(&clusters), caller, TIMES))),
        }
    }
    // Some hang up in the middle of it.
    leavers.join_next().await.expect("there are some").expect("not cancelled");
    leavers.abort_all();
    let acknowledged: Vec<_> = callers.join_all().await.into_iter().flatten().collect();
    drop(replicas);

    let mut counts: BTreeMap<Uuid, Vec<(u64, StatusCode)>> = BTreeMap::new();
    for (id, count, status) in acknowledged {
        counts.entry(id).or_default().push((count, status));
    }
    for (id, mut counts) in counts {
        let stored: u64 =
            database.texts(&format!("select checkins from clusters where id = '{id}'"))[0].parse().expect("a number");
        assert_eq!(database.count(&format!("checkins where cluster_id = '{id}'")), stored as i64, "history and count");
        let all = counts.len();
        counts.sort_unstable_by_key(|(count, _)| *count);
        counts.dedup_by_key(|(count, _)| *count);
        assert_eq!(counts.len(), all, "each was counted once");
        assert!(counts.last().is_some_and(|(count, _)| *count <= stored), "{counts:?}: {stored}");
        assert!(counts.iter().all(|(count, status)| (*count == 1) == (*status == StatusCode::CREATED)), "{counts:?}");
    }
    let sent = 256 * TIMES as i64;
    assert!((sent * 7 / 8..=sent).contains(&database.count("checkins")));
}

#[tokio::test]
async fn one_that_cannot_be_recorded_fails_alone() {
    let database = Database::new();
    let server = server(&database, &["--statement-timeout", "60s"]);
    check_in(&server.anonymous(), Uuid::new_v4(), report(&[("a", "1")])).await.expect("checked in");
    let bad = Uuid::new_v4();
    poison(&database, bad);

    // While the first hangs the others wait, and become a group: with a cluster that comes twice, and the one that is refused.
    let lock = database.lock("clusters");
    let twice = Uuid::new_v4();
    let all = server.anonymous();
    let mut callers = JoinSet::new();
    for (waiting, id) in [Uuid::new_v4(), twice, bad, twice, Uuid::new_v4()].into_iter().enumerate() {
        let client = all.clone();
        callers.spawn(async move { (id, check_in(&client, id, report(&[("b", "2")])).await) });
        match waiting {
            0 => database.until_blocked(1).await,
            waiting => until_waiting(&server, waiting).await,
        }
    }
    drop(lock);
    for (id, answer) in callers.join_all().await {
        match id == bad {
            true => answer.refused().assert_unavailable(),
            false => drop(answer.expect("checked in")),
        }
    }
    assert!(server.log().contains("trying one by one"), "{}", server.log());
    assert_eq!((database.count("clusters"), database.count("checkins")), (4, 5));
    assert_eq!(database.texts(&format!("select checkins from clusters where id = '{twice}'")), ["2"]);
}

#[tokio::test]
async fn a_full_queue_refuses_at_once_and_loses_nothing_that_it_took() {
    const QUEUE: usize = 4;
    let database = Database::new();
    let server = server(&database, &["--ingest-queue", "4", "--ingest-group", "1", "--statement-timeout", "60s"]);
    let all = server.anonymous();
    let lock = database.lock("clusters");
    let mut callers = JoinSet::new();
    let mut ask = || {
        let client = all.clone();
        callers.spawn(async move { check_in(&client, Uuid::new_v4(), report(&[("a", "1")])).await });
    };
    ask();
    database.until_blocked(1).await;
    for _ in 0..3 * QUEUE {
        ask();
    }
    // The writer has one, the queue is full, and all others have their answer while the database hangs.
    for _ in 0..2 * QUEUE {
        let answer = within(AT_ONCE, callers.join_next()).await.expect("one more").expect("it was asked");
        answer.refused().assert_unavailable();
    }
    drop(lock);
    for answer in callers.join_all().await {
        answer.expect("it had been taken");
    }
    assert_eq!(database.count("checkins"), 1 + QUEUE as i64);
}

#[tokio::test]
async fn what_is_queued_is_written_before_the_end_even_if_its_caller_has_gone() {
    const CALLERS: usize = 20;
    let database = Database::new();
    let mut server = server(&database, &["--statement-timeout", "60s"]);
    let all = server.anonymous();
    let lock = database.lock("clusters");
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        let client = all.clone();
        callers.spawn(async move { check_in(&client, Uuid::new_v4(), report(&[("a", "1")])).await });
        if caller == 0 {
            database.until_blocked(1).await;
        }
    }
    until_waiting(&server, CALLERS - 1).await;
    callers.abort_all();
    eventually("the server notices", async || server.log().matches("the caller has gone").count() == CALLERS).await;
    server.terminate();
    drop(lock);
    assert!(server.wait().success());
    assert_eq!((database.count("checkins"), database.count("clusters")), (CALLERS as i64, CALLERS as i64));
}

#[tokio::test]
async fn of_what_a_cluster_says_within_a_group_the_last_counts() {
    let database = Database::new();
    let server = server(&database, &["--statement-timeout", "60s"]);
    let all = server.anonymous();
    let lock = database.lock("clusters");
    let mut callers = JoinSet::new();
    let id = Uuid::new_v4();
    for (waiting, (id, labels)) in
        [(Uuid::new_v4(), vec![]), (id, vec!["one"]), (id, vec!["null", "two"])].into_iter().enumerate()
    {
        let client = all.clone();
        callers.spawn(async move { check_in(&client, id, labelled(&labels)).await.expect("checked in") });
        match waiting {
            0 => database.until_blocked(1).await,
            waiting => until_waiting(&server, waiting).await,
        }
    }
    drop(lock);
    let counts: Vec<u64> = callers.join_all().await.iter().map(|receipt| receipt.checkins.get()).collect();
    assert_eq!(counts.iter().sum::<u64>(), 1 + 1 + 2, "{counts:?}");
    let cluster = server.admin().get_cluster().id(id).send().await.expect("it is known");
    assert_eq!(cluster.labels, ["null", "two"]);
}

/// Waits until so many check-ins wait to be written.
async fn until_waiting(server: &Server, check_ins: usize) {
    let line = format!("stationmaster_ingest_waiting {check_ins}\n");
    eventually("check-ins wait", async || {
        let metrics = Call::get("/metrics").send(server).await;
        String::from_utf8_lossy(&metrics.body).contains(&line)
    })
    .await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Groups of random clusters, at the times of clocks that disagree.
    #[test]
    fn clusters_know_their_first_and_last_check_in_whatever_the_clocks_say(
        groups in proptest::collection::vec(proptest::collection::vec((0..4_u128, -1_000..1_000_i64), 1..8), 1..6)
    ) {
        let database = Database::new();
        let mut connection = database.connect();
        let start: DateTime<Utc> = "2026-11-15T12:00:00Z".parse().expect("an instant");
        let mut recorder = Recorder::new(groups.len() % 2 == 0);
        let mut seen: BTreeMap<Uuid, Vec<DateTime<Utc>>> = BTreeMap::new();
        for group in groups {
            let reports: Vec<Report> = group.iter().map(|(cluster, second)| Report {
                cluster_id: Uuid::from_u128(*cluster),
                at: start + TimeDelta::seconds(*second),
                components: Arc::new(ComponentSet::new(vec![Installed {
                    component: "a".into(), train: "stable".into(), version: format!("{second}"),
                }])),
                labels: Vec::new(),
                legacy: None,
                proof: Proof::Token,
            }).collect();
            let recorded = record(&mut recorder, &mut connection, &reports);
            for (report, recorded) in reports.iter().zip(recorded) {
                let recorded = recorded.expect("it counts");
                let seen = seen.entry(report.cluster_id).or_default();
                seen.push(report.at);
                prop_assert_eq!(recorded.checkins, seen.len() as i64);
                prop_assert_eq!(recorded.is_first, seen.len() == 1);
            }
        }
        for (id, seen) in seen {
            let naive = database.texts(&format!(
                "select concat_ws(' ', min(at), max(at), count(*)) from checkins where cluster_id = '{id}'"
            ));
            let kept = database.texts(&format!(
                "select concat_ws(' ', first_seen, last_seen, checkins) from clusters where id = '{id}'"
            ));
            prop_assert_eq!(&naive, &kept);
            let counted = format!(" {}", seen.len());
            prop_assert!(kept[0].ends_with(&counted));
        }
    }
}
