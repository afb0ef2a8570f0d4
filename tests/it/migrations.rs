//! Bringing a database up to date: forth and back, by several at once, by one that is older than the database.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;

use secrecy::SecretString;
use stationmaster::store::migrations::{known, migrate, revert};

use crate::support::{Database, Home, ROUTER, Serving, get, program, publish, run, serve};

#[test]
fn every_migration_can_be_taken_back_and_applied_again() {
    let database = Database::new();
    let url = SecretString::from(database.url.as_str());
    let up_to_date = database.shape();
    assert!(known() > 0);
    // Twice, so that what one round leaves behind is in the way of the next.
    for count in (1..=known()).chain(1..=known()) {
        revert(&url, count).expect("taken back");
        assert_ne!(database.shape(), up_to_date);
        assert_eq!(migrate(&url).expect("applied").len(), count);
        assert_eq!(database.shape(), up_to_date);
    }
}

#[test]
fn without_migrations_nothing_is_left() {
    let database = Database::new();
    revert(&database.url.as_str().into(), known()).expect("taken back");
    assert_eq!(database.shape(), [""; 0]);
    let types = "pg_type where typnamespace = 'public'::regnamespace and typrelid = 0 and typelem = 0";
    assert_eq!(database.count(types), 0);
}

#[test]
fn what_was_applied_is_printed_once() {
    let database = Database::empty();
    let printed = run(&mut migrate_command(&database)).printed();
    assert_eq!(printed.lines().count(), known(), "{printed}");
    let versions = database.texts("select version from __diesel_schema_migrations order by 1");
    for (line, version) in printed.lines().zip(versions) {
        assert_eq!(line.replace('-', "").split('_').next(), Some(version.as_str()));
    }
    assert_eq!(run(&mut migrate_command(&database)).printed(), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_may_start_together_on_an_empty_database() {
    let database = Database::empty();
    let (servers, printed) = thread::scope(|scope| {
        let servers = [(); 3].map(|()| scope.spawn(|| Serving::start(&mut serve_command(&database))));
        let migrations = [(); 2].map(|()| scope.spawn(|| run(&mut migrate_command(&database)).printed()));
        (
            servers.map(|server| server.join().expect("it serves")),
            migrations.map(|printed| printed.join().expect("it succeeds")),
        )
    });

    let applied_by_servers = servers.iter().map(|server| server.log().matches("applied a migration").count());
    let applied = applied_by_servers.sum::<usize>() + printed.concat().lines().count();
    assert_eq!(applied, known(), "each migration ran once");
    assert_eq!(database.shape(), Database::new().shape());
    let [publisher, readers @ ..] = &servers;
    publish(&publisher.admin(), ROUTER).await;
    for reader in readers {
        get(&reader.admin(), ROUTER).await.expect("published by another");
    }
}

#[tokio::test]
async fn a_database_newer_than_the_program_is_served() {
    let database = Database::new();
    database.execute("insert into __diesel_schema_migrations (version) values ('99991231235959')");
    assert_eq!(run(&mut migrate_command(&database)).printed(), "");
    let server = Serving::start(&mut serve_command(&database));
    publish(&server.admin(), ROUTER).await;
}

#[test]
fn the_embedded_database_is_migrated_too() {
    let home = Home::new();
    let mut command = program();
    command.arg("migrate").arg("--data-dir").arg(home.data_dir().0);
    assert_eq!(run(&mut command).printed().lines().count(), known());
    assert_eq!(run(&mut command).printed(), "");
}

#[test]
fn a_database_that_is_not_there_is_named_as_the_reason() {
    let complaint = run(program().args(["migrate", "--database-url", "postgres://127.0.0.1:1/none"])).complaint(1);
    assert!(complaint.contains("cannot connect to the database"), "{complaint}");
    assert!(complaint.contains("DATABASE_URL"), "{complaint}");
}

fn migrate_command(database: &Database) -> Command {
    let mut command = program();
    command.arg("migrate").env("DATABASE_URL", &database.url);
    command
}

fn serve_command(database: &Database) -> Command {
    let mut command = serve(program());
    command.env("DATABASE_URL", &database.url);
    command
}

/// diesel knows a migration by the date and time in front of its name, and passes over a second one with the same.
#[test]
fn no_two_migrations_have_one_number() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let entries = fs::read_dir(folder).expect("the migrations").map(|entry| entry.expect("an entry"));
    let names =
        entries.filter(|entry| entry.path().is_dir()).map(|entry| entry.file_name().into_string().expect("text"));
    let mut seen = BTreeMap::new();
    for name in names {
        let number = name.split('_').next().expect("a number").to_owned();
        assert_eq!(seen.insert(number, name.clone()), None, "{name}");
    }
    assert!(seen.len() > 5);
}
