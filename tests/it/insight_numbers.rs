//! The numbers over time are what a naive look at the history comes to, however it came to be.

mod naive;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use proptest::prelude::*;
use stationmaster::domain::components::{ComponentSet, Installed};
use stationmaster::domain::insight::interval::{Interval, Range};
use stationmaster::domain::insight::labels::Labels;
use stationmaster::domain::insight::spread::Aged;
use stationmaster::store::audit::Actor;
use stationmaster::store::checkins::{Proof, Recorder, Report};
use stationmaster::store::rollups::read::{self, Activity, Cohort};
use stationmaster::store::rollups::{self, Purpose};
use stationmaster::store::{Connection, clusters};
use uuid::Uuid;

use crate::support::{Database, record};
use naive::{Naive, count, counts};

/// After how many days a cluster has disappeared.
const SILENT_DAYS: i64 = 3;

/// How many days the histories are about, from a Wednesday on; they end in another month.
const DAYS: i64 = 45;

/// A check-in: of which cluster, in which hour, with which set and labels.
type Seed = (u128, i64, usize, usize);

/// Hours come in any order, and often again.
fn seed() -> impl Strategy<Value = Seed> {
    (0..4_u128, prop_oneof![0..DAYS * 24, (0..DAYS).prop_map(|day| day * 24)], 0..3_usize, 0..3_usize)
}

fn report((cluster, hour, set, labels): Seed) -> Report {
    let installed = |component: &str, train: &str, version: &str| Installed {
        component: component.into(),
        train: train.into(),
        version: version.into(),
    };
    let sets = [
        vec![installed("a", "stable", "v1.9.0"), installed("b", "stable", "v1")],
        vec![installed("a", "stable", "v1.10.0"), installed("b", "stable", "v1")],
        vec![installed("a", "beta", "v1.9.0")],
    ];
    let labels = [&[][..], &["ci"], &["ci", "staff"]][labels];
    Report {
        cluster_id: Uuid::from_u128(cluster),
        at: start() + TimeDelta::hours(hour),
        components: Arc::new(ComponentSet::new(sets[set].clone())),
        labels: labels.iter().map(|label| (*label).to_owned()).collect(),
        legacy: None,
        proof: Proof::Token,
    }
}

fn start() -> DateTime<Utc> {
    "2026-09-02T00:00:00Z".parse().expect("an instant")
}

/// The whole time of the histories, asked for on a day after it, or in the midst of it.
fn range(interval: Interval, asked_on: i64) -> Range {
    let now = start() + TimeDelta::days(asked_on);
    Range::new(interval, Some(start()), Some(start() + TimeDelta::days(DAYS + 10)), now).expect("a range")
}

fn check_activity(connection: &mut Connection, naive: &Naive, range: &Range, labels: &Labels) {
    let came = read::activity(connection, range, labels).expect("numbers");
    let went = read::returned_and_disappeared(connection, range, SILENT_DAYS as i32, labels).expect("numbers");
    for (span, (came, went)) in range.spans().zip(came.into_iter().zip(went)) {
        let within = |day: NaiveDate| span.start <= day && day < span.end;
        let active = naive.active(span);
        let (active_counted, active_all) = count(active.iter().map(|(_, last)| *last), labels);
        let appeared = active.iter().filter(|(first, _)| within(first.at.date_naive())).map(|(_, last)| *last);
        let (appeared_counted, appeared_all) = count(appeared, labels);
        let days = naive.days();
        let returned = days.iter().filter(|(last, next)| {
            next.is_some_and(|next| within(next) && (next - last.at.date_naive()).num_days() > SILENT_DAYS)
        });
        let (returned_counted, returned_all) = count(returned.map(|(last, _)| *last), labels);
        let disappeared = days.iter().filter(|(last, next)| {
            let gone = last.at.date_naive() + TimeDelta::days(SILENT_DAYS);
            within(gone) && gone < range.today() && next.is_none_or(|next| next > gone)
        });
        let (disappeared_counted, disappeared_all) = count(disappeared.map(|(last, _)| *last), labels);
        let expected = |active, appeared, returned, disappeared| Activity { active, appeared, returned, disappeared };
        let told = |came: Activity, went: Activity| Activity {
            returned: went.returned,
            disappeared: went.disappeared,
            ..came
        };
        assert_eq!(
            (told(came.0, went.0), told(came.1, went.1)),
            (
                expected(active_counted, appeared_counted, returned_counted, disappeared_counted),
                expected(active_all, appeared_all, returned_all, disappeared_all)
            ),
            "{span:?}"
        );
    }
}

fn check_versions(connection: &mut Connection, naive: &Naive, range: &Range, labels: &Labels) {
    let mut expected = BTreeMap::new();
    for span in range.spans() {
        for (_, last) in naive.active(span) {
            for it in last.components.components().iter().filter(|it| it.component == "a") {
                let of = (span.start, it.train.clone(), it.version.clone());
                let counted = expected.entry(of).or_insert((0, 0));
                counted.0 += i64::from(counts(last, labels));
                counted.1 += 1;
            }
        }
    }
    let told = read::versions(connection, ("a", None), (range.start(), range), labels).expect("numbers");
    let told: BTreeMap<_, _> =
        told.into_iter().map(|it| ((it.bucket, it.train, it.version), (it.counted, it.all))).collect();
    assert_eq!(told, expected);

    let of_train = read::versions(connection, ("a", Some("beta")), (range.start(), range), labels).expect("numbers");
    assert_eq!(of_train.len(), expected.keys().filter(|(_, train, _)| train == "beta").count());
}

fn check_changes(connection: &mut Connection, naive: &Naive, range: &Range, labels: &Labels) {
    let mut expected = BTreeMap::new();
    for pair in naive.0.values().flat_map(|history| history.windows(2)) {
        let (before, after) = (&pair[0], &pair[1]);
        for old in before.components.components() {
            for new in after.components.components() {
                let is_change = old.component == "a" && new.component == "a" && old.train == new.train;
                if is_change && old.version != new.version && counts(after, labels) {
                    let of = (after.at.date_naive(), old.version.clone(), new.version.clone());
                    *expected.entry(of).or_insert(0) += 1;
                }
            }
        }
    }
    expected.retain(|(day, ..), _| *day < range.end());
    let told = read::changes(connection, ("a", None), range, labels).expect("numbers");
    let told: BTreeMap<_, _> =
        told.into_iter().map(|it| ((it.day, it.from_version, it.to_version), it.counted)).collect();
    assert_eq!(told, expected);
}

fn check_ages(connection: &mut Connection, naive: &Naive, range: &Range, labels: &Labels) {
    let (span, today) = (range.last(), range.last_day());
    let aged = |days: BTreeMap<i64, (i64, i64)>| -> Vec<Aged> {
        days.into_iter().map(|(days, (counted, all))| Aged { days, counted, all }).collect()
    };
    let mut firsts: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
    for (first, last) in naive.active(span) {
        let age = firsts.entry((today - first.at.date_naive()).num_days().max(0)).or_default();
        age.0 += i64::from(counts(last, labels));
        age.1 += 1;
    }
    let mut told = read::first_days(connection, range.interval, span.start, today, labels).expect("numbers");
    told.sort_by_key(|aged| aged.days);
    assert_eq!(told, aged(firsts));

    let mut lasts: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
    for history in naive.0.values() {
        let last = history.iter().rfind(|it| it.at.date_naive() <= today);
        if let Some(last) = last.filter(|last| last.at.date_naive() >= range.start()) {
            let age = lasts.entry((today - last.at.date_naive()).num_days()).or_default();
            age.0 += i64::from(counts(last, labels));
            age.1 += 1;
        }
    }
    let mut told = read::last_days(connection, range.start(), today, labels).expect("numbers");
    told.sort_by_key(|aged| aged.days);
    assert_eq!(told, aged(lasts));
}

fn check_cohorts(connection: &mut Connection, naive: &Naive, range: &Range, labels: &Labels) {
    let mut expected: BTreeMap<(NaiveDate, NaiveDate), (i64, i64)> = BTreeMap::new();
    for span in range.spans() {
        for (first, _) in naive.active(span) {
            let cell = expected.entry((range.interval.start(first.at.date_naive()), span.start)).or_default();
            cell.0 += i64::from(counts(first, labels));
            cell.1 += 1;
        }
    }
    let mut told: BTreeMap<(NaiveDate, NaiveDate), (i64, i64)> = BTreeMap::new();
    for Cohort { first, active, counted, all } in read::cohorts(connection, range, labels).expect("numbers") {
        let cell = told.entry((first, active)).or_default();
        cell.0 += counted;
        cell.1 += all;
    }
    told.retain(|_, cell| *cell != (0, 0));
    assert_eq!(told, expected);
}

fn check_installed(connection: &mut Connection, naive: &Naive, range: &Range, labels: &Labels) {
    let span = range.last();
    let mut sets: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    let mut versions: BTreeMap<(String, String, String), (i64, i64)> = BTreeMap::new();
    let mut labelled: BTreeMap<String, i64> = BTreeMap::new();
    for (_, last) in naive.active(span) {
        let counted = i64::from(counts(last, labels));
        let components = last.components.components();
        let set = sets.entry(serde_json::to_string(components).expect("JSON")).or_default();
        *set = (set.0 + counted, set.1 + 1);
        for Installed { component, train, version } in components {
            let version = versions.entry((component.clone(), train.clone(), version.clone())).or_default();
            *version = (version.0 + counted, version.1 + 1);
        }
        for label in &last.labels {
            *labelled.entry(label.clone()).or_default() += 1;
        }
    }
    let told = read::installed_versions(connection, range.interval, span.start, labels).expect("numbers");
    assert!(told.is_sorted_by_key(|it| -it.counted));
    let told: BTreeMap<_, _> =
        told.into_iter().map(|it| ((it.component, it.train, it.version), (it.counted, it.all))).collect();
    assert_eq!(told, versions);
    let told = read::installed_sets(connection, range.interval, span.start, labels).expect("numbers");
    assert!(told.is_sorted_by_key(|it| -it.counted));
    let told: BTreeMap<_, _> = told
        .into_iter()
        .map(|it| {
            let components: Vec<Installed> = serde_json::from_value(it.components).expect("components");
            (serde_json::to_string(&components).expect("JSON"), (it.counted, it.all))
        })
        .collect();
    assert_eq!(told, sets);
    let told = read::labels(connection, range.interval, span.start).expect("numbers");
    assert_eq!(told.into_iter().map(|it| (it.label, it.clusters)).collect::<BTreeMap<_, _>>(), labelled);
}

fn check_all(connection: &mut Connection, naive: &Naive, asked_on: i64) {
    assert!(rollups::fold(connection).expect("counted"));
    let some = Labels { with: vec!["ci".into()], without: vec!["staff".into()] };
    for interval in [Interval::Day, Interval::Week, Interval::Month] {
        let range = range(interval, asked_on);
        for labels in [&Labels::default(), &some] {
            check_activity(connection, naive, &range, labels);
            check_versions(connection, naive, &range, labels);
            check_changes(connection, naive, &range, labels);
            check_ages(connection, naive, &range, labels);
            check_cohorts(connection, naive, &range, labels);
            check_installed(connection, naive, &range, labels);
        }
    }
}

/// What the history comes to is what is there.
fn check_rebuild(connection: &mut Connection) {
    let differences = rollups::rebuild(connection, Purpose::Compare, &mut |_| {}).expect("counted");
    for difference in differences.expect("nobody else counts") {
        assert_eq!(difference.different, 0, "{difference:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    /// Late ones, repeated ones and several at once included; on one machine and on many; before and after clusters are
    /// forgotten, and however often what was noted down was counted in between.
    #[test]
    fn numbers_are_what_the_history_comes_to(
        groups in proptest::collection::vec(proptest::collection::vec(seed(), 1..6), 1..16),
        is_spread: bool,
        is_asked_in_between: bool,
    ) {
        let database = Database::new();
        let mut connection = database.connect();
        let mut recorder = Recorder::new(is_spread);
        for group in &groups {
            let reports: Vec<Report> = group.iter().copied().map(report).collect();
            let recorded = record(&mut recorder, &mut connection, &reports);
            prop_assert!(recorded.iter().all(Option::is_some));
            if is_asked_in_between {
                rollups::fold(&mut connection).expect("counted");
            }
        }
        let reports = || groups.iter().flatten().copied().map(report);
        check_all(&mut connection, &Naive::new(reports()), DAYS + 10);
        check_rebuild(&mut connection);
        // In the midst of it, some have not disappeared yet.
        check_activity(&mut connection, &Naive::new(reports()), &range(Interval::Week, DAYS / 2), &Labels::default());

        let clusters: BTreeSet<Uuid> = reports().map(|it| it.cluster_id).collect();
        let forgotten = *clusters.first().expect("a cluster");
        prop_assert!(clusters::forget(&mut connection, &Actor::command("test"), forgotten).expect("forgotten"));
        check_all(&mut connection, &Naive::new(reports().filter(|it| it.cluster_id != forgotten)), DAYS + 10);
        check_rebuild(&mut connection);
    }
}
