//! Bounds on ages: what lies exactly on one, and how they may be written.

use chrono::{DateTime, TimeDelta, Utc};
use stationmaster::clock;

use crate::support::{Ages, Call, Seed, Server, token};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

/// How many clusters a filter finds that is written out by hand.
async fn count(server: &Server, query: &str) -> i64 {
    let call = Call::get(format!("/v4/clusters/count?{query}")).token(&token("clusters:read"));
    let count = call.send(server).await.value(200);
    count["count"].as_i64().expect("a number")
}

#[tokio::test]
async fn after_is_inclusive_and_before_is_exclusive_to_the_microsecond() {
    let server = Server::start();
    let seen = at("2016-03-01T12:00:00.123456Z");
    server.database().seed(&[Seed::seen(seen)]);
    let reader = server.admin();
    for (microseconds, is_at_or_after, is_before) in [(-1, true, false), (0, true, false), (1, false, true)] {
        let bound = Some(seen + TimeDelta::microseconds(microseconds));
        for (filter, matches) in [
            (Ages { created_after: bound, ..Ages::default() }, is_at_or_after),
            (Ages { checked_in_after: bound, ..Ages::default() }, is_at_or_after),
            (Ages { created_before: bound, ..Ages::default() }, is_before),
            (Ages { checked_in_before: bound, ..Ages::default() }, is_before),
        ] {
            assert_eq!(filter.list(&reader, 50).await.len(), usize::from(matches), "{filter:?}");
            let count = filter.count(&reader).await.expect("a count").count;
            assert_eq!(count, i64::from(matches), "{filter:?}");
        }
    }
}

#[tokio::test]
async fn a_bound_finer_than_a_microsecond_is_not_cut_off() {
    let server = Server::start();
    server.database().seed(&[Seed::seen(at("2016-03-01T12:00:00.123456Z"))]);
    for (bound, is_at_or_after) in [
        ("2016-03-01T12:00:00.123455999Z", true),
        ("2016-03-01T12:00:00.123456000Z", true),
        ("2016-03-01T12:00:00.123456001Z", false),
    ] {
        let is_before = !is_at_or_after;
        for column in ["created", "checked_in"] {
            let after = count(&server, &format!("{column}_after={bound}")).await;
            assert_eq!(after, i64::from(is_at_or_after), "{column} after {bound}");
            let before = count(&server, &format!("{column}_before={bound}")).await;
            assert_eq!(before, i64::from(is_before), "{column} before {bound}");
        }
    }
}

#[tokio::test]
async fn neighbouring_windows_neither_overlap_nor_leave_a_gap() {
    let server = Server::start();
    let start = at("2016-01-01T00:00:00Z");
    let clusters: Vec<Seed> =
        (0..40).map(|number| Seed::seen(start + TimeDelta::microseconds(number * 250_000))).collect();
    server.database().seed(&clusters);
    let reader = server.admin();
    let mut windows = Vec::new();
    for second in 0..10 {
        let [from, to] = [second, second + 1].map(|second| Some(start + TimeDelta::seconds(second)));
        let created = Ages { created_after: from, created_before: to, ..Ages::default() };
        let checked_in = Ages { checked_in_after: from, checked_in_before: to, ..Ages::default() };
        let listed = created.list(&reader, 3).await;
        assert_eq!(listed.len(), 4);
        assert_eq!(checked_in.list(&reader, 3).await.len(), 4);
        windows.extend(listed.into_iter().map(|cluster| cluster.id));
    }
    let all: Vec<_> = clusters.iter().map(|cluster| cluster.id).collect();
    assert_eq!(windows, all);
}

#[tokio::test]
async fn an_instant_may_have_any_offset() {
    let server = Server::start();
    server.database().seed(&[Seed::seen(at("2016-03-01T12:00:00Z"))]);
    for (same_instant, next) in [
        ("2016-03-01T12:00:00Z", "2016-03-01T12:00:00.000001Z"),
        ("2016-03-01T14:00:00%2B02:00", "2016-03-01T14:00:00.000001%2B02:00"),
        ("2016-03-01T00:30:00-11:30", "2016-03-01T00:30:00.000001-11:30"),
        ("2016-03-02T02:00:00%2B14:00", "2016-03-02T02:00:00.000001%2B14:00"),
    ] {
        assert_eq!(count(&server, &format!("created_after={same_instant}")).await, 1);
        assert_eq!(count(&server, &format!("created_after={next}")).await, 0);
        assert_eq!(count(&server, &format!("created_before={same_instant}")).await, 0);
        assert_eq!(count(&server, &format!("created_before={next}")).await, 1);
    }
}

#[tokio::test]
async fn the_first_and_the_last_year_are_bounds_like_others() {
    let server = Server::start();
    let [first, last] = [at("0001-01-01T00:00:00Z"), at("9999-12-31T23:59:59.999999Z")];
    server.database().seed(&[Seed::seen(first), Seed::seen(clock::now()), Seed::seen(last)]);
    for column in ["created", "checked_in"] {
        for (query, expected) in [
            ("after=0001-01-01T00:00:00Z", 3),
            ("before=0001-01-01T00:00:00Z", 0),
            ("before=0001-01-01T00:00:00.000001Z", 1),
            ("after=9999-12-31T23:59:59.999999Z", 1),
            ("before=9999-12-31T23:59:59.999999Z", 2),
            // Rounded up, this is in a year that RFC 3339 cannot write.
            ("after=9999-12-31T23:59:59.999999999Z", 0),
            ("before=9999-12-31T23:59:59.999999999Z", 3),
            // And this one is after the end of the last year in UTC.
            ("before=9999-12-31T23:59:59-23:59", 3),
            ("after=0001-01-01T00:00:00%2B23:59", 3),
        ] {
            assert_eq!(count(&server, &format!("{column}_{query}")).await, expected, "{column}_{query}");
        }
    }
}

#[tokio::test]
async fn spans_count_back_from_now_in_each_unit() {
    let server = Server::start();
    let minute = TimeDelta::minutes(1);
    for (span, length) in [
        ("P2W", TimeDelta::weeks(2)),
        ("P3D", TimeDelta::days(3)),
        ("PT5H", TimeDelta::hours(5)),
        ("PT90M", TimeDelta::minutes(90)),
        ("PT600S", TimeDelta::seconds(600)),
        ("P0D", TimeDelta::zero()),
        // The longest of each unit reach back before there were clusters, not before there was time.
        ("P9999W", TimeDelta::weeks(9_999)),
        ("PT999999H", TimeDelta::hours(999_999)),
    ] {
        let database = server.database();
        database.execute("truncate clusters, component_sets cascade");
        // Far enough off the bound for a slow test.
        let now = clock::now();
        let seen = [now - length - minute * 2, now - length - minute, now - length + minute];
        database.seed(&seen.map(Seed::seen));
        assert_eq!(count(&server, &format!("stale_for={span}")).await, 2, "{span}");
        assert_eq!(count(&server, &format!("fresh_within={span}")).await, 1, "{span}");
    }
}
