//! The SQL that is written down keeps the rules by which Citus takes it. schema_rules.rs looks at what it makes.

use std::fs;
use std::path::{Path, PathBuf};

/// What changes from call to call. In `do update set`, each machine would have a value of its own: the server binds one.
const VOLATILE: [&str; 6] =
    ["now()", "current_timestamp", "clock_timestamp()", "statement_timestamp()", "random()", "gen_random_uuid()"];

#[test]
fn migrations_and_queries_keep_the_rules() {
    let files = [files("migrations", "sql"), files("src/store", "rs"), files("src/store", "sql")].concat();
    assert!(files.len() > 20, "{files:?}");
    for file in files {
        let text = fs::read_to_string(&file).expect("a file of text");
        for statement in statements(&text) {
            assert_eq!(faults(&statement), [""; 0], "{}: {statement}", file.display());
        }
    }
}

#[test]
fn what_breaks_a_rule_is_found() {
    for (sql, fault) in [
        ("alter table a add column b int, add column c int", SEVERAL),
        ("alter table a alter column b type numeric(3, 2), drop column c", SEVERAL),
        ("alter table a detach partition b concurrently", DETACH),
        ("insert into a values ($1)\n    on conflict (b) do update\n    set c = NOW()", CLOCK),
        ("insert into a values ($1) on conflict (b) do update set c = current_timestamp", CLOCK),
        ("with x as (select 1) select * from x cross join lateral (select 1) y", LATERAL),
        ("use diesel::dsl::now", DIESEL_CLOCK),
        ("use diesel::dsl::{count_star, now}", DIESEL_CLOCK),
    ] {
        let found: Vec<_> = statements(&format!("-- A comment; with a \"quote\".\n{sql};")).collect();
        assert_eq!(found.iter().flat_map(|statement| faults(statement)).collect::<Vec<_>>(), [fault], "{sql}");
    }
    for sql in [
        "alter table a add constraint b check (c in (1, 2))",
        "alter table a detach partition b",
        "create index concurrently a on b (c, d)",
        "insert into a values ($1, now()) on conflict (b) do update set c = excluded.c",
        "select age(now(), a) from b",
    ] {
        assert_eq!(statements(sql).flat_map(|statement| faults(&statement)).collect::<Vec<_>>(), [""; 0], "{sql}");
    }
}

const SEVERAL: &str = "one change per `alter table`";
const DETACH: &str = "partitions are not detached concurrently";
const CLOCK: &str = "what `do update` sets is bound";
const LATERAL: &str = "no lateral subqueries";
const DIESEL_CLOCK: &str = "the server tells the time, not the database";

/// What is wrong with a statement.
fn faults(statement: &str) -> Vec<&'static str> {
    let mut faults = Vec::new();
    if statement.starts_with("alter table") && has_bare_comma(statement) {
        faults.push(SEVERAL);
    }
    if statement.contains("detach partition") && statement.contains("concurrently") {
        faults.push(DETACH);
    }
    let set = statement.split_once("do update set").map_or("", |(_, set)| set);
    if VOLATILE.iter().any(|call| set.contains(call)) {
        faults.push(CLOCK);
    }
    if statement.contains(" lateral ") {
        faults.push(LATERAL);
    }
    let is_import = statement.starts_with("use diesel::dsl") || statement.contains("dsl::now");
    if is_import && statement.split(|character: char| !character.is_alphanumeric()).any(|word| word == "now") {
        faults.push(DIESEL_CLOCK);
    }
    faults
}

/// Whether there is a comma outside all brackets.
fn has_bare_comma(statement: &str) -> bool {
    let mut depth = 0;
    statement.chars().any(|character| {
        depth += i32::from(character == '(') - i32::from(character == ')');
        character == ',' && depth == 0
    })
}

/// The statements in a text, in small letters and on one line. In Rust they stand between quotes, with others between
/// them that break no rule.
fn statements(text: &str) -> impl Iterator<Item = String> {
    let lines = text.lines().map(|line| line.split("--").next().unwrap_or_default());
    let text = lines.collect::<Vec<_>>().join("\n").to_lowercase();
    let words = |statement: &str| statement.split_whitespace().collect::<Vec<_>>().join(" ");
    text.split([';', '"']).map(words).collect::<Vec<_>>().into_iter()
}

/// The files in a folder, at any depth, whose names end so.
fn files(folder: impl AsRef<Path>, extension: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = fs::read_dir(&folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries
        .flat_map(|path| match path.is_dir() {
            true => files(path, extension),
            false => Vec::from_iter(path.extension().is_some_and(|found| found == extension).then_some(path)),
        })
        .collect()
}
