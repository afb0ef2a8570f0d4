//! Pages and counts by age read little of a large fleet, whichever bounds they have.

use chrono::{DateTime, TimeDelta, Utc};
use stationmaster::clock;
use stationmaster::domain::age::{Ages, Window};
use stationmaster::store::clusters;
use uuid::Uuid;

use crate::support::{Database, prepared, rows_read};

/// Created over two years. Two thirds are alive and were seen within twelve hours, the others died on the way.
const FLEET: &str = r#"
insert into component_sets values (decode(md5('seeds'), 'hex'), '[]');
insert into clusters (id, first_seen, last_seen, checkins, set_hash, labels)
select gen_random_uuid(), created,
       case when n % 3 = 0 then created + random() * (now() - created)
            else greatest(created, now() - random() * interval '12 hours') end,
       1, decode(md5('seeds'), 'hex'), case n when 1 then '{rare}' else '{common}' end::text[]
from (select n, now() - random() * interval '730 days' as created from generate_series(1, 20000) n) as fleet;
vacuum analyze clusters;
-- All check in once more, so that no page of the table is known to be visible to all.
update clusters set checkins = 2;
"#;

/// What a page may read: a few times its own length, or all of a narrow window.
const LITTLE: i64 = 600;

const PAGE: i64 = 100;

/// A day, or nearly all time; open at either end or not.
fn windows(now: DateTime<Utc>, narrow: i64) -> Vec<Window> {
    let ago = |days: i64| Some(now - TimeDelta::days(days));
    let narrow = Window { start: ago(narrow + 1), end: ago(narrow) };
    let wide = Window { start: ago(700), end: ago(0) };
    let open =
        |window: Window| [window, Window { start: None, ..window }, Window { end: None, ..window }, Window::default()];
    [narrow, wide].map(open).concat()
}

#[test]
fn a_page_reads_little_whatever_its_bounds() {
    let database = Database::new();
    database.execute_each(FLEET);
    let mut connection = database.connect();
    let now = clock::now();
    for created in windows(now, 400) {
        for seen in windows(now, 100) {
            let ages = Ages::new(created, seen);
            let middle = ages.first_seen.start.unwrap_or(now - TimeDelta::days(400));
            for after in [None, Some((middle, Uuid::max()))] {
                // Again and again: the database must not come to think that one plan does for all.
                for _ in 0..2 {
                    let read = rows_read(&mut connection, "clusters", |it| clusters::list(it, &ages, after, PAGE));
                    assert!(read <= LITTLE, "{read} rows for {ages:?} after {after:?}");
                }
            }
        }
    }
}

#[test]
fn what_is_narrow_is_counted_without_the_rest() {
    let database = Database::new();
    database.execute_each(FLEET);
    let mut connection = database.connect();
    let now = clock::now();
    let [created, seen] = [windows(now, 400)[0], windows(now, 100)[0]];
    for ages in [Ages::new(created, Window::default()), Ages::new(Window::default(), seen), Ages::new(created, seen)] {
        let read = rows_read(&mut connection, "clusters", |it| clusters::count(it, &ages));
        assert!(read <= 100, "{read} rows for {ages:?}");
    }
}

#[test]
fn windows_that_cannot_meet_cost_nothing() {
    let database = Database::new();
    database.execute_each(FLEET);
    let mut connection = database.connect();
    let now = clock::now();
    let at = |days: i64| Some(now - TimeDelta::days(days));
    // Nothing has been seen before it was created; v3 lets some of these through.
    let created_later = Window { start: at(300), end: None };
    let seen_earlier = Window { start: None, end: at(301) };
    let ages = Ages::new(created_later, seen_earlier);
    assert_eq!(rows_read(&mut connection, "clusters", |it| clusters::list(it, &ages, None, PAGE)), 0);
    assert_eq!(rows_read(&mut connection, "clusters", |it| clusters::count(it, &ages)), 0);
}

#[test]
fn no_plan_is_kept_for_other_bounds() {
    let database = Database::new();
    database.execute_each(FLEET);
    let mut connection = database.connect();
    let now = clock::now();
    let wide = Ages::new(windows(now, 400)[4], windows(now, 100)[4]);
    for _ in 0..10 {
        clusters::list(&mut connection, &wide, None, PAGE).expect("a page");
        clusters::count(&mut connection, &wide).expect("a count");
    }
    let narrow = Ages::new(Window::default(), windows(now, 100)[0]);
    let read = rows_read(&mut connection, "clusters", |it| clusters::list(it, &narrow, None, PAGE));
    assert!(read <= 100, "{read} rows");
    assert_eq!(prepared(&mut connection, "first_seen"), 0);
}
