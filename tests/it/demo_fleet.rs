//! The example that `make demo` runs: its history is as check-ins would have left it.

use std::process::Command;

use crate::support::{self, Server, run, token};

const NOW: &str = "2026-11-25T12:00:00Z";

fn fill(server: &Server) -> Command {
    let mut command = support::example("demo-fleet");
    command.args(["--url", &server.url, "--database-url", &server.database().url]);
    command.args(["--clusters", "400", "--now", NOW]).env("STATIONMASTER_TOKEN", token("versions:publish"));
    command
}

#[test]
fn the_tables_agree_and_tell_of_two_years() {
    let server = Server::start();
    let printed = run(&mut fill(&server)).printed();
    assert!(printed.contains("372 releases published, 0 there already"), "{printed}");
    let database = server.database();
    assert_eq!(database.count("clusters"), 400);
    assert!(database.count("checkins") > 30_000);
    for wrong in [
        "clusters join (select cluster_id, min(at), max(at), count(*) from checkins group by cluster_id) as told
            on cluster_id = id where (first_seen, last_seen, checkins) <> (told.min, told.max, told.count)",
        "clusters where not exists (select from checkins where cluster_id = id and at = last_seen
            and checkins.set_hash = clusters.set_hash and coalesce(checkins.labels, '{}') = clusters.labels)",
        "clusters where not exists (select from checkins where cluster_id = id and at = first_seen
            and coalesce(checkins.labels, '{}') = first_labels)",
        &format!("checkins where at >= '{NOW}'"),
        "checkins where labels = '{}'",
        "checkins where not exists (select from component_sets where hash = set_hash)",
        "component_sets where not exists (select from checkins where hash = set_hash)",
        // Nobody runs what was not released yet.
        "(select min(at) as at, set_hash from checkins group by set_hash) as used
            join component_sets on hash = set_hash, jsonb_to_recordset(components) as one (component text, train text, version text)
            where not exists (select from versions where versions.component = one.component
                and versions.train = one.train and versions.version = one.version and released <= at)",
    ] {
        assert_eq!(database.count(wrong), 0, "{wrong}");
    }
    let months = database.count("(select distinct date_trunc('month', at) from checkins) as months");
    assert!((24..=26).contains(&months), "{months}");
    assert_eq!(database.texts("select distinct unnest(labels) from checkins order by 1"), ["ci", "staff", "test"]);
    let distinct =
        "select count(distinct one ->> 'component') from component_sets, jsonb_array_elements(components) one";
    assert_eq!(database.texts(distinct), ["17"]);
    assert_eq!(database.count("versions where yanked_at is not null"), 4);
}

#[test]
fn the_same_seed_is_the_same_fleet_and_it_may_run_again() {
    let servers = [Server::start(), Server::start()];
    let fleets = servers.each_ref().map(|server| {
        run(&mut fill(server)).printed();
        let fleet = "select md5(string_agg(one::text, '' order by one::text))";
        [format!("{fleet} from clusters one"), format!("{fleet} from checkins one")]
            .map(|query| server.database().texts(&query))
    });
    assert_eq!(fleets[0], fleets[1]);

    let counts = || ["versions", "clusters", "checkins"].map(|table| servers[0].database().count(table));
    let before = counts();
    let printed = run(&mut fill(&servers[0])).printed();
    assert!(printed.contains("0 releases published, 372 there already"), "{printed}");
    assert!(printed.contains("nothing written"), "{printed}");
    assert_eq!(counts(), before);
}
