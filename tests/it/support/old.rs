//! Old databases, and importing them.

use std::process::Command;

use super::{Database, program, run};

/// A database with the old service's tables, empty.
pub(crate) fn old_database() -> Database {
    let old = Database::new();
    old.execute("drop schema public cascade; create schema public");
    old.execute(include_str!("../../data/legacy-schema.sql"));
    old
}

/// The import of one database into another.
pub(crate) fn importing(old: &str, new: &Database) -> Command {
    let mut command = program();
    command.args(["import", "--from", old]).env("DATABASE_URL", &new.url);
    command
}

/// Imports a database to the end; answers what it printed.
pub(crate) fn import(old: &str, new: &Database) -> String {
    run(&mut importing(old, new)).printed()
}
