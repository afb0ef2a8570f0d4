//! What the embedded database says when it has no PostgreSQL programs to run.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use stationmaster::store::embedded::Embedded;

use crate::support::Home;

#[test]
fn without_programs_it_says_what_to_install() {
    let home = Home::new();
    let complaint = start(&home, home.path("nowhere"));
    for advice in [
        "no PostgreSQL programs (initdb and postgres, 14 or later) found;",
        "apt-get install postgresql",
        "dnf install postgresql-server",
        "brew install postgresql@17",
        "DATABASE_URL",
    ] {
        assert!(complaint.contains(advice), "{complaint}");
    }
}

#[test]
fn programs_that_are_too_old_are_named() {
    let home = Home::new();
    let programs = programs_of(&home, "postgres (PostgreSQL) 13.23");
    let passed_over = format!("({} has 13)", programs.display());
    let complaint = start(&home, programs);
    assert!(complaint.contains(&passed_over), "{complaint}");
    assert!(complaint.contains("apt-get install postgresql\n"), "{complaint}");
}

#[test]
fn programs_that_do_not_run_are_named() {
    let home = Home::new();
    let programs = programs_of(&home, "what a version");
    let passed_over = format!("({} does not run: ", programs.display());
    let complaint = start(&home, programs);
    assert!(complaint.contains(&passed_over), "{complaint}");
}

#[test]
fn a_database_of_another_major_version_needs_that_versions_programs() {
    let home = Home::new();
    let data_dir = home.data_dir().0;
    fs::create_dir_all(data_dir.join("data")).expect("a directory");
    fs::write(data_dir.join("stationmaster.lock"), "").expect("a file");
    fs::write(data_dir.join("data/PG_VERSION"), "16\n").expect("a file");
    let complaint = start(&home, programs_of(&home, "postgres (PostgreSQL) 17.4"));
    assert!(complaint.contains("was made by PostgreSQL 16, whose programs are not installed"), "{complaint}");
    assert!(complaint.contains("apt-get install postgresql-16"), "{complaint}");
    assert!(complaint.contains(&data_dir.display().to_string()), "{complaint}");
}

/// What is said of a start with these programs, which must fail.
fn start(home: &Home, programs: PathBuf) -> String {
    let started = Embedded::start_with_programs(&home.data_dir().0, &programs);
    started.expect_err("cannot start with these programs").to_string()
}

/// Programs that only tell their version.
fn programs_of(home: &Home, version: &str) -> PathBuf {
    let directory = home.path("bin");
    fs::create_dir(&directory).expect("a directory");
    for name in ["initdb", "postgres"] {
        let program = directory.join(name);
        fs::write(&program, format!("#!/bin/sh\necho '{version}'\n")).expect("a script");
        fs::set_permissions(&program, Permissions::from_mode(0o755)).expect("make it run");
    }
    directory
}
