//! The embedded database, when processes are killed.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use reqwest::StatusCode;
use uuid::Uuid;

use crate::support::{DataDir, Home, ROUTER, Serving, Writers, eventually, get, publish};

#[tokio::test]
async fn nothing_acknowledged_is_lost_when_the_server_is_killed() {
    let home = Home::new();
    let server = Serving::start(&mut home.serve());
    let writers = Writers::start(&server.admin());
    writers.progress(100).await;
    server.kill();
    let written = writers.stop().await;

    let server = Serving::start(&mut home.serve());
    assert_all_there(&server, &written.acknowledged).await;
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_when_both_processes_are_killed() {
    let home = Home::new();
    let server = Serving::start(&mut home.serve());
    let writers = Writers::start(&server.admin());
    writers.progress(100).await;
    kill_postmaster(&home.data_dir());
    server.kill();
    let written = writers.stop().await;

    let server = Serving::start(&mut home.serve());
    assert_all_there(&server, &written.acknowledged).await;
}

#[tokio::test]
async fn the_server_recovers_by_itself_when_postgres_is_killed() {
    let home = Home::new();
    let server = Serving::start(&mut home.serve());
    let killed = home.data_dir().postmaster();
    let writers = Writers::start(&server.admin());
    writers.progress(100).await;
    kill_postmaster(&home.data_dir());
    let back = || server.log().contains("the embedded database is back");
    eventually("the database is back", async || back()).await;
    writers.progress(100).await;
    let written = writers.stop().await;

    assert_ne!(home.data_dir().postmaster(), killed);
    assert!(!written.lost_the_server, "{}", server.log());
    let unavailable = BTreeSet::from([StatusCode::SERVICE_UNAVAILABLE]);
    assert!(written.refusals.is_subset(&unavailable), "{:?}\n{}", written.refusals, server.log());
    assert_all_there(&server, &written.acknowledged).await;
    let health = server.admin().health().send().await;
    assert_eq!(health.expect("it works").status(), StatusCode::OK);
}

#[tokio::test]
async fn postgres_goes_when_its_server_is_killed() {
    let home = Home::new();
    let server = Serving::start(&mut home.serve());
    assert!(home.data_dir().answers());
    server.kill();
    eventually("Postgres has gone", async || !home.data_dir().answers()).await;
}

#[tokio::test]
async fn a_process_that_has_the_number_of_a_former_postgres_is_no_obstacle() {
    let home = Home::new();
    let server = Serving::start(&mut home.serve());
    publish(&server.admin(), ROUTER).await;
    let pid_file = home.data_dir().pid_file();
    let lines = fs::read_to_string(&pid_file).expect("postmaster.pid");
    let owner = fs::metadata(&pid_file).expect("postmaster.pid");
    server.stop();

    let bystander = Bystander::of_user(owner.uid());
    let (_, rest) = lines.split_once('\n').expect("lines");
    fs::write(&pid_file, format!("{}\n{rest}", bystander.0.id())).expect("write postmaster.pid");
    chown(&pid_file, Some(owner.uid()), Some(owner.gid())).expect("give postmaster.pid back");

    let server = Serving::start(&mut home.serve());
    get(&server.admin(), ROUTER).await.expect("still there");
}

#[tokio::test]
async fn a_start_that_was_killed_half_way_is_begun_anew() {
    let home = Home::new();
    let mut starting = home.serve().stderr(Stdio::null()).spawn().expect("start the program");
    let is_making_one = || {
        let entries = fs::read_dir(home.data_dir().0).into_iter().flatten().flatten();
        entries.into_iter().any(|entry| entry.file_name().to_string_lossy().starts_with("data.new"))
    };
    eventually("the database is being made", async || is_making_one()).await;
    starting.kill().expect("kill the server");
    starting.wait().expect("wait for the server");
    assert!(!home.data_dir().0.join("data").exists(), "it was killed half-way");

    let server = Serving::start(&mut home.serve());
    publish(&server.admin(), ROUTER).await;
    get(&server.admin(), ROUTER).await.expect("just published");
    drop(server);
    eventually("nothing is left of the first try", async || !is_making_one()).await;
}

fn kill_postmaster(data_dir: &DataDir) {
    kill(data_dir.postmaster(), Signal::SIGKILL).expect("kill Postgres");
}

async fn assert_all_there(server: &Serving, clusters: &[Uuid]) {
    let client = server.admin();
    for &id in clusters {
        let cluster = client.get_cluster().id(id).send().await;
        assert_eq!(cluster.expect("acknowledged, so it is there").checkins.get(), 1);
    }
}

/// A process that has nothing to do with Postgres.
struct Bystander(Child);

impl Bystander {
    fn of_user(uid: u32) -> Self {
        let mut command = Command::new("sleep");
        command.arg("600");
        if uid != nix::unistd::geteuid().as_raw() {
            command.uid(uid);
        }
        Self(command.spawn().expect("start a process"))
    }
}

impl Drop for Bystander {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
