//! What is latest, from memory: as true as the database, on every replica, and there while the database is not.

use std::cell::Cell;
use std::time::{Duration, Instant};

use proptest::test_runner::{Config, TestRunner};
use reqwest::StatusCode;
use serde_json::{Value, json};
use stationmaster::store::catalog;
use stationmaster_client::types::builder;

use crate::support::{
    Call, Database, Server, ServerOptions, eventually, get, latest, publish, publish_released, try_publish, yank,
};

/// How long a lost announcement may take to be made up for.
const HEALED: Duration = Duration::from_secs(20);

const COMPONENTS: [&str; 2] = ["deis-router", "deis-builder"];
const TRAINS: [&str; 2] = ["stable", "beta"];

fn replica(database: &Database) -> Server {
    Server::start_with(ServerOptions { database: Some(database.clone()), ..ServerOptions::default() })
}

/// What is latest of every train, as the server answers it in all its ways: by v4 and by v3 one by one, and by v4 together.
async fn answered(server: &Server) -> (Vec<Value>, Vec<Value>) {
    let pairs = || COMPONENTS.iter().flat_map(|component| TRAINS.iter().map(move |train| (*component, *train)));
    let mut answers = Vec::new();
    for (component, train) in pairs() {
        let v4 = Call::get(format!("/v4/versions/{component}/{train}/latest")).send(server).await;
        let v3 = Call::get(format!("/v3/versions/{train}/{component}/latest")).send(server).await;
        let of = |answer: &crate::support::Answer| match answer.status {
            200 => answer.json::<Value>(),
            404 => Value::Null,
            other => panic!("{other}"),
        };
        answers.push(json!([of(&v4), of(&v3)]));
    }
    let asked: Vec<_> = pairs().map(|(component, train)| json!({"component": component, "train": train})).collect();
    let body = json!({"components": asked}).to_string();
    let v4: Value = Call::new(hyper::Method::POST, "/v4/versions/latest").json(body).send(server).await.json();
    let together = v4["data"].as_array().expect("a list").iter().map(|entry| entry["latest"].clone());
    (answers, together.collect())
}

/// The names of what is latest of every train, read from the database: by precedence, and by release.
fn truth(database: &Database) -> Vec<Option<(String, String)>> {
    let mut all = Vec::new();
    catalog::read(&mut database.connect(), None, |_, latest| all.extend(latest)).expect("read");
    let find = |component: &str, train: &str| {
        let latest =
            all.iter().find(|latest| latest.highest.component == component && latest.highest.train == train)?;
        Some((latest.highest.version.clone(), latest.newest.version.clone()))
    };
    COMPONENTS.iter().flat_map(|component| TRAINS.iter().map(|train| find(component, train))).collect()
}

fn names(answers: &[Value]) -> Vec<Option<(String, String)>> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    answers.iter().map(|both| text(&both[0]["version"]).zip(text(&both[1]["version"]["version"]))).collect()
}

/// A change of what is published: where, of which train, which version, and what kind of change.
type Change = (usize, usize, usize, u8, u8);

async fn make(servers: &[Server; 2], (replica, component, train, number, kind): Change) {
    let publisher = servers[replica].admin();
    let version = format!("v1.{number}.0");
    let name = (COMPONENTS[component], TRAINS[train], version.as_str());
    match kind {
        0..=2 => {
            let released = format!("2026-11-{:02}T00:00:00Z", 1 + (u32::from(number) * 7 + u32::from(kind)) % 28);
            let content = builder::NewVersion::default().released(Some(released.parse().expect("an instant")));
            // It may be there.
            drop(try_publish(&publisher, name, content).await);
        }
        _ if get(&publisher, name).await.is_err() => {}
        3 => drop(yank(&publisher, name, "a test").await),
        4 => {
            let call = publisher.unyank_version().component(name.0).train(name.1).version(name.2);
            call.send().await.expect("taken back");
        }
        _ => {
            let e_tag = get(&publisher, name).await.expect("it is there").headers()["etag"].clone();
            let changes = builder::VersionChanges::default()
                .description(Some(format!("By {replica}, {kind}.").parse().expect("a description")));
            let call = publisher.amend_version().component(name.0).train(name.1).version(name.2).body(changes);
            let call = call.if_match(e_tag.to_str().expect("ASCII"));
            call.send().await.expect("amended");
        }
    }
}

#[test]
fn after_any_change_both_replicas_answer_what_the_database_says() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let database = Database::new();
    let servers = [replica(&database), replica(&database)];
    let change = (0..2_usize, 0..2_usize, 0..2_usize, 0..6_u8, 0..7_u8);
    let slowest = Cell::new(Duration::ZERO);
    let mut runner = TestRunner::new(Config { cases: 12, failure_persistence: None, ..Config::default() });
    let tested = runner.run(&proptest::collection::vec(change, 1..8), |changes| {
        runtime.block_on(async {
            for change in changes {
                make(&servers, change).await;
                let own = answered(&servers[change.0]).await;
                let (one_by_one, together) = &own;
                assert_eq!(names(one_by_one), truth(&database), "where it was made, at once");
                assert!(one_by_one.iter().map(|both| &both[0]).eq(together), "one by one and together: {own:?}");
                let made = Instant::now();
                eventually("the other replica has heard of it", async || answered(&servers[1 - change.0]).await == own)
                    .await;
                slowest.set(slowest.get().max(made.elapsed()));
            }
        });
        Ok(())
    });
    tested.expect("both are true");
    assert!(slowest.get() < HEALED, "{slowest:?}");
}

#[tokio::test]
async fn a_replica_that_hears_nothing_heals_by_itself() {
    let database = Database::new();
    let servers = [replica(&database), replica(&database)];
    publish(&servers[0].admin(), ("a", "stable", "v1.0.0")).await;
    // Changed without a word.
    let silently = "begin;
        update catalog_revisions set revision = revision + 1;
        insert into versions (component, train, version, precedence, released, published_at, metadata, revision)
            select component, train, 'v2.0.0', precedence || '\\x01', released, published_at, metadata, revision + 1 from versions;
        commit";
    database.execute(silently);
    let began = Instant::now();
    for server in &servers {
        eventually("it looks by itself", async || {
            latest(&server.anonymous(), ("a", "stable")).await.expect("it is there").version.as_str() == "v2.0.0"
        })
        .await;
    }
    assert!(began.elapsed() < HEALED, "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_connection_that_listened_and_died_is_replaced() {
    let database = Database::new();
    let servers = [replica(&database), replica(&database)];
    for version in ["v1.0.0", "v2.0.0", "v3.0.0"] {
        database.disconnect_all();
        let began = Instant::now();
        publish(&servers[0].admin(), ("a", "stable", version)).await;
        eventually("the other has it", async || {
            let latest = latest(&servers[1].anonymous(), ("a", "stable")).await;
            latest.is_ok_and(|latest| latest.version.as_str() == version)
        })
        .await;
        assert!(began.elapsed() < HEALED, "{:?}", began.elapsed());
    }
}

#[tokio::test]
async fn while_the_database_is_away_it_is_answered_and_its_age_told() {
    let server = Server::start();
    publish_released(&server.admin(), ("a", "stable", "v1.0.0"), "2026-11-01T00:00:00Z").await;
    let paths = ["/v4/versions/a/stable/latest", "/v3/versions/stable/a/latest"];
    let e_tag = Call::get(paths[0]).send(&server).await.header("etag").to_owned();
    for path in paths {
        assert_eq!(Call::get(path).send(&server).await.header("age"), "0");
    }
    server.database().close();
    eventually("it is noticed", async || Call::get(paths[0]).send(&server).await.header("age") != "0").await;
    for path in paths {
        let answer = Call::get(path).send(&server).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.header("age").parse::<u32>().expect("a number") >= 1);
    }
    let held = Call::get(paths[0]).header(hyper::header::IF_NONE_MATCH, &e_tag).send(&server).await;
    assert_eq!((held.status, held.header("age").is_empty()), (304, false));
    let ask = |components: Value| {
        Call::new(hyper::Method::POST, "/v4/versions/latest").json(json!({"components": components}).to_string())
    };
    let known = ask(json!([{"component": "a", "train": "stable"}])).send(&server).await.value(200);
    assert_eq!(known["data"][0]["latest"]["version"], "v1.0.0");
    // It may have been published since.
    let unknown = ask(json!([{"component": "a", "train": "stable"}, {"component": "b", "train": "stable"}]));
    unknown.send(&server).await.refusal().assert_unavailable();
    Call::get("/v4/versions/a/beta/latest").send(&server).await.refusal().assert_unavailable();

    server.database().open();
    eventually("it is true again", async || Call::get(paths[0]).send(&server).await.header("age") == "0").await;
    assert_eq!(Call::get("/v4/versions/a/beta/latest").send(&server).await.status, StatusCode::NOT_FOUND.as_u16());
}
