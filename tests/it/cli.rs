//! The command line: its help, its settings, and the commands that only print.

use std::collections::BTreeSet;
use std::fs;

use clap::{Command, CommandFactory};
use serde_json::Value;
use stationmaster::cli::Cli;

use crate::support::{program, run};

#[test]
fn every_command_has_help_that_names_a_variable_for_each_flag() {
    for path in commands() {
        let long = run(program().args(&path).arg("--help")).printed();
        let short = run(program().args(&path).arg("-h")).printed();
        for flag in flags(&path) {
            let variable = flag.variable.unwrap_or_else(|| panic!("a variable for {path:?} --{}", flag.name));
            for help in [&long, &short] {
                assert!(help.contains(&format!("--{}", flag.name)), "{help}");
                assert!(help.contains(&format!("[env: {variable}")), "{help}");
            }
            assert!(flag.help.len() > 10, "{path:?} --{} is explained: {}", flag.name, flag.help);
        }
    }
}

#[test]
fn a_flag_means_the_same_wherever_it_is_taken() {
    let mut flags: Vec<_> = commands().iter().flat_map(|path| flags(path)).collect();
    flags.sort_by(|a, b| a.name.cmp(&b.name));
    for pair in flags.windows(2).filter(|pair| pair[0].name == pair[1].name) {
        assert_eq!((&pair[0].variable, &pair[0].help), (&pair[1].variable, &pair[1].help));
    }
}

#[test]
fn a_secret_in_the_environment_is_not_in_the_help() {
    let help = run(program().args(["serve", "--help"]).env("DATABASE_URL", "postgres://me:hunter2@db/name")).printed();
    assert!(help.contains("DATABASE_URL"), "{help}");
    assert!(!help.contains("hunter2"), "{help}");
}

#[test]
fn the_program_says_its_version() {
    let version = run(program().arg("--version")).printed();
    assert_eq!(version, format!("stationmaster {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn without_a_command_it_prints_the_help() {
    let complaint = run(&mut program()).complaint(2);
    assert!(complaint.contains("Usage: stationmaster"), "{complaint}");
}

#[test]
fn a_log_filter_that_cannot_be_read_is_refused_with_one_that_can() {
    let complaint = run(program().args(["--log", "=loud=", "openapi"])).complaint(1);
    assert!(complaint.contains("=loud="), "{complaint}");
    assert!(complaint.contains("--log info"), "{complaint}");
}

#[test]
fn the_document_is_printed_as_it_was_written() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/v4.yaml");
    assert_eq!(run(program().arg("openapi")).printed(), fs::read_to_string(file).expect("the document"));
}

#[test]
fn the_document_is_printed_as_json_too() {
    let yaml = run(program().args(["openapi", "--format", "yaml"])).printed();
    let json = run(program().args(["openapi", "--format", "json"])).printed();
    let json: Value = serde_json::from_str(&json).expect("JSON");
    let (_, paths) = yaml.split_once("\npaths:\n").expect("paths");
    let (paths, _) = paths.split_once("\ncomponents:\n").expect("components");
    let paths = paths.lines().filter_map(|line| line.strip_prefix("  /")?.strip_suffix(':'));
    let paths: BTreeSet<String> = paths.map(|path| format!("/{path}")).collect();
    let printed = json["paths"].as_object().expect("an object").keys().cloned();
    assert_eq!(printed.collect::<BTreeSet<_>>(), paths);
    assert_eq!(json["info"]["title"], "Stationmaster");
}

#[derive(Debug)]
struct Flag {
    name: String,
    variable: Option<String>,
    help: String,
}

/// The program's commands and theirs, and the program itself, as what to type after its name.
fn commands() -> Vec<Vec<String>> {
    fn of(command: &Command, path: &[String]) -> Vec<Vec<String>> {
        let inner = command.get_subcommands().flat_map(|inner| {
            let path: Vec<String> = path.iter().cloned().chain([inner.get_name().to_owned()]).collect();
            of(inner, &path)
        });
        std::iter::once(path.to_vec()).chain(inner).collect()
    }
    of(&Cli::command(), &[])
}

fn flags(path: &[String]) -> Vec<Flag> {
    let mut cli = Cli::command();
    cli.build();
    let command = path.iter().fold(&cli, |command: &Command, name| command.find_subcommand(name).expect("a command"));
    let flag = |argument: &clap::Arg| Flag {
        name: argument.get_long().expect("every flag has a long name").to_owned(),
        variable: argument.get_env().map(|name| name.display().to_string()),
        help: argument.get_help().map(ToString::to_string).unwrap_or_default(),
    };
    let is_ours =
        |argument: &&clap::Arg| !argument.is_positional() && !["help", "version"].contains(&argument.get_id().as_str());
    command.get_arguments().filter(is_ours).map(flag).collect()
}
