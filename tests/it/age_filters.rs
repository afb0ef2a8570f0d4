//! Age filters against the same filter in memory.

use std::cell::Cell;
use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use stationmaster::clock;
use stationmaster_client::Client;
use tokio::runtime::Runtime;
use uuid::Uuid;

use crate::support::{Ages, Refused, Seed, Server};

const CLUSTERS: usize = 300;
const FILTERS: u32 = 400;

/// Few instants, so that clusters and bounds often meet.
const HOURS: u32 = 24;
const LABELS: [&str; 3] = ["ci", "staff", "test"];

/// Half an hour off the full hours before now: what is a full hour ago when the server asks is near none of these.
fn instant(now: DateTime<Utc>, hours: u32) -> DateTime<Utc> {
    now - TimeDelta::hours(hours.into()) - TimeDelta::minutes(30)
}

fn a_cluster(now: DateTime<Utc>) -> impl Strategy<Value = Seed> {
    let seen = (0..HOURS).prop_flat_map(|first| (Just(first), 0..=first));
    (any::<u128>(), seen, subsequence(&LABELS[..], 0..=LABELS.len())).prop_map(move |(id, (first, last), labels)| {
        Seed {
            id: Uuid::from_u128(id),
            first_seen: instant(now, first),
            last_seen: instant(now, last),
            labels: labels.into_iter().map(Into::into).collect(),
        }
    })
}

/// An instant of the clusters, or one just beside it.
fn a_bound(now: DateTime<Utc>) -> impl Strategy<Value = Option<DateTime<Utc>>> {
    let nanoseconds = select(vec![-1_000, -999, -1, 0, 0, 0, 1, 999, 1_000]);
    let at =
        (0..HOURS, nanoseconds).prop_map(move |(hours, beside)| instant(now, hours) + TimeDelta::nanoseconds(beside));
    option::weighted(0.35, at)
}

fn bounds(now: DateTime<Utc>) -> impl Strategy<Value = Ages> {
    let instants = [a_bound(now), a_bound(now), a_bound(now), a_bound(now)];
    let spans = [option::weighted(0.25, 0..HOURS), option::weighted(0.25, 0..HOURS)];
    let labels = [subsequence(&LABELS[..], 0..=2), subsequence(&LABELS[..], 0..=2)];
    (instants, spans, labels).prop_map(
        |(
            [created_after, created_before, checked_in_after, checked_in_before],
            [stale_for, fresh_within],
            [labels, not_labels],
        )| Ages {
            created_after,
            created_before,
            checked_in_after,
            checked_in_before,
            stale_for,
            fresh_within,
            labels,
            not_labels,
        },
    )
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

    let runtime = Runtime::new().expect("a runtime");
    let reader = server.caller("clusters:read");
    let (answered, impossible, found) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let outcome = runner.run(&(bounds(now), 1..=500_u32), |(ages, limit)| {
        let matching: Vec<Uuid> =
            clusters.iter().filter(|cluster| ages.hold(cluster, now)).map(|cluster| cluster.id).collect();
        let exclusions = ages.exclusions(now);
        if exclusions.is_empty() {
            runtime.block_on(lists_and_counts(&reader, &ages, limit, &matching));
            answered.set(answered.get() + 1);
            found.set(found.get() + matching.len());
        } else {
            assert!(matching.is_empty(), "the model agrees with itself");
            runtime.block_on(refuses(&reader, &ages, &exclusions));
            impossible.set(impossible.get() + 1);
        }
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
    // Filters that all find nothing, or are all refused, would say little.
    assert!(answered.get() > 50 && impossible.get() > 50 && found.get() > CLUSTERS);
}

async fn lists_and_counts(reader: &Client, ages: &Ages, limit: u32, matching: &[Uuid]) {
    let listed: Vec<Uuid> = ages.list(reader, limit).await.iter().map(|cluster| cluster.id).collect();
    assert_eq!(listed, matching);
    let count = ages.count(reader).await.expect("a count").count;
    assert_eq!(usize::try_from(count).expect("not negative"), matching.len());
}

async fn refuses(reader: &Client, ages: &Ages, exclusions: &[(&str, &str)]) {
    let expected: BTreeSet<String> =
        exclusions.iter().flat_map(|(one, other)| [one, other].map(|bound| format!("query /{bound}"))).collect();
    for refusal in [ages.page(reader, 50, None).await.refused(), ages.count(reader).await.refused()] {
        assert_eq!((refusal.status, refusal.kind()), (422, "impossible-filter"));
        assert_eq!(BTreeSet::from_iter(refusal.faults()), expected);
    }
}
