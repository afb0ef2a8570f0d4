//! Reading the audit trail: filters, bounds and pages.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use futures::future::join_all;
use serde_json::Value;
use stationmaster::clock;
use stationmaster::domain::age::Window;
use stationmaster::store::audit::{Action, Filter, list};
use stationmaster_client::types::NewVersion;

use crate::support::{Answer, Call, Database, Server, prepared, publish, rows_read, token, trail, try_publish, yank};

/// 60 events, six at each of ten instants a second apart: each component with each subject and action in turn.
const EVENTS: &str = "
insert into audit_events (at, subject, issuer, action, component)
select '2017-02-01T00:00:00.123456Z'::timestamptz + n / 6 * interval '1 second', (array['ci', 'me'])[n % 2 + 1], 'test',
       (array['publish', 'amend', 'yank'])[n % 3 + 1], (array['a', 'b', null, 'c', 'd'])[n % 5 + 1]
from generate_series(0, 59) n";

fn start() -> DateTime<Utc> {
    "2017-02-01T00:00:00.123456Z".parse().expect("an instant")
}

fn written(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Nanos, true)
}

async fn ask(server: &Server, query: &str) -> Answer {
    Call::get(format!("/v4/audit?{query}")).token(&token("audit:read")).send(server).await
}

/// The ids of all that a query finds, in their order, page by page.
async fn walk(server: &Server, query: &str, limit: usize) -> Vec<i64> {
    let (mut ids, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = ask(server, &format!("{query}&limit={limit}{cursor}")).await.value(200);
        let data = page["data"].as_array().expect("a list");
        ids.extend(data.iter().map(|event| event["id"].as_i64().expect("a number")));
        match &page["next_cursor"] {
            Value::Null => return ids,
            next => cursor = format!("&cursor={}", next.as_str().expect("a text")),
        }
        assert_eq!(data.len(), limit, "only the last page is short");
    }
}

#[tokio::test]
async fn every_combination_of_filters_finds_what_it_says_newest_first_in_pages_of_any_size() {
    let server = Server::start();
    let database = server.database();
    database.execute(EVENTS);
    let second = |seconds| Some(start() + TimeDelta::seconds(seconds));
    for component in [None, Some("a"), Some("d"), Some("nobody")] {
        for subject in [None, Some("ci")] {
            for action in [None, Some("amend"), Some("forget")] {
                for (after, before) in [(None, None), (second(3), None), (None, second(7)), (second(3), second(7))] {
                    let [after, before] = [after, before].map(|at| at.map(written));
                    let mut query = Vec::new();
                    let mut condition = "true".to_owned();
                    for (name, comparison, value) in [
                        ("component", "component =", component),
                        ("subject", "subject =", subject),
                        ("action", "action =", action),
                        ("after", "at >=", after.as_deref()),
                        ("before", "at <", before.as_deref()),
                    ] {
                        if let Some(value) = value {
                            query.push(format!("{name}={value}"));
                            condition += &format!(" and {comparison} '{value}'");
                        }
                    }
                    let query = query.join("&");
                    let expected: Vec<i64> = database
                        .texts(&format!("select id from audit_events where {condition} order by at desc, id desc"))
                        .iter()
                        .map(|id| id.parse().expect("a number"))
                        .collect();
                    for limit in [1, 7, 60, 500] {
                        // A page per event takes long, and says nothing new of long lists.
                        if limit > 1 || expected.len() < 10 {
                            assert_eq!(walk(&server, &query, limit).await, expected, "{query} in pages of {limit}");
                        }
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn events_of_one_instant_come_once_each() {
    let server = Server::start();
    server.database().execute(
        "insert into audit_events (at, subject, issuer, action)
         select '2017-02-01', 'test', 'test', 'publish' from generate_series(1, 7)",
    );
    for limit in [1, 2, 3, 6, 7, 8] {
        assert_eq!(walk(&server, "", limit).await, [7, 6, 5, 4, 3, 2, 1], "in pages of {limit}");
    }
}

#[tokio::test]
async fn what_arrives_between_two_pages_moves_nothing() {
    let server = Server::start();
    let publisher = server.admin();
    for patch in 0..6 {
        publish(&publisher, ("c", "t", &format!("v1.0.{patch}"))).await;
    }
    let (mut versions, mut cursor) = (Vec::new(), String::new());
    for round in 0..3 {
        let page = ask(&server, &format!("limit=2{cursor}")).await.value(200);
        let data = page["data"].as_array().expect("a list");
        versions.extend(data.iter().map(|event| event["version"].as_str().expect("a text").to_owned()));
        cursor = page["next_cursor"].as_str().map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
        publish(&publisher, ("c", "t", &format!("v2.0.{round}"))).await;
        yank(&publisher, ("c", "t", &format!("v2.0.{round}")), "why").await;
    }
    assert_eq!(versions, ["v1.0.5", "v1.0.4", "v1.0.3", "v1.0.2", "v1.0.1", "v1.0.0"]);
    assert_eq!(cursor, "");
}

#[tokio::test]
async fn after_is_inclusive_and_before_exclusive_to_the_microsecond() {
    let server = Server::start();
    server.database().execute(
        "insert into audit_events (at, subject, issuer, action)
         values ('2017-02-01T00:00:00.123456Z', 'test', 'test', 'publish')",
    );
    for (nanoseconds, is_at_or_after) in [(-1_000, true), (-1, true), (0, true), (1, false), (1_000, false)] {
        let bound = written(start() + TimeDelta::nanoseconds(nanoseconds));
        let [after, before] = ["after", "before"].map(|name| format!("{name}={bound}"));
        assert_eq!(trail(&server, &after).await.len(), usize::from(is_at_or_after), "{after}");
        assert_eq!(trail(&server, &before).await.len(), usize::from(!is_at_or_after), "{before}");
    }
}

#[tokio::test]
async fn neighbouring_windows_hold_every_event_once() {
    let server = Server::start();
    server.database().execute(EVENTS);
    let mut found = Vec::new();
    for second in (0..10).rev() {
        let [after, before] = [second, second + 1].map(|second| written(start() + TimeDelta::seconds(second)));
        let window = walk(&server, &format!("after={after}&before={before}"), 500).await;
        assert_eq!(window.len(), 6);
        found.extend(window);
    }
    assert_eq!(found, walk(&server, "", 500).await);
}

#[tokio::test]
async fn a_window_without_an_instant_is_an_impossible_filter() {
    let server = Server::start();
    let at = |nanoseconds| written(start() + TimeDelta::nanoseconds(nanoseconds));
    for (after, before) in [(0, 0), (1_000, 0), (1, 1_000)] {
        let refusal = ask(&server, &format!("after={}&before={}", at(after), at(before))).await.refusal();
        assert_eq!((refusal.status, refusal.kind()), (422, "impossible-filter"));
        assert_eq!(refusal.faults(), ["query /after", "query /before"]);
        assert_eq!(refusal.problem.detail, "Nothing satisfies both after and before.");
    }
    for (after, before) in [(0, 1_000), (1, 1_001)] {
        assert_eq!(ask(&server, &format!("after={}&before={}", at(after), at(before))).await.status, 200);
    }
}

#[tokio::test]
async fn faults_are_named() {
    let server = Server::start();
    publish(&server.admin(), ("c", "t", "v1.0.0")).await;
    publish(&server.admin(), ("d", "t", "v1.0.0")).await;
    let other = Call::get("/v4/versions?limit=1").send(&server).await.value(200);
    let other = format!("cursor={}", other["next_cursor"].as_str().expect("a second page"));
    for (query, fault) in [
        ("action=burn", "query /action"),
        ("component=UPPER", "query /component"),
        ("subject=", "query /subject"),
        ("subject=%00", "query /subject"),
        ("after=yesterday", "query /after"),
        ("before=2017-02-01", "query /before"),
        ("limit=501", "query /limit"),
        ("cursor=garbage", "query /cursor"),
        (other.as_str(), "query /cursor"),
        ("train=t", "query /train"),
    ] {
        ask(&server, query).await.refusal().assert_faults(&[fault]);
    }
}

#[tokio::test]
async fn no_cache_keeps_it() {
    let answer = ask(&Server::start(), "").await;
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.value(200), serde_json::json!({"data": [], "next_cursor": null}));
}

#[tokio::test]
async fn of_many_who_change_things_at_once_each_leaves_its_event_in_the_order_of_the_changes() {
    const VERSIONS: usize = 12;
    let server = Server::start();
    let publisher = server.admin();
    // Three at a time publish the same version with other content.
    let attempts = (0..3 * VERSIONS).map(|number| {
        let (publisher, version) = (publisher.clone(), format!("v1.0.{}", number / 3));
        async move {
            let content = NewVersion::builder().image(Some(number.to_string().parse().expect("it fits")));
            try_publish(&publisher, ("c", "t", &version), content).await.ok().map(|answer| answer.status().as_u16())
        }
    });
    let answers = join_all(attempts.map(tokio::spawn)).await;
    let created = answers.into_iter().filter(|answer| matches!(answer, Ok(Some(201)))).count();
    assert_eq!(created, VERSIONS);

    let events = trail(&server, "component=c&action=publish").await;
    let request_ids: BTreeSet<_> = events.iter().map(|event| event["request_id"].as_str()).collect();
    assert_eq!((events.len(), request_ids.len()), (VERSIONS, VERSIONS));
    let images = "select image from versions order by revision desc";
    let published: Vec<_> = events.iter().map(|event| event["after"]["image"].as_str().expect("a text")).collect();
    assert_eq!(published, server.database().texts(images), "newest first");
}

#[test]
fn a_page_reads_little_of_a_long_trail_whatever_its_filters() {
    const LITTLE: i64 = 300;
    let database = Database::new();
    // Nearly all events are of one kind, by one subject, about one component.
    database.execute(
        "insert into audit_events (at, subject, issuer, action, component)
         select now() - n * interval '1 minute', case n % 4000 when 0 then 'me' else 'ci' end, 'test',
                case n % 4000 when 1 then 'forget' else 'publish' end, case n % 4000 when 2 then 'rare' else 'common' end
         from generate_series(1, 20000) n;
         analyze audit_events",
    );
    let mut connection = database.connect();
    let ago = |minutes| Some(clock::now() - TimeDelta::minutes(minutes));
    let windows = [(None, None), (ago(15_000), None), (None, ago(15_000)), (ago(15_100), ago(15_000))];
    for component in [None, Some("common"), Some("rare"), Some("nobody")] {
        for subject in [None, Some("ci"), Some("me"), Some("nobody")] {
            for action in [None, Some(Action::Publish), Some(Action::Forget), Some(Action::Amend)] {
                for (after, before) in windows {
                    let filter = Filter {
                        component: component.map(Into::into),
                        subject: subject.map(Into::into),
                        action,
                        window: Window::new(after, before).expect("possible"),
                    };
                    for cursor in [None, Some((ago(10_000).expect("an instant"), i64::MAX))] {
                        let read = rows_read(&mut connection, "audit_events", |it| list(it, &filter, cursor, 100));
                        assert!(read <= LITTLE, "{read} rows for {filter:?} after {cursor:?}");
                    }
                }
            }
        }
    }
    assert_eq!(prepared(&mut connection, "audit_events"), 0, "a plan for one filter is none for another");
}
