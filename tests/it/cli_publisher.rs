//! `stationmaster publisher`.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::{
    Database, Home, LocalIssuer, Serving, SigningKey, add_publisher, github, isolated, program, remove_publisher, run,
};

const ISSUER: &str = "https://token.actions.githubusercontent.com";

fn publisher(database: &Database, arguments: &[&str]) -> Command {
    let mut command = program();
    command.arg("publisher").args(arguments).env("DATABASE_URL", &database.url);
    command
}

/// `add`, with what makes a whole publisher of these arguments, unless they have it.
fn add(arguments: &[&str]) -> Command {
    let mut command = program();
    command.args(["publisher", "add"]).args(arguments);
    for (flag, value) in [("--issuer", ISSUER), ("--claim", "repository=deis/router"), ("--component", "deis-router")] {
        if !arguments.iter().any(|argument| argument.starts_with(flag)) {
            command.args([flag, value]);
        }
    }
    command
}

fn listed(database: &Database) -> Value {
    let printed = run(&mut publisher(database, &["list", "--json"])).printed();
    serde_json::from_str(&printed).expect("JSON")
}

#[test]
fn what_is_added_is_listed_until_it_is_removed() {
    let database = Database::new();
    assert_eq!(listed(&database), json!([]));
    let router = ["--claim", "repository=deis/router", "--claim", "ref=refs/tags/v=1*", "--component", "deis-router"];
    let first = add_publisher(&database, ISSUER, &router);
    let both = ["--component", "deis-builder", "--component", "deis-*", "--train", "stable", "--train", "beta"];
    let both = [&["--claim", "project_id=20", "--audience", "versions"], &both[..]].concat();
    let second = add_publisher(&database, "https://gitlab.com/", &both);
    let mut list = listed(&database);
    for publisher in list.as_array_mut().expect("a list") {
        let created_at = publisher.as_object_mut().expect("an object").remove("created_at");
        let created_at = created_at.as_ref().and_then(Value::as_str).expect("an instant");
        created_at.parse::<chrono::DateTime<chrono::Utc>>().expect("an instant");
    }
    let expected = json!([
        {"id": first, "issuer": ISSUER, "audience": "stationmaster", "components": ["deis-router"], "trains": ["*"],
         "claims": {"repository": "deis/router", "ref": "refs/tags/v=1*"}},
        {"id": second, "issuer": "https://gitlab.com/", "audience": "versions", "claims": {"project_id": "20"},
         "components": ["deis-builder", "deis-*"], "trains": ["stable", "beta"]},
    ]);
    assert_eq!(list, expected);

    remove_publisher(&database, first);
    let complaint = run(&mut publisher(&database, &["remove", &first.to_string()])).complaint(1);
    assert!(complaint.contains(&format!("there is no publisher {first}")), "{complaint}");
    assert!(complaint.contains("publisher list"), "{complaint}");
    assert_eq!(listed(&database)[0]["id"], second);
}

#[test]
fn what_was_added_and_removed_is_in_the_audit_trail() {
    let database = Database::new();
    let router = ["--claim", "repository=deis/router", "--component", "deis-router"];
    let id = add_publisher(&database, ISSUER, &router);
    // It is there already, and this one is not: neither changes anything.
    assert_eq!(add_publisher(&database, ISSUER, &router), id);
    run(&mut publisher(&database, &["remove", &(id + 1).to_string()])).complaint(1);
    remove_publisher(&database, id);
    let events = database.texts(
        "select concat_ws(' ', subject, 'by', issuer, action, before ->> 'id', before ->> 'issuer', after ->> 'id',
                          after -> 'claims', after -> 'components', after -> 'trains')
         from audit_events order by id",
    );
    assert_eq!(
        events,
        [
            format!(
                r#"stationmaster publisher add by command line add-publisher {id} {{"repository":"deis/router"}} ["deis-router"] ["*"]"#
            ),
            format!("stationmaster publisher remove by command line remove-publisher {id} {ISSUER}"),
        ]
    );
}

#[test]
fn people_are_told_in_a_table() {
    let database = Database::new();
    add_publisher(&database, ISSUER, &["--claim", "repository=deis/router", "--component", "deis-router"]);
    add_publisher(
        &database,
        "https://gitlab.com",
        &["--claim", "project_id=20", "--component", "*", "--train", "beta"],
    );
    let table = run(&mut publisher(&database, &["list"])).printed();
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 3, "{table}");
    assert!(lines[0].starts_with("ID  ISSUER "), "{table}");
    let column = |name: &str| lines[0].find(name).expect("a column");
    assert_eq!(lines[1].find("repository=deis/router"), Some(column("CLAIMS")), "{table}");
    assert_eq!(lines[2].find("project_id=20"), Some(column("CLAIMS")), "{table}");
    assert_eq!(lines[2].find("beta"), Some(column("TRAINS")), "{table}");
}

#[test]
fn the_same_again_adds_nothing() {
    let database = Database::new();
    let claims = ["--claim", "a=1", "--claim", "b=2", "--component", "c"];
    let id = add_publisher(&database, ISSUER, &claims);
    assert_eq!(add_publisher(&database, ISSUER, &["--claim", "b=2", "--claim", "a=1", "--component", "c"]), id);
    assert_ne!(add_publisher(&database, ISSUER, &[&claims[..], &["--train", "beta"]].concat()), id);
    assert_eq!(listed(&database).as_array().map(Vec::len), Some(2));
}

#[test]
fn what_would_let_anyone_publish_is_refused() {
    // Nothing is there to be used; it is not asked for.
    let nowhere = ("DATABASE_URL", "postgres://127.0.0.1:1/none");
    for (arguments, said) in [
        (&["--claim", "sub=*"][..], "anyone who has an account with https://token.actions.githubusercontent.com"),
        (&["--claim", "sub=*", "--claim", "ref=**"], "no --claim says whose jobs are meant"),
        (&["--claim", "a=1", "--claim", "a=2"], "--claim a is given twice"),
        (&["--audience", ""], "--audience is empty"),
    ] {
        let complaint = run(add(arguments).env(nowhere.0, nowhere.1)).complaint(1);
        assert!(complaint.contains(said), "{complaint}");
    }
    for (arguments, said) in [
        (&["--claim", "repository"][..], "a claim is a name and a value: repository=deis/router"),
        (&["--claim", "=deis/router"], "a claim is a name and a value"),
        (&["--claim", "repository="], "the value is empty"),
        (&["--issuer", "http://gitlab.example"], "http is only for issuers on this machine"),
        (&["--issuer", "https://gitlab.example?a"], "no query and no fragment"),
        (&["--issuer", "https://me:hunter2@gitlab.example"], "a user or password is not supported"),
        (&["--issuer", "gitlab.example"], "begins with https://"),
    ] {
        let complaint = run(add(arguments).env(nowhere.0, nowhere.1)).complaint(2);
        assert!(complaint.contains(said), "{complaint}");
    }
    for missing in ["--issuer", "--claim", "--component"] {
        let all = [("--issuer", ISSUER), ("--claim", "a=1"), ("--component", "c")];
        let given = all.iter().filter(|(flag, _)| *flag != missing).flat_map(|(flag, value)| [*flag, *value]);
        let complaint = run(program().args(["publisher", "add"]).args(given)).complaint(2);
        assert!(complaint.contains(missing) && complaint.contains("required"), "{complaint}");
    }
}

#[tokio::test]
async fn it_works_beside_a_server_with_an_embedded_database_and_without_one() {
    let (home, key) = (Home::new(), SigningKey::ed("1"));
    let issuer = LocalIssuer::start(&[&key]);
    let command = |arguments: &[&str]| {
        let mut command = program();
        command.arg("publisher").args(arguments).arg("--data-dir").arg(home.data_dir().0);
        command
    };
    let arguments = ["add", "--issuer", &issuer.url, "--claim", "repository=deis/router", "--component", "deis-router"];
    let list = || {
        let printed = run(&mut command(&["list", "--json"])).printed();
        serde_json::from_str::<Vec<Value>>(&printed).expect("JSON").len()
    };
    // Before the first start: it makes the database.
    run(&mut command(&arguments)).printed();
    assert!(!home.data_dir().answers(), "Postgres stops with the command");

    let server = Serving::start(&mut home.serve());
    assert_eq!(list(), 1);
    let token = key.sign(&github(&issuer, "deis/router", "v1"));
    let publish = async |component: &str| {
        let url = format!("{}/v4/versions/{component}/stable/v1", server.url);
        let call = reqwest::Client::new().post(url).bearer_auth(&token).json(&json!({}));
        call.send().await.expect("an answer").status().as_u16()
    };
    assert_eq!(publish("deis-router").await, 201);
    assert_eq!(publish("deis-builder").await, 403);
    // While it runs.
    let more = ["add", "--issuer", &issuer.url, "--claim", "repository=deis/router", "--component", "deis-builder"];
    run(&mut command(&more)).printed();
    assert_eq!(publish("deis-builder").await, 201);
    server.stop();
    assert_eq!(list(), 2);
}

#[test]
fn its_help_shows_how_for_two_platforms() {
    let help = run(program().args(["publisher", "add", "--help"])).printed();
    for shown in [ISSUER, "repository=deis/router", "environment=release", "https://gitlab.com", "ref_protected=true"] {
        assert!(help.contains(shown), "{shown} in {help}");
    }
}

#[test]
fn what_the_guide_tells_to_type_works() {
    const ROOT: &str = env!("CARGO_MANIFEST_DIR");
    let guide = fs::read_to_string(Path::new(ROOT).join("docs/publishing.md")).expect("the guide");
    let blocks = guide.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    let script = format!("set -euo pipefail\n{}", blocks.collect::<Vec<_>>().join("\n"));
    assert_eq!(script.matches("stationmaster publisher add").count(), 2, "{script}");
    let database = Database::new();
    let script =
        script.replace("stationmaster publisher", &format!("{} publisher", env!("CARGO_BIN_EXE_stationmaster")));
    run(isolated("bash").args(["-c", &script]).env("DATABASE_URL", &database.url)).printed();
    assert_eq!(listed(&database).as_array().map(Vec::len), Some(2));
}
