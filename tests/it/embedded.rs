//! The database that the server brings along.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::time::{Duration, Instant};

use diesel::prelude::*;

use crate::support::{Home, ROUTER, Serving, get, publish};

#[tokio::test]
async fn a_fresh_directory_becomes_a_working_server() {
    let home = Home::new();
    let began = Instant::now();
    let server = Serving::start(&mut home.serve());
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
    publish(&server.admin(), ROUTER).await;
    get(&server.admin(), ROUTER).await.expect("just published");
}

#[tokio::test]
async fn a_second_start_is_warm_and_finds_what_was_published() {
    let home = Home::new();
    let first = Serving::start(&mut home.serve());
    publish(&first.admin(), ROUTER).await;
    first.stop();
    assert!(!home.data_dir().answers(), "Postgres stops with its server");

    let began = Instant::now();
    let second = Serving::start(&mut home.serve());
    let warm = began.elapsed();
    println!("a warm start took {warm:?}");
    assert!(warm < Duration::from_secs(15), "{warm:?}");
    get(&second.admin(), ROUTER).await.expect("still there");
}

#[tokio::test]
async fn an_ordinary_user_can_run_it() {
    let home = Home::of_an_ordinary_user();
    let server = Serving::start(&mut home.serve());
    publish(&server.admin(), ROUTER).await;
    get(&server.admin(), ROUTER).await.expect("just published");
    let owner = |path| fs::metadata(path).expect("there").uid();
    assert_eq!(owner(home.data_dir().pid_file()), owner(home.path("")));
}

#[test]
fn postgres_never_runs_as_root() {
    let home = Home::new();
    let _server = Serving::start(&mut home.serve());
    let pid_file = fs::metadata(home.data_dir().pid_file()).expect("there");
    assert_ne!(pid_file.uid(), 0);
}

#[test]
fn only_its_owner_can_reach_the_database() {
    let home = Home::new();
    let _server = Serving::start(&mut home.serve());
    let socket_directory = home.data_dir().0.join("run");
    let mode = fs::metadata(&socket_directory).expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o700);

    let url = format!("postgres://stationmaster@/postgres?host={}&port=5432", socket_directory.display());
    let mut connection = PgConnection::establish(&url).expect("connect through the socket");
    let addresses: String =
        diesel::select(diesel::dsl::sql::<diesel::sql_types::Text>("current_setting('listen_addresses')"))
            .get_result(&mut connection)
            .expect("a setting");
    assert_eq!(addresses, "");
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_but_the_api_listens_on_the_network() {
    let home = Home::new();
    let server = Serving::start(&mut home.serve());
    let port: u16 = server.url.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
    assert_eq!(listening(server.pid()), BTreeSet::from([port]));
    assert_eq!(listening(home.data_dir().postmaster()), BTreeSet::new());
}

/// The TCP ports that a process listens on.
#[cfg(target_os = "linux")]
fn listening(pid: nix::unistd::Pid) -> BTreeSet<u16> {
    let read = |name| fs::read_to_string(format!("/proc/{pid}/net/{name}")).unwrap_or_default();
    let descriptors = fs::read_dir(format!("/proc/{pid}/fd")).expect("its descriptors");
    let sockets: BTreeSet<String> =
        descriptors.filter_map(|entry| Some(fs::read_link(entry.ok()?.path()).ok()?.display().to_string())).collect();
    // proc(5): the local address, the state (0A listens) and the inode are columns 2, 4 and 10.
    let port = |line: &str| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let its = columns[3] == "0A" && sockets.contains(&format!("socket:[{}]", columns[9]));
        let (_, port) = columns[1].split_once(':')?;
        its.then(|| u16::from_str_radix(port, 16).expect("a port"))
    };
    [read("tcp"), read("tcp6")].iter().flat_map(|table| table.lines().skip(1)).filter_map(port).collect()
}
