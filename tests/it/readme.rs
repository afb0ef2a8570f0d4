//! The README keeps its promises: its calls work as pasted, its settings and targets exist.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use clap::CommandFactory;
use serde_json::Value;
use stationmaster::cli::Cli;

use crate::support::{Database, Home, Serving, isolated, program, run};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Where the README's server is.
const URL: &str = "http://127.0.0.1:8080";

#[test]
fn the_calls_work_as_pasted_in_order() {
    let (home, database) = (Home::new(), Database::new());
    let mut command = home.serve();
    command.env_remove("STATIONMASTER_TOKEN_KEY").env("DATABASE_URL", &database.url);
    let server = Serving::start(&mut command);
    let answers = paste(&api_calls(), &home, &server.url);

    let [published, latest, receipt, count, laggards, health] = answers.as_slice() else {
        panic!("six calls: {answers:?}");
    };
    assert_eq!(published["image"], "quay.io/deis/router:v2.11.0");
    assert_eq!(latest["version"], "v2.11.0");
    assert_eq!(receipt["checkins"], 1);
    assert_eq!(receipt["updates"][0]["latest"]["version"], "v2.11.0");
    assert_eq!(count["count"], 1);
    assert_eq!(laggards["versions"][0]["version"], "v2.3.0");
    assert_eq!(health["status"], "ok");
}

#[test]
fn the_table_of_settings_is_that_of_the_program() {
    let mut settings = BTreeMap::from([("STATIONMASTER_TOKEN_KEY".to_owned(), None)]);
    let mut cli = Cli::command();
    cli.build();
    let serve = cli.find_subcommand("serve").expect("a command");
    for argument in serve.get_arguments().filter(|argument| argument.get_env().is_some()) {
        let variable = argument.get_env().map(|name| name.display().to_string());
        let defaults = argument.get_default_values().first().map(|value| value.display().to_string());
        settings.insert(variable.expect("it has one"), defaults);
    }

    let table = settings_table();
    assert_eq!(table.keys().collect::<Vec<_>>(), settings.keys().collect::<Vec<_>>());
    // Those that depend on who runs the program are told in words.
    settings.retain(|variable, default| default.is_some() && variable != "STATIONMASTER_DATA_DIR");
    for (variable, default) in settings {
        assert_eq!(table[&variable], default.unwrap_or_default(), "{variable}");
    }
}

#[test]
fn the_help_of_serve_tells_all_settings() {
    let help = run(program().args(["help", "serve"])).printed();
    for variable in settings_table().keys() {
        assert!(help.contains(variable), "{variable} in {help}");
    }
}

#[test]
fn every_make_target_it_names_exists() {
    let readme = readme();
    let targets: BTreeSet<&str> = code_spans(&readme).filter_map(|code| code.strip_prefix("make ")).collect();
    assert!(targets.is_superset(&BTreeSet::from(["run", "test", "demo"])), "{targets:?}");
    let mut make = isolated("make");
    run(make.args(["--dry-run", "--directory", ROOT]).args(targets)).printed();
}

#[test]
fn every_file_it_links_to_exists() {
    let readme = readme();
    let links = readme.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let files: Vec<&str> = links.filter(|link| !link.contains("://")).collect();
    assert!(!files.is_empty());
    for link in files {
        let (file, heading) = link.split_once('#').unwrap_or((link, ""));
        let bytes = fs::read(Path::new(ROOT).join(file)).unwrap_or_else(|error| panic!("{link}: {error}"));
        let text = String::from_utf8_lossy(&bytes);
        let headings = text.lines().filter_map(|line| line.strip_prefix('#'));
        let mut anchors = headings.map(|line| line.trim_start_matches('#').trim().to_lowercase().replace(' ', "-"));
        assert!(heading.is_empty() || anchors.any(|anchor| anchor == heading), "{link}");
    }
}

/// What the README says of the API, as the shell blocks that it has there.
fn api_calls() -> Vec<String> {
    let readme = readme();
    let (_, section) = readme.split_once("\n## The API in six calls\n").expect("the section");
    let (section, _) = section.split_once("\n## ").expect("the next section");
    let blocks = section.split("```sh\n").skip(1);
    blocks.filter_map(|rest| Some(rest.split_once("```")?.0.to_owned())).collect()
}

/// Pastes the blocks into one shell; answers the JSON that those with `curl` print.
fn paste(blocks: &[String], home: &Home, url: &str) -> Vec<Value> {
    let mut script = String::from("set -euo pipefail\n");
    for block in blocks {
        script += block;
        if block.contains("curl") {
            // What separates one answer from the next.
            script += "printf '\\0'\n";
        }
    }
    assert!(script.contains(URL), "{script}");
    let script = script.replace(URL, url).replace("target/release/stationmaster", env!("CARGO_BIN_EXE_stationmaster"));
    let mut shell: Command = isolated("bash");
    shell.args(["-c", &script]).env("STATIONMASTER_DATA_DIR", home.data_dir().0);
    let printed = run(&mut shell).printed();
    let answers = printed.split_terminator('\0');
    answers.map(|answer| serde_json::from_str(answer).expect(answer)).collect()
}

/// The table of settings: each variable with its default, as far as it has one.
fn settings_table() -> BTreeMap<String, String> {
    let readme = readme();
    let rows = readme.lines().filter_map(|line| line.strip_prefix("| `")?.strip_suffix('|'));
    rows.map(|row| {
        let cells: Vec<&str> = row.split('|').map(|cell| cell.trim().trim_matches('`')).collect();
        (cells[0].to_owned(), cells[2].to_owned())
    })
    .collect()
}

fn code_spans(text: &str) -> impl Iterator<Item = &str> {
    let in_line = text.split('`').skip(1).step_by(2);
    let blocks = text.split("```sh\n").skip(1).filter_map(|rest| rest.lines().next());
    in_line.chain(blocks)
}

fn readme() -> String {
    fs::read_to_string(Path::new(ROOT).join("README.md")).expect("the README")
}
