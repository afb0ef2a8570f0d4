//! Walking the lists page by page, also while others publish.

use std::num::NonZeroU32;

use stationmaster_client::Client;

use crate::support::{Server, publish, publish_all, publish_released, yank};

/// A page: its entries, and the cursor of the next one.
type Page = (Vec<String>, Option<String>);

/// Every way to ask for a page of one list, which all have the same builder methods and no trait.
macro_rules! page {
    ($call:expr, $limit:expr, $cursor:expr, $name:ident) => {{
        let call = $call.limit(NonZeroU32::new($limit).expect("not zero"));
        let call = match $cursor {
            Some(cursor) => call.cursor(cursor),
            None => call,
        };
        let page = call.send().await.expect("a page").into_inner();
        let names: Vec<String> = page.data.into_iter().map(|entry| entry.$name).collect();
        (names, page.next_cursor)
    }};
}

async fn components(caller: &Client, limit: u32, cursor: Option<String>) -> Page {
    page!(caller.list_components(), limit, cursor, component)
}

async fn trains(caller: &Client, limit: u32, cursor: Option<String>) -> Page {
    page!(caller.list_trains().component("c"), limit, cursor, train)
}

async fn versions(caller: &Client, limit: u32, cursor: Option<String>) -> Page {
    let call = caller.list_versions().component("c").train("t");
    page!(call, limit, cursor, version)
}

/// All pages of a list. None but the last may be short.
async fn walk(limit: u32, page: impl AsyncFn(u32, Option<String>) -> Page) -> Vec<String> {
    let (mut all, mut cursor) = (Vec::new(), None);
    loop {
        let (entries, next) = page(limit, cursor).await;
        let full = limit as usize;
        assert!(if next.is_some() { entries.len() == full } else { entries.len() <= full });
        all.extend(entries);
        cursor = next;
        if cursor.is_none() {
            return all;
        }
    }
}

fn names(prefix: &str, numbers: impl Iterator<Item = u32>) -> Vec<String> {
    numbers.map(|number| format!("{prefix}{number:02}")).collect()
}

#[tokio::test]
async fn pages_of_any_size_hold_everything_once() {
    let server = Server::start();
    let (publisher, caller) = (server.admin(), server.anonymous());
    let (cs, ts) = (names("c-", 0..7), names("t-", 0..7));
    let mut vs: Vec<_> = (0..7).map(|patch| format!("v1.0.{patch}")).collect();
    for name in &cs {
        publish(&publisher, (name, "stable", "v1.0.0")).await;
    }
    for name in &ts {
        publish(&publisher, ("c", name, "v1.0.0")).await;
    }
    for name in &vs {
        publish(&publisher, ("c", "t", name)).await;
    }
    vs.reverse();
    let cs: Vec<_> = ["c".to_owned()].into_iter().chain(cs).collect();
    let ts: Vec<_> = ["t".to_owned()].into_iter().chain(ts).collect();
    // One page exactly, and one more or less than it, are where paging goes wrong.
    for limit in [1, 2, 6, 7, 8, 500] {
        assert_eq!(walk(limit, async |limit, cursor| components(&caller, limit, cursor).await).await, cs, "{limit}");
        assert_eq!(walk(limit, async |limit, cursor| trains(&caller, limit, cursor).await).await, ts, "{limit}");
        assert_eq!(walk(limit, async |limit, cursor| versions(&caller, limit, cursor).await).await, vs, "{limit}");
    }
}

#[tokio::test]
async fn a_page_has_fifty_entries_unless_told_otherwise() {
    let server = Server::start();
    let publisher = server.admin();
    let all: Vec<_> = (0..51).map(|patch| format!("v1.0.{patch}")).collect();
    publish_all(&publisher, ("c", "t"), &all.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let page = publisher.list_versions().component("c").train("t").send().await.expect("a page").into_inner();
    assert_eq!(page.data.len(), 50);
    assert!(page.next_cursor.is_some());
}

#[tokio::test]
async fn pages_of_versions_with_equal_precedence_hold_each_once() {
    let server = Server::start();
    let (publisher, caller) = (server.admin(), server.anonymous());
    let released = "2017-02-22T21:41:28Z";
    let mut all: Vec<_> = (0..6).map(|build| format!("1.0.0+{build}")).collect();
    all.push("v1.0.0".to_owned());
    for name in &all {
        publish_released(&publisher, ("c", "t", name), released).await;
    }
    for limit in [1, 2, 3] {
        let mut walked = walk(limit, async |limit, cursor| versions(&caller, limit, cursor).await).await;
        walked.sort_unstable();
        assert_eq!(walked, all, "{limit}");
    }
}

#[tokio::test]
async fn pages_of_a_range_skip_what_does_not_match() {
    let server = Server::start();
    let (publisher, caller) = (server.admin(), server.anonymous());
    for patch in 0..6 {
        publish_all(
            &publisher,
            ("c", "t"),
            &[&format!("v1.0.{patch}"), &format!("v2.0.{patch}"), &format!("n-{patch}")],
        )
        .await;
    }
    yank(&publisher, ("c", "t", "v1.0.3"), "why").await;
    for limit in [1, 2, 4, 5, 6] {
        let page = async |limit, cursor| {
            let call = caller.list_versions().component("c").train("t").matching("^1");
            page!(call, limit, cursor, version)
        };
        assert_eq!(walk(limit, page).await, ["v1.0.5", "v1.0.4", "v1.0.2", "v1.0.1", "v1.0.0"], "{limit}");
    }
}

#[tokio::test]
async fn versions_published_between_two_pages_are_neither_repeated_nor_do_they_hide_others() {
    let server = Server::start();
    let (publisher, caller) = (server.admin(), server.anonymous());
    for patch in (10..40).step_by(10) {
        publish(&publisher, ("c", "t", &format!("v1.0.{patch}"))).await;
    }
    let (first, cursor) = versions(&caller, 1, None).await;
    assert_eq!(first, ["v1.0.30"]);
    // Above what was read, below it, and at the end of it; and what the cursor stands on goes away.
    publish_all(&publisher, ("c", "t"), &["v1.0.31", "v1.0.25", "v1.0.5", "v1.0.30-rc.1"]).await;
    yank(&publisher, ("c", "t", "v1.0.30"), "why").await;
    let (second, cursor) = versions(&caller, 2, cursor).await;
    assert_eq!(second, ["v1.0.30-rc.1", "v1.0.25"]);
    yank(&publisher, ("c", "t", "v1.0.20"), "why").await;
    let (third, cursor) = versions(&caller, 2, cursor).await;
    assert_eq!((third, cursor), (vec!["v1.0.10".to_owned(), "v1.0.5".to_owned()], None));
}

#[tokio::test]
async fn a_walk_while_others_publish_meets_each_of_the_old_once() {
    let server = Server::start();
    let (publisher, caller) = (server.admin(), server.anonymous());
    let old = names("1.0.1", (0..40).step_by(2));
    publish_all(&publisher, ("c", "t"), &old.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let new = names("1.0.1", (0..40).skip(1).step_by(2));
    let others = async {
        publish_all(&publisher, ("c", "t"), &new.iter().map(String::as_str).collect::<Vec<_>>()).await;
    };
    let reading = walk(1, async |limit, cursor| versions(&caller, limit, cursor).await);
    let (walked, ()) = tokio::join!(reading, others);
    let mut expected = walked.clone();
    expected.sort_unstable();
    expected.dedup();
    expected.reverse();
    assert_eq!(walked, expected, "newest first, none twice");
    assert!(old.iter().all(|version| walked.contains(version)), "none skipped: {walked:?}");
}

#[tokio::test]
async fn components_and_trains_published_between_two_pages_do_not_move_the_others() {
    let server = Server::start();
    let (publisher, caller) = (server.admin(), server.anonymous());
    for name in ["b", "d", "f"] {
        publish(&publisher, (name, "t", "v1.0.0")).await;
        publish(&publisher, ("c", name, "v1.0.0")).await;
    }
    let (first_components, component_cursor) = components(&caller, 2, None).await;
    let (first_trains, train_cursor) = trains(&caller, 1, None).await;
    assert_eq!((first_components, first_trains), (names_of(["b", "c"]), names_of(["b"])));
    for name in ["a", "e"] {
        publish(&publisher, (name, "t", "v1.0.0")).await;
        publish(&publisher, ("c", name, "v1.0.0")).await;
    }
    assert_eq!(components(&caller, 3, component_cursor).await, (names_of(["d", "e", "f"]), None));
    assert_eq!(trains(&caller, 3, train_cursor).await, (names_of(["d", "e", "f"]), None));
}

fn names_of<const N: usize>(names: [&str; N]) -> Vec<String> {
    names.map(str::to_owned).to_vec()
}
