//! `docs/migrating.md` can be followed: every command in it is run, in its order, in one shell.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{Database, Home, Server, ServerOptions, free_port, import, isolated, old_database, run};

/// What the old service has: two clusters, and a release.
const SEED: &str = r#"
insert into versions (component_name, train, version, release_timestamp, data)
values ('deis-router', 'stable', 'v2.11.0', '2017-02-22 21:41:28', '{"description": "Router with HTTP/2 upstreams."}');
insert into clusters values ('10000000-0000-4000-8000-000000000001', '{"components": []}'),
                            ('10000000-0000-4000-8000-000000000002', '{"components": []}');
insert into clusters_checkins (cluster_id, created_at, data) select cluster_id, '2017-01-01', data from clusters;
"#;

#[test]
fn the_commands_lead_across_and_back() {
    let (home, old, new) = (Home::new(), old_database(), Database::new());
    old.execute(SEED);
    // In place of the old service stands one that answers as it did, from the same rows.
    let database = Database::new();
    import(&old.url, &database);
    let arguments = ["--legacy-publish", "open"].map(Into::into).into();
    let old_service =
        Server::start_with(ServerOptions { database: Some(database), arguments, ..ServerOptions::default() });

    let mut script = String::from("set -euo pipefail\ntrap 'kill $SERVER' EXIT\n");
    for block in blocks() {
        match block.contains("stationmaster serve") {
            true => {
                script += block.trim_end();
                script += " > out 2> log &\nSERVER=$!\n";
                script += "for _ in $(seq 600); do curl -sf \"$NEW/healthz\" > /dev/null && break; sleep 0.1; done\n";
            }
            false => script += &block,
        }
        script += "echo\n";
    }
    let programs = Path::new(env!("CARGO_BIN_EXE_stationmaster")).parent().expect("a folder");
    for (written, here) in [
        ("$PWD/target/release", programs.display().to_string()),
        ("http://127.0.0.1:8081", old_service.url.clone()),
        ("127.0.0.1:8080", format!("127.0.0.1:{}", free_port())),
        ("postgres://reader@127.0.0.1/workflow_manager", format!("'{}'", old.url)),
        ("postgres://stationmaster@127.0.0.1/stationmaster", format!("'{}'", new.url)),
    ] {
        assert!(script.contains(written), "{written} in {script}");
        script = script.replace(written, &here);
    }
    let directory = home.data_dir().0;
    fs::create_dir_all(&directory).expect("a directory");
    let mut shell: Command = isolated("bash");
    shell.args(["-c", &script]).env("STATIONMASTER_DATA_DIR", &directory).current_dir(&directory);
    let printed = run(&mut shell).printed();

    let counts: Vec<&str> = printed.lines().filter(|line| line.starts_with("clusters_checkins")).collect();
    let [first, second] = counts.as_slice() else { panic!("two imports: {printed}") };
    assert_eq!(first.split_whitespace().collect::<Vec<_>>(), ["clusters_checkins", "2", "2", "0", "0"]);
    assert_eq!(second.split_whitespace().collect::<Vec<_>>(), ["clusters_checkins", "2", "0", "2", "0"]);
    let latest = r#""version":"v2.11.0""#;
    assert_eq!(printed.matches(latest).count(), 2, "both say the same: {printed}");
    assert!(printed.contains("22{"), "both count the same: {printed}");
    // Published to the new one, and carried back to the old one.
    assert_eq!(printed.matches(r#""version":"v2.11.1""#).count(), 2, "{printed}");
    let log = fs::read_to_string(directory.join("access.log")).expect("the access log");
    assert!(log.contains("\"POST /v3/versions/stable/deis-router/v2.11.1 HTTP/1.1\" 200"), "{log}");
}

/// What the page has to paste.
fn blocks() -> Vec<String> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/migrating.md");
    let page = fs::read_to_string(page).expect("the page");
    page.split("```sh\n").skip(1).filter_map(|rest| Some(rest.split_once("```")?.0.to_owned())).collect()
}
