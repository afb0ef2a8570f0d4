//! Copying the database of an old service.

use std::process::Stdio;

use serde_json::json;

use crate::support::{
    Call, Database, Server, ServerOptions, check_in, eventually, import, importing, old_database, program, report, run,
    token,
};

/// How many check-ins the large old database has that can be kept.
const CHECK_INS: i64 = 100_000;

/// 100,000 check-ins of 1,000 clusters over a year, and rows of every kind that cannot be kept.
const LARGE: &str = r#"
insert into clusters_checkins (cluster_id, created_at, data)
select ('00000000-0000-4000-8000-' || lpad((n % 1000)::text, 12, '0'))::uuid, timestamp '2016-01-01' + n * interval '5 minutes',
       json_build_object('id', '00000000-0000-4000-8000-' || lpad((n % 1000)::text, 12, '0'), 'components', json_build_array(
           json_build_object('component', json_build_object('name', 'deis-router'),
                             'version', json_build_object('train', 'stable', 'version', 'v2.' || n % 7 || '.0'))))
from generate_series(1, 100000) n;
insert into clusters (cluster_id, data)
select distinct on (cluster_id) cluster_id, data from clusters_checkins order by cluster_id, created_at desc;
insert into clusters_checkins (cluster_id, created_at, data) values
    ('10000000-0000-4000-8000-000000000001', null, '{"components": []}'),
    ('10000000-0000-4000-8000-000000000001', 'infinity', '{"components": []}'),
    ('10000000-0000-4000-8000-000000000001', '20000-01-01', '{"components": []}'),
    ('10000000-0000-4000-8000-000000000001', '0001-12-31 BC', '{"components": []}'),
    (null, '2016-01-01', '{"components": []}'),
    ('10000000-0000-4000-8000-000000000001', '2016-01-01', null),
    ('10000000-0000-4000-8000-000000000001', '2016-01-01', 'null'),
    ('10000000-0000-4000-8000-000000000001', '2016-01-01', '[]'),
    ('10000000-0000-4000-8000-000000000001', '2016-01-01', '{"components": 5}');
insert into clusters_checkins values (-8193, '10000000-0000-4000-8000-000000000001', '2016-01-01', '{"components": []}');
insert into clusters (cluster_id, data) values
    ('10000000-0000-4000-8000-000000000001', '{"components": []}'),
    ('10000000-0000-4000-8000-000000000002', null),
    ('10000000-0000-4000-8000-000000000003', 'null'),
    ('10000000-0000-4000-8000-000000000004', '"x"');
insert into versions (component_name, train, version, release_timestamp, data) values
    ('deis-router', 'stable', 'v2.0.0', '2016-06-01 10:00:00.75', '{"description": "d", "fixes": "", "image": ""}'),
    ('deis-router', 'stable', 'v2.1.0', '2016-07-01', '{}'),
    ('Deis Router', 'stable', 'v2.2.0', '2016-07-01', '{}'),
    ('deis-router', 'stable', 'v2.3.0', null, '{}'),
    ('deis-router', 'stable', 'v2.4.0', '2016-07-01', null),
    ('deis-router', 'stable', 'v2.5.0', '2016-07-01', 'null'),
    ('deis-router', 'stable', 'v2.6.0', '2016-07-01', '"x"'),
    ('deis-router', 'stable', 'v2.7.0', '2016-07-01', '{"description": 5}'),
    ('deis-router', 'stable', 'v2.8.0', '2016-07-01', '{"description": "\u0000"}'),
    (null, 'stable', 'v2.9.0', '2016-07-01', '{}');
insert into doctors (report_id, data) values
    ('20000000-0000-4000-8000-000000000001', '{"nodes": [], "namespaces": []}'),
    ('20000000-0000-4000-8000-000000000002', null);
"#;

/// The row of a table in what an import printed: read, imported, there, skipped.
#[track_caller]
pub(crate) fn counts(printed: &str, table: &str) -> Vec<u64> {
    let row = printed.lines().find(|line| line.split_whitespace().next() == Some(table));
    let cells = row.unwrap_or_else(|| panic!("{table} in {printed}")).split_whitespace().skip(1);
    cells.map(|cell| cell.parse().expect("a number")).collect()
}

#[tokio::test]
async fn what_was_interrupted_goes_on_and_nothing_comes_twice() {
    let (old, new) = (old_database(), Database::new());
    old.execute(LARGE);
    let mut child = importing(&old.url, &new).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("start it");
    eventually("some has come over", async || new.count("legacy_imports") >= 3).await;
    child.kill().expect("kill it");
    child.wait().expect("its end");
    let so_far = new.count("checkins");
    assert!((1..CHECK_INS).contains(&so_far), "it was interrupted half-way: {so_far}");

    let printed = import(&old.url, &new);
    let [imported, there] = [CHECK_INS - so_far, so_far].map(i64::unsigned_abs);
    assert_eq!(counts(&printed, "clusters_checkins"), [100_010, imported, there, 10], "{printed}");
    assert_eq!(counts(&printed, "clusters"), [1_004, 1_000, 0, 4], "{printed}");
    assert_eq!(counts(&printed, "doctors"), [2, 1, 0, 1], "{printed}");
    for reason in [
        "skipped 1 of clusters_checkins: no time (such as 100001)",
        "skipped 3 of clusters_checkins: time out of range (such as 100002, 100003, 100004)",
        "skipped 1 of clusters_checkins: no cluster (such as 100005)",
        "skipped 2 of clusters_checkins: data is null (such as 100006, 100007)",
        "skipped 1 of clusters_checkins: data is no object (such as 100008)",
        "skipped 1 of clusters_checkins: data is no report of a cluster (such as 100009)",
        "skipped 1 of clusters_checkins: a key below 0 (such as -8193)",
        "skipped 1 of clusters: no check-in of it came over",
        "skipped 2 of clusters: data is null",
        "skipped 1 of clusters: data is no object",
        "skipped 1 of versions: a name that is not allowed",
        "skipped 1 of versions: no time",
        "skipped 2 of versions: data is null",
        "skipped 1 of versions: data is no object",
        "skipped 1 of versions: data is not what is said of a release",
        "skipped 1 of versions: a text with U+0000",
        "skipped 1 of versions: no name",
    ] {
        assert!(printed.contains(reason), "{reason} in {printed}");
    }
    assert_eq!(new.count("checkins"), CHECK_INS);
    assert_eq!(new.count("clusters"), 1_000);
    assert_eq!(new.count("clusters where checkins <> (select count(*) from checkins where cluster_id = id)"), 0);
    assert_eq!(
        new.count(
            "clusters where (first_seen, last_seen) <> (select min(at), max(at) from checkins where cluster_id = id)"
        ),
        0
    );
    assert_eq!(new.count("versions"), 2);

    let again = import(&old.url, &new);
    assert_eq!(counts(&again, "clusters_checkins"), [100_010, 0, 100_000, 10], "{again}");
    assert_eq!(counts(&again, "clusters"), [1_004, 0, 1_000, 4], "{again}");
    assert_eq!(counts(&again, "versions"), [10, 0, 2, 8], "{again}");
    assert_eq!(counts(&again, "doctors"), [2, 0, 1, 1], "{again}");
    assert_eq!(new.count("checkins"), CHECK_INS);

    // A later run brings what is new, also what was committed late under a lower key.
    old.execute(
        "delete from clusters_checkins where created_at is null;
         insert into clusters_checkins (checkins_id, cluster_id, created_at, data) values
             (100001, '00000000-0000-4000-8000-000000000001', '2017-06-01', '{\"components\": []}'),
             (200001, '10000000-0000-4000-8000-000000000001', '2017-06-01', '{\"components\": []}');
         update clusters set data = '{\"components\": [null]}' where cluster_id = '00000000-0000-4000-8000-000000000001'",
    );
    let later = import(&old.url, &new);
    assert_eq!(counts(&later, "clusters_checkins"), [100_011, 2, 100_000, 9], "{later}");
    assert_eq!(counts(&later, "clusters"), [1_004, 2, 999, 3], "{later}");

    let server = Server::start_with(ServerOptions { database: Some(new), ..ServerOptions::default() });
    let cluster = Call::get("/v3/clusters/00000000-0000-4000-8000-000000000001").send(&server).await.value(200);
    assert_eq!(cluster, json!({"id": "00000000-0000-4000-8000-000000000001", "components": [null]}));
    let release = Call::get("/v3/versions/stable/deis-router/v2.0.0").send(&server).await.value(200);
    assert_eq!(release["version"]["released"], "2016-06-01T10:00:00Z");
    assert_eq!(release["version"]["data"], json!({"description": "d", "image": ""}));
    assert_eq!(Call::get("/v3/clusters/count").send(&server).await.value(200), json!(1_001));
}

#[tokio::test]
async fn what_a_cluster_reported_here_stays() {
    let old = old_database();
    let id = "10000000-0000-4000-8000-000000000001";
    old.execute(&format!(
        "insert into clusters values ('{id}', '{{\"components\": []}}');
         insert into clusters_checkins (cluster_id, created_at, data) values ('{id}', '2016-01-01', '{{\"components\": []}}')"
    ));
    let server = Server::start();
    check_in(&server.anonymous(), id.parse().expect("a UUID"), report(&[("a", "1")])).await.expect("checked in");
    let printed = import(&old.url, server.database());
    assert_eq!(counts(&printed, "clusters_checkins"), [1, 1, 0, 0], "{printed}");
    assert_eq!(counts(&printed, "clusters"), [1, 0, 1, 0], "{printed}");
    let cluster = Call::get(format!("/v4/clusters/{id}")).token(&token("clusters:read")).send(&server).await.value(200);
    assert_eq!((&cluster["checkins"], &cluster["first_seen"]), (&json!(2), &json!("2016-01-01T00:00:00Z")));
    assert_eq!(cluster["components"][0]["component"], "a");
}

#[test]
fn reading_is_all_that_it_needs_and_does() {
    let (old, new) = (old_database(), Database::new());
    old.execute("insert into doctors values ('20000000-0000-4000-8000-000000000001', '{\"nodes\": []}')");
    let reader = format!("reader_{}", std::process::id());
    old.execute(&format!("create role {reader} login; grant usage on schema public to {reader}; grant select on all tables in schema public to {reader}"));
    let user = old.url.split("://").nth(1).and_then(|rest| rest.split(['@', ':']).next()).expect("a user");
    let url = old.url.replacen(user, &reader, 1);
    let printed = import(&url, &new);
    old.execute(&format!("drop owned by {reader}; drop role {reader}"));
    assert_eq!(counts(&printed, "doctors"), [1, 1, 0, 0], "{printed}");
}

#[test]
fn what_cannot_be_imported_is_told_without_secrets() {
    let (old, new) = (old_database(), Database::new());
    let complaint = run(&mut importing("postgres://me:hunter2@127.0.0.1:1/old", &new)).complaint(1);
    assert!(complaint.contains("cannot connect to the old database") && !complaint.contains("hunter2"), "{complaint}");
    let complaint = run(&mut importing(&new.url, &new)).complaint(1);
    assert!(complaint.contains("has no table clusters_checkins"), "{complaint}");

    let row = "insert into clusters_checkins (cluster_id, created_at, data) values";
    old.execute(&format!("{row} ('10000000-0000-4000-8000-000000000001', '2016-01-01', '{{\"components\": []}}')"));
    import(&old.url, &new);
    let other = old_database();
    other.execute(&format!("{row} ('10000000-0000-4000-8000-000000000002', '2016-01-01', '{{\"components\": []}}')"));
    let complaint = run(&mut importing(&other.url, &new)).complaint(1);
    assert!(complaint.contains("another old database was imported here before"), "{complaint}");

    let help =
        run(program().args(["import", "--help"]).env("STATIONMASTER_IMPORT_FROM", "postgres://me:hunter2@old/old"));
    assert!(!help.printed().contains("hunter2"));
}
