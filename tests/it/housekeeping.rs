//! What the server does with its history by itself, and the settings for it.

use chrono::{DateTime, Months, TimeDelta, Utc};
use stationmaster::clock;
use stationmaster::store::housekeeping::{self, Done, Limits};
use stationmaster::store::partitions;
use uuid::Uuid;

use crate::import::counts;
use crate::support::{
    Database, Seed, Server, ServerOptions, check_in, eventually, import, labelled, old_database, program, report, run,
    serve,
};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

fn keep(history: &str) -> Limits {
    Limits { history: Some(history.parse().expect("a span")), ..Limits::default() }
}

/// A cluster that checked in at noon of the first of these months, and the partitions for that.
fn monthly(database: &Database, first: &str, count: u32) {
    let first = at(first);
    partitions::ensure(&mut database.connect(), first, count - 1).expect("the partitions");
    database.seed(&[Seed { last_seen: first + Months::new(count - 1), ..Seed::seen(first) }]);
    database.execute(&format!(
        "update clusters set checkins = {count};
         insert into checkins select id, first_seen + n * interval '1 month', set_hash
         from clusters, generate_series(0, {count} - 1) n"
    ));
}

fn partitions(database: &Database) -> Vec<String> {
    database.texts("select inhrelid::regclass::text from pg_inherits where inhparent = 'checkins'::regclass order by 1")
}

fn names(months: &[&str]) -> Vec<String> {
    months.iter().map(|month| format!("checkins_{month}")).collect()
}

#[tokio::test]
async fn months_that_have_ended_before_the_retention_are_dropped_and_nothing_else() {
    let database = Database::new();
    monthly(&database, "2024-01-01T12:00:00Z", 6);
    let cluster = database.texts("select clusters from clusters");
    let store = database.store();

    let may = at("2024-06-01T00:00:00Z");
    // Until May has ended a month ago, some of it is younger than a month.
    for (now, dropped, first) in [
        (may - TimeDelta::microseconds(1), 3, "2024_04"),
        (may, 1, "2024_05"),
        (may + TimeDelta::days(29), 0, "2024_05"),
        (at("2024-07-01T00:00:00Z"), 1, "2024_06"),
    ] {
        let done = housekeeping::run(&store, now, keep("P1M")).await.expect("done");
        assert_eq!((done.dropped, done.forgotten), (dropped, 0), "at {now}");
        assert_eq!(partitions(&database)[0], format!("checkins_{first}"), "at {now}");
    }
    let ahead = names(&["2024_06", "2024_07", "2024_08", "2024_09", "2024_10"]);
    assert_eq!(partitions(&database), ahead, "those of the coming months are made");
    assert_eq!(database.texts("select at from checkins"), ["2024-06-01 12:00:00+00"]);
    assert_eq!(database.texts("select clusters from clusters"), cluster, "how often it checked in stays known");
}

#[tokio::test]
async fn a_clock_that_is_fast_makes_nothing_old() {
    let database = Database::new();
    let now = clock::now();
    partitions::ensure(&mut database.connect(), now - Months::new(3), 0).expect("a partition");
    database.seed(&[Seed::seen(now - Months::new(3))]);
    let limits = Limits { silent_clusters: Some("P1Y".parse().expect("a span")), ..keep("P1Y") };
    let done = housekeeping::run(&database.store(), now + Months::new(24), limits).await.expect("done");
    assert_eq!((done.dropped, done.forgotten), (0, 0));
    assert_eq!(database.count("clusters"), 1);
}

#[tokio::test]
async fn a_retention_in_days_keeps_at_least_that_long() {
    let database = Database::new();
    monthly(&database, "2024-01-01T12:00:00Z", 3);
    let store = database.store();
    let done = housekeeping::run(&store, at("2024-03-30T00:00:00Z"), keep("P30D")).await.expect("done");
    assert_eq!(done.dropped, 1);
    assert_eq!(partitions(&database)[..2], names(&["2024_02", "2024_03"]));
}

#[tokio::test]
async fn without_limits_everything_is_kept() {
    let database = Database::new();
    monthly(&database, "1999-01-01T12:00:00Z", 4);
    let before = database.everything();
    let done = housekeeping::run(&database.store(), at("1999-04-01T00:00:00Z"), Limits::default()).await;
    assert_eq!(done.expect("done"), Done { made: 3, ..Done::default() });
    assert_eq!(database.everything(), before);
}

#[tokio::test]
async fn partitions_of_other_names_and_bounds_are_told_by_their_bounds() {
    let database = Database::new();
    monthly(&database, "2024-01-01T12:00:00Z", 2);
    database.execute(
        r#"create table "Long ago" partition of checkins for values from (minvalue) to ('2020-01-01 00:00:00Z');
           create table some_day partition of checkins for values from ('2030-01-01 00:00:00Z') to (maxvalue);
           create table checkins_1999_01 partition of checkins
               for values from ('2024-03-01 00:00:00Z') to ('2025-01-01 00:00:00Z');
           create table others partition of checkins default;
           create table of_another (number int) partition by range (number);
           create table of_another_1 partition of of_another for values from (1) to (2)"#,
    );
    let mut connection = database.connect();
    let mut dropped = Vec::new();
    while let Some(name) = partitions::drop_oldest(&mut connection, at("2024-12-31T23:59:59Z")).expect("dropped") {
        dropped.push(name);
    }
    assert_eq!(dropped, ["\"Long ago\"", "checkins_2024_01", "checkins_2024_02"]);
    assert_eq!(partitions(&database), ["checkins_1999_01", "others", "some_day"]);
    assert_eq!(database.texts("select to_regclass('of_another_1')"), ["of_another_1"]);
}

#[tokio::test]
async fn an_import_can_go_on_after_what_it_brought_was_dropped_and_forgotten() {
    let (old, new) = (old_database(), Database::new());
    let row = "insert into clusters_checkins (cluster_id, created_at, data) values";
    let cluster = "10000000-0000-4000-8000-00000000000";
    old.execute(&format!(
        r#"{row} ('{cluster}1', '2016-01-01', '{{"components": []}}'),
                 ('{cluster}2', '2016-01-01', '{{"components": []}}')"#
    ));
    import(&old.url, &new);
    // One of the two has come over, and is alive.
    check_in_at(&new, &format!("{cluster}1"), clock::now());
    let limits = Limits { silent_clusters: Some("P3Y".parse().expect("a span")), ..keep("P24M") };
    let done = housekeeping::run(&new.store(), clock::now(), limits).await.expect("done");
    assert_eq!((done.dropped, done.forgotten), (1, 1));
    assert_eq!(new.count("checkins"), 0);

    let printed = import(&old.url, &new);
    assert_eq!(counts(&printed, "clusters_checkins"), [2, 0, 2, 0], "{printed}");
    old.execute(&format!(r#"{row} ('{cluster}3', '2016-02-01', '{{"components": []}}')"#));
    let printed = import(&old.url, &new);
    assert_eq!(counts(&printed, "clusters_checkins"), [3, 1, 2, 0], "{printed}");
}

/// Lets a cluster have been seen at an instant, without a history of that.
fn check_in_at(database: &Database, cluster: &str, at: DateTime<Utc>) {
    database.execute(&format!("update clusters set last_seen = '{}' where id = '{cluster}'", at.to_rfc3339()));
}

#[tokio::test]
async fn a_server_does_what_its_settings_say() {
    let database = Database::new();
    let now = clock::now();
    let ago = |months: u32| now - Months::new(months);
    let mut connection = database.connect();
    for months in [30, 26, 1] {
        partitions::ensure(&mut connection, ago(months), 0).expect("a partition");
    }
    let [silent, alive] =
        [(40, 37), (40, 1)].map(|(first, last)| Seed { first_seen: ago(first), ..Seed::seen(ago(last)) });
    database.seed(&[silent.clone(), alive.clone()]);
    database.execute(&format!(
        "insert into checkins select id, last_seen, set_hash from clusters where id = '{}'",
        alive.id
    ));
    let server = Server::start_with(ServerOptions {
        database: Some(database),
        arguments: ["--history-retention", "P24M", "--forget-after", "P3Y"].map(Into::into).into(),
        ..ServerOptions::default()
    });
    let database = server.database();
    eventually("the old months and the silent cluster are gone", async || {
        partitions(database).len() == 5 && database.count("clusters") == 1
    })
    .await;
    assert_eq!(database.texts("select cluster_id from checkins"), [alive.id.to_string()]);
    eventually("the log tells", async || {
        let log = server.log();
        log.matches("--history-retention").count() == 2 && log.matches("--forget-after").count() == 1
    })
    .await;

    let again = check_in(&server.anonymous(), silent.id, labelled(&[])).await.expect("checked in");
    assert_eq!((again.status().as_u16(), again.checkins.get()), (201, 1), "it is a new one");
    let again = check_in(&server.anonymous(), alive.id, report(&[("a", "1")])).await.expect("checked in");
    assert_eq!((again.status().as_u16(), again.first_seen), (200, alive.first_seen));
    let new = check_in(&server.anonymous(), Uuid::new_v4(), report(&[("a", "1")])).await.expect("checked in");
    assert_eq!(new.checkins.get(), 1);
}

#[test]
fn settings_that_make_no_sense_are_refused_in_words_that_help() {
    for (value, words) in [
        ("P0M", "would keep nothing"),
        ("P0D", "leave it out to keep everything"),
        ("PT12H", "such as P3Y, P24M, P12W or P90D"),
        ("24 months", "such as P3Y, P24M, P12W or P90D"),
        ("", "such as P3Y, P24M, P12W or P90D"),
        ("P5000Y", "longer than 1000 years"),
    ] {
        for (flag, variable) in [
            ("--history-retention", "STATIONMASTER_HISTORY_RETENTION"),
            ("--forget-after", "STATIONMASTER_FORGET_AFTER"),
        ] {
            let complaint = run(serve(program()).args([flag, value])).complaint(2);
            assert!(complaint.contains(words) && complaint.contains(flag), "{complaint}");
            let complaint = run(serve(program()).env(variable, value)).complaint(2);
            assert!(complaint.contains(words) && complaint.contains(flag), "{complaint}");
        }
    }
}
