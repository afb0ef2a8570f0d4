//! Pages of clusters, also while others write.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use stationmaster_client::Client;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::support::{Ages, Refused, Seed, Server, check_in, eventually, labelled};

/// Clusters with this label, ten at a time created at the same instant.
fn seeds(count: usize, label: &str) -> Vec<Seed> {
    let start: DateTime<Utc> = "2016-01-01T00:00:00Z".parse().expect("an instant");
    let seen = (0..count).map(|number| Seed::seen(start + TimeDelta::hours(number as i64 / 10)));
    let labels = vec![label.to_owned()];
    seen.map(|seed| Seed { labels: labels.clone(), ..seed }).collect()
}

fn labelled_only(label: &'static str) -> Ages {
    Ages { labels: vec![label], ..Ages::default() }
}

#[tokio::test]
async fn pages_of_every_size_are_the_same_list_oldest_first() {
    let server = Server::start();
    let mut clusters = seeds(61, "kept");
    server.database().seed(&clusters);
    clusters.sort_by_key(|cluster| (cluster.first_seen, cluster.id));
    let expected: Vec<Uuid> = clusters.iter().map(|cluster| cluster.id).collect();
    let reader = server.admin();
    // 60 and 61: the last page is full.
    for limit in [1, 7, 60, 61, 62, 500] {
        let listed = Ages::default().list(&reader, limit).await;
        let listed: Vec<Uuid> = listed.iter().map(|cluster| cluster.id).collect();
        assert_eq!(listed, expected, "in pages of {limit}");
    }
    let all = Ages::default().page(&reader, 61, None).await.expect("a page");
    assert_eq!(all.next_cursor, None, "nothing follows the last cluster");
    let default = reader.list_clusters_by_age().send().await.expect("a page");
    assert_eq!(default.data.len(), 50);
}

#[tokio::test]
async fn only_what_a_list_gave_out_is_its_cursor() {
    let server = Server::start();
    let reader = server.admin();
    // Not base64; base64 of no JSON; JSON of another list's position.
    for cursor in ["!", "bm90IGpzb24", "WyJhIl0"] {
        let answer = Ages::default().page(&reader, 7, Some(cursor)).await;
        answer.refused().assert_faults(&["query /cursor"]);
    }
}

#[tokio::test]
async fn a_page_has_from_1_to_500_clusters() {
    let server = Server::start();
    let reader = server.admin();
    for limit in [1, 500] {
        Ages::default().page(&reader, limit, None).await.expect("a page");
    }
    let answer = Ages::default().page(&reader, 501, None).await;
    answer.refused().assert_faults(&["query /limit"]);
}

/// What others write while a list is read.
#[derive(Clone)]
struct Others {
    client: Client,
    /// How often each of them has written.
    counts: Arc<[AtomicUsize; 3]>,
}

impl Others {
    fn new(client: Client) -> Self {
        Self { client, counts: Arc::default() }
    }

    /// Clusters check in for the first time, and match.
    async fn create(self) {
        loop {
            let answer = check_in(&self.client, Uuid::new_v4(), labelled(&["kept"])).await;
            answer.expect("checked in");
            self.wrote(0);
        }
    }

    /// Clusters that match check in again, and still do.
    async fn touch(self, clusters: Vec<Seed>) {
        for cluster in clusters.iter().rev().cycle() {
            let answer = check_in(&self.client, cluster.id, labelled(&["kept", "seen"])).await;
            answer.expect("checked in");
            self.wrote(1);
        }
    }

    /// Clusters that never matched are forgotten.
    async fn forget(self, clusters: Vec<Seed>) {
        for cluster in clusters {
            let answer = self.client.forget_cluster().id(cluster.id).send().await;
            answer.expect("forgotten");
            self.wrote(2);
        }
    }

    fn wrote(&self, writer: usize) {
        self.counts[writer].fetch_add(1, Ordering::Relaxed);
    }

    /// Waits until those who never end have written once more.
    async fn once_more(&self) {
        let count = |writer: usize| self.counts[writer].load(Ordering::Relaxed);
        let before = [count(0), count(1)];
        eventually("the others wrote", async || count(0) > before[0] && count(1) > before[1]).await;
    }
}

#[tokio::test]
async fn while_others_write_what_keeps_matching_comes_exactly_once() {
    let server = Server::start();
    let (kept, never_matching) = (seeds(280, "kept"), seeds(280, "other"));
    let all: Vec<Seed> = kept.iter().chain(&never_matching).cloned().collect();
    server.database().seed(&all);

    let others = Others::new(server.admin());
    let mut writing = JoinSet::new();
    writing.spawn(others.clone().create());
    writing.spawn(others.clone().touch(kept.clone()));
    writing.spawn(others.clone().forget(never_matching));

    let reader = server.caller("clusters:read");
    let filter = labelled_only("kept");
    let (mut listed, mut cursor) = (Vec::new(), None);
    // Two pages more than the old clusters fill: the new ones come behind them, without end.
    for _ in 0..kept.len() / 7 + 2 {
        others.once_more().await;
        let page = filter.page(&reader, 7, cursor.as_deref()).await.expect("a page");
        let page = page.into_inner();
        listed.extend(page.data);
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    writing.shutdown().await;

    let ids: BTreeSet<Uuid> = listed.iter().map(|cluster| cluster.id).collect();
    assert_eq!(ids.len(), listed.len(), "none comes twice");
    assert!(listed.is_sorted_by_key(|cluster| (cluster.first_seen, cluster.id)));
    let expected: BTreeSet<Uuid> = kept.iter().map(|cluster| cluster.id).collect();
    assert!(expected.is_subset(&ids), "none is skipped");
    assert!(others.counts[2].load(Ordering::Relaxed) > 0, "some were forgotten meanwhile");
}
