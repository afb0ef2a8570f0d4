//! The filters of v3 by age against the same filters in memory.

use std::cell::Cell;
use std::collections::BTreeSet;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use stationmaster::clock;
use tokio::runtime::Runtime;
use uuid::Uuid;

use crate::support::{Call, Seed, Server};

const CLUSTERS: usize = 200;
const FILTERS: u32 = 300;

/// Few instants, so that clusters and bounds often meet.
const HOURS: u32 = 20;

type Instant = DateTime<Utc>;

/// After the first and before the second, neither included.
type Bounds = (Option<Instant>, Option<Instant>);

fn instant(now: Instant, hours: u32) -> Instant {
    now - TimeDelta::hours(hours.into())
}

fn a_cluster(now: Instant) -> impl Strategy<Value = Seed> {
    let seen = (0..HOURS).prop_flat_map(|first| (Just(first), 0..=first));
    (any::<u128>(), seen).prop_map(move |(id, (first, last))| Seed {
        id: Uuid::from_u128(id),
        first_seen: instant(now, first),
        last_seen: instant(now, last),
        labels: Vec::new(),
    })
}

/// An instant of the clusters or a day later, as `persistent` counts, or just beside one.
fn a_bound(now: Instant) -> impl Strategy<Value = Option<Instant>> {
    let nanoseconds = select(vec![-1_000, -999, -1, 0, 0, 0, 1, 999, 1_000]);
    let at = (0..HOURS, select(vec![0, 0, 24]), nanoseconds).prop_map(move |(hours, later, beside)| {
        instant(now, hours) + TimeDelta::hours(later) + TimeDelta::nanoseconds(beside)
    });
    option::weighted(0.6, at)
}

/// How often a cluster has checked in: many once, some more often.
fn check_ins(cluster: &Seed) -> u64 {
    u64::from(cluster.id.as_bytes()[15] % 3) + 1
}

fn within(at: Instant, (after, before): Bounds) -> bool {
    after.is_none_or(|after| at > after) && before.is_none_or(|before| at < before)
}

fn query(path: &str, bounds: &[(&str, Option<Instant>)]) -> Call {
    let given = bounds.iter().filter_map(|(name, at)| Some((name, (*at)?)));
    let pairs = given.map(|(name, at)| format!("{name}={}", at.to_rfc3339_opts(SecondsFormat::Nanos, true)));
    Call::get(format!("/v3/clusters/{path}?{}", pairs.collect::<Vec<_>>().join("&")))
}

/// The ids in a list, in its order.
fn ids(data: &Value, name: &str) -> Vec<Uuid> {
    let list = data.as_array().into_iter().flatten();
    list.map(|one| one[name].as_str().and_then(|id| id.parse().ok()).expect("an id")).collect()
}

#[test]
fn every_combination_of_bounds_means_what_it_says() {
    let now = clock::now();
    let mut runner = TestRunner::new(Config { cases: FILTERS, failure_persistence: None, ..Config::default() });
    let clusters = vec(a_cluster(now), CLUSTERS).new_tree(&mut runner).expect("clusters");
    let mut clusters = clusters.current();
    clusters.sort_by_key(|cluster| (cluster.first_seen, cluster.id));
    let server = Server::start();
    server.database().seed(&clusters);
    server.database().execute("update clusters set checkins = get_byte(uuid_send(id), 15) % 3 + 1");

    let runtime = Runtime::new().expect("a runtime");
    let (refused, found) = (Cell::new(0), Cell::new(0));
    let check = |call: Call, is_possible: bool, name: &str, matching: Vec<Uuid>, is_ordered: bool| {
        let answer = runtime.block_on(call.send(&server));
        if !is_possible {
            refused.set(refused.get() + 1);
            assert_eq!(answer.value(400)["code"], 400);
            return;
        }
        found.set(found.get() + matching.len());
        let body = answer.value(200);
        let listed = ids(&body["data"], name);
        if is_ordered {
            assert_eq!(listed, matching);
            assert_eq!(body["count"], json!(matching.len()));
        } else {
            assert_eq!(listed.len(), matching.len());
            assert_eq!(BTreeSet::from_iter(listed), BTreeSet::from_iter(matching));
        }
    };
    let matching = |holds: &dyn Fn(&Seed) -> bool| -> Vec<Uuid> {
        clusters.iter().filter(|cluster| holds(cluster)).map(|cluster| cluster.id).collect()
    };
    let is_later = |later: Option<Instant>, than: Option<Instant>| later.zip(than).is_none_or(|(a, b)| a > b);
    let bounds = [a_bound(now), a_bound(now), a_bound(now), a_bound(now)];
    let outcome = runner.run(&bounds, |[created_after, created_before, seen_after, seen_before]| {
        let (created, seen) = ((created_after, created_before), (seen_after, seen_before));
        let age = query(
            "age",
            &[
                ("created_after", created_after),
                ("created_before", created_before),
                ("checked_in_after", seen_after),
                ("checked_in_before", seen_before),
            ],
        );
        let is_possible = is_later(created_before, created_after)
            && is_later(seen_before, seen_after)
            && is_later(seen_before, created_after)
            && seen_before.zip(created_before).is_none_or(|(seen, created)| seen >= created);
        let aged = matching(&|cluster| within(cluster.first_seen, created) && within(cluster.last_seen, seen));
        check(age, is_possible, "id", aged, false);

        let checkins = query("checkins", &[("created_after", created_after), ("created_before", created_before)]);
        let mut newest_first = matching(&|cluster| within(cluster.first_seen, created));
        newest_first.reverse();
        check(checkins, is_later(created_before, created_after), "clusterID", newest_first, true);

        let persistent = query("persistent", &[("epoch", created_after), ("timestamp", created_before)]);
        let since = created_before.map(|at| at - TimeDelta::hours(24));
        let oldest_first = matching(&|cluster| {
            within(cluster.first_seen, created) && within(cluster.last_seen, (since, None)) && check_ins(cluster) > 1
        });
        check(persistent, is_later(created_before, created_after), "clusterID", oldest_first, true);
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
    // Filters that all find nothing, or are all refused, would say little.
    assert!(refused.get() > 50 && found.get() > CLUSTERS, "{} refused, {} found", refused.get(), found.get());
}
