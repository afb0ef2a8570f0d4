//! Importing once more, beside others, and from what is not what it was.

use std::process::Stdio;

use serde_json::json;

use crate::import::counts;
use crate::support::{Call, Database, Server, Writers, check_in, import, importing, old_database, report, run, token};

/// A cluster of the old service.
const ONE: &str = "10000000-0000-4000-8000-000000000001";

/// Another one.
const TWO: &str = "10000000-0000-4000-8000-000000000002";

/// Makes hourly check-ins of a cluster.
fn history(old: &Database, cluster: &str, count: usize) {
    old.execute(&format!(
        "insert into clusters_checkins (cluster_id, created_at, data)
         select '{cluster}', timestamp '2016-01-01' + n * interval '1 hour', '{{\"components\": []}}' from generate_series(1, {count}) n"
    ));
}

#[test]
fn clusters_that_were_forgotten_do_not_stand_in_the_way() {
    let (old, new) = (old_database(), Database::new());
    history(&old, ONE, 100);
    history(&old, TWO, 1);
    import(&old.url, &new);
    new.execute(&format!("delete from clusters where id = '{ONE}'"));
    history(&old, TWO, 1);
    let printed = import(&old.url, &new);
    assert_eq!(counts(&printed, "clusters_checkins"), [102, 1, 101, 0], "{printed}");
    assert_eq!(new.count("checkins"), 2, "what was forgotten does not come back");
}

#[test]
fn history_that_the_old_service_lost_does_not_stand_in_the_way() {
    let (old, new) = (old_database(), Database::new());
    history(&old, ONE, 3);
    import(&old.url, &new);
    old.execute("delete from clusters_checkins");
    history(&old, ONE, 2);
    let printed = import(&old.url, &new);
    assert_eq!(counts(&printed, "clusters_checkins"), [2, 2, 0, 0], "{printed}");
    assert_eq!(new.count("checkins"), 5);
}

#[test]
fn any_key_is_read() {
    let (old, new) = (old_database(), Database::new());
    for key in [i64::MIN, -1, 0, 8_191, 8_192, i64::MAX] {
        old.execute(&format!(
            "insert into clusters_checkins values ({key}, '{ONE}', '2016-01-01', '{{\"components\": []}}')"
        ));
    }
    let printed = import(&old.url, &new);
    assert_eq!(counts(&printed, "clusters_checkins"), [6, 4, 0, 2], "{printed}");
    assert!(printed.contains("skipped 2 of clusters_checkins: a key below 0 (such as -9223372036854775808, -1)"));
    let again = import(&old.url, &new);
    assert_eq!(counts(&again, "clusters_checkins"), [6, 0, 4, 2], "{again}");
}

#[test]
fn any_time_that_can_be_written_is_kept() {
    let (old, new) = (old_database(), Database::new());
    for time in ["0001-01-01", "9999-12-31 23:59:59.999999"] {
        old.execute(&format!(
            "insert into clusters_checkins (cluster_id, created_at, data) values ('{ONE}', '{time}', '{{\"components\": []}}')"
        ));
    }
    let printed = import(&old.url, &new);
    assert_eq!(counts(&printed, "clusters_checkins"), [2, 2, 0, 0], "{printed}");
    assert_eq!(
        new.texts("select at::text from checkins order by at"),
        ["0001-01-01 00:00:00+00", "9999-12-31 23:59:59.999999+00"]
    );
}

#[test]
fn what_cannot_be_read_is_skipped() {
    let (old, new) = (old_database(), Database::new());
    // PostgreSQL takes all of these for JSON.
    old.execute(&format!(
        r#"insert into doctors values ('{ONE}', '{{"a": 1e999}}'), ('{TWO}', '{{"a": "\ud800"}}');
           insert into clusters_checkins (cluster_id, created_at, data) values
               ('{ONE}', '2016-01-01', ' {{"components": [], "unknown": 1e999}}'),
               ('{ONE}', '2016-01-02', '{{"components": 5, "components": []}}'),
               ('{ONE}', '2016-01-03', '{{"components": [{{"component": {{"name": "\ud800"}}}}]}}')"#
    ));
    let printed = import(&old.url, &new);
    assert_eq!(counts(&printed, "doctors"), [2, 0, 0, 2], "{printed}");
    assert!(printed.contains("skipped 2 of doctors: data cannot be read"), "{printed}");
    assert_eq!(counts(&printed, "clusters_checkins"), [3, 2, 0, 1], "{printed}");
}

#[tokio::test]
async fn only_one_runs_at_a_time() {
    let (old, new) = (old_database(), Database::new());
    history(&old, ONE, 1);
    // The other one waits for the table with the lock in its hands.
    let mut other = {
        let _table = new.lock("legacy_imports");
        let other = importing(&old.url, &new).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("start it");
        new.until_blocked(1).await;
        let complaint = run(&mut importing(&old.url, &new)).complaint(1);
        assert!(complaint.contains("another import is running"), "{complaint}");
        assert!(!complaint.contains("Run it again to go on"), "{complaint}");
        other
    };
    assert!(other.wait().expect("its end").success());
    assert_eq!(new.count("checkins"), 1);
}

#[test]
fn the_old_database_stays_as_it_was() {
    let (old, new) = (old_database(), Database::new());
    history(&old, ONE, 10);
    old.execute(&format!(
        "insert into clusters values ('{ONE}', '{{}}'); insert into doctors values ('{ONE}', '{{}}')"
    ));
    let before = old.everything();
    import(&old.url, &new);
    assert_eq!(old.everything(), before);
}

#[tokio::test]
async fn a_server_goes_on_serving() {
    let old = old_database();
    // Clusters of the old service check in here at the same time.
    old.execute(
        "insert into clusters_checkins (cluster_id, created_at, data)
         select ('00000000-0000-4000-8000-' || lpad((n % 100)::text, 12, '0'))::uuid, timestamp '2016-01-01' + n * interval '5 minutes',
                json_build_object('components', json_build_array(json_build_object('component', json_build_object('name', 'a'),
                    'version', json_build_object('train', 'stable', 'version', (n % 500)::text)))) from generate_series(1, 30000) n",
    );
    let server = Server::start();
    let mut child =
        importing(&old.url, server.database()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("start it");
    let writers = Writers::start(&server.anonymous());
    let mut reported = 0;
    let end = loop {
        if let Some(end) = child.try_wait().expect("whether it has ended") {
            break end;
        }
        let id = format!("00000000-0000-4000-8000-{:012}", reported % 100).parse().expect("a UUID");
        let version = (reported % 500).to_string();
        check_in(&server.anonymous(), id, report(&[("a", &version)])).await.expect("checked in");
        reported += 1;
    };
    let written = writers.stop().await;
    assert!(end.success() && reported > 0 && written.refusals.is_empty(), "{end}, {reported}, {:?}", written.refusals);

    let new = server.database();
    assert_eq!(new.count("checkins"), 30_000 + reported + written.acknowledged.len() as i64);
    assert_eq!(new.count("clusters where checkins <> (select count(*) from checkins where cluster_id = id)"), 0);
    assert_eq!(new.count("checkins where not exists (select from component_sets where hash = set_hash)"), 0);
}

#[tokio::test]
async fn what_is_newer_counts() {
    let old = old_database();
    let server = Server::start();
    let (new, id) = (server.database(), ONE.parse().expect("a UUID"));
    check_in(&server.anonymous(), id, report(&[("a", "1")])).await.expect("checked in");
    // It went back to the old service after that.
    old.execute(&format!(
        r#"insert into clusters_checkins (cluster_id, created_at, data) values ('{ONE}', '2100-01-01', '{{"components": []}}');
           insert into clusters values ('{ONE}', '{{"components": [null]}}');
           insert into doctors values ('{ONE}', '{{"nodes": ["old"]}}'), ('{TWO}', '{{"nodes": []}}');
           insert into versions (component_name, train, version, release_timestamp, data)
               values ('a', 'stable', '1', '2016-01-01', '{{"description": "old"}}')"#
    ));
    new.execute(&format!("insert into doctor_reports values ('{ONE}', '{{\"nodes\": [\"new\"]}}', now())"));
    let printed = import(&old.url, new);
    assert_eq!(counts(&printed, "clusters"), [1, 1, 0, 0], "{printed}");
    assert_eq!(counts(&printed, "doctors"), [2, 1, 1, 0], "{printed}");
    let cluster = Call::get(format!("/v3/clusters/{ONE}")).send(&server).await.value(200);
    assert_eq!(cluster["components"], json!([null]));
    let seen = Call::get(format!("/v4/clusters/{ONE}")).token(&token("clusters:read")).send(&server).await.value(200);
    assert_eq!((&seen["checkins"], &seen["last_seen"]), (&json!(2), &json!("2100-01-01T00:00:00Z")));
    assert_eq!(new.count("doctor_reports where report::text like '%new%'"), 1, "what was sent here stays");

    // An imported report follows the old one; a release that says something else does not.
    old.execute(&format!("update doctors set data = '{{\"nodes\": [1]}}' where report_id = '{TWO}'"));
    old.execute("update versions set data = '{\"description\": \"changed\"}'");
    let printed = import(&old.url, new);
    assert_eq!(counts(&printed, "doctors"), [2, 1, 1, 0], "{printed}");
    assert_eq!(counts(&printed, "versions"), [1, 0, 0, 1], "{printed}");
    assert!(printed.contains("another release of this name is here with other content (such as 1)"), "{printed}");
    assert_eq!(new.texts("select description from versions"), ["old"]);
}

/// Twenty components in each body, and no two bodies alike: as text 50 MB.
#[cfg(target_os = "linux")]
const LONG: &str = r#"
insert into clusters_checkins (cluster_id, created_at, data)
select '10000000-0000-4000-8000-000000000001', timestamp '2016-01-01' + n * interval '5 minutes', json_build_object('components', (
    select json_agg(json_build_object('component', json_build_object('name', 'deis-component-' || c, 'description', repeat('d', 100)),
        'version', json_build_object('train', 'stable', 'version', 'v2.' || n || '.' || c, 'data', json_build_object('image', repeat('i', 50)))))
    from generate_series(1, 20) c))
from generate_series(1, 8000) n
"#;

#[cfg(target_os = "linux")]
#[test]
fn memory_does_not_grow_with_what_was_reported() {
    let (old, new) = (old_database(), Database::new());
    old.execute(LONG);
    let mut child = importing(&old.url, &new).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("start it");
    let mut peak = 0;
    while child.try_wait().expect("whether it has ended").is_none() {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).expect("its status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        // A process that has ended and was not waited for has no memory.
        peak = line.map_or(peak, |line| line.trim().trim_end_matches(" kB").parse().expect("a number of kB"));
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert_eq!(new.count("checkins"), 8_000);
    assert!((1..150_000).contains(&peak), "{peak} kB");
}
