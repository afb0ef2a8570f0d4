//! `src/store/schema.rs` says what is in the database.
//!
//! After a change of tables: `BLESS=1 cargo test --test it schema` writes the file.

use std::env;
use std::fs;

use crate::support::{Database, TABLES};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/store/schema.rs");
const TABLE: &str = "diesel::table!";
const JOINS: &str = "diesel::allow_tables_to_appear_in_same_query!";

/// As diesel writes types: those of Postgres, with a capital.
const DIESEL_TYPE: &str =
    "case typcategory when 'A' then format('Array<%s>', initcap(substr(typname, 2))) else initcap(typname) end";

#[test]
fn the_tables_as_diesel_sees_them_are_those_of_the_database() {
    let file = fs::read_to_string(FILE).expect("the file");
    let (head, rest) = file.split_once(TABLE).expect("tables");
    let (_, tail) = rest.split_once(JOINS).expect("what may be joined");
    let current = format!("{head}{}{JOINS}{tail}", declarations(&Database::new()));
    if env::var_os("BLESS").is_some() {
        fs::write(FILE, current).expect("write the file");
    } else {
        similar_asserts::assert_eq!(file, current);
    }
}

fn declarations(database: &Database) -> String {
    let tables = database.texts(&format!("select relname from {TABLES} tables order by 1"));
    let declaration = |table: &String| {
        let (key, columns) = (key(database, table).join(", "), columns(database, table).concat());
        // What has no index is for statements about all of its rows, which diesel does not write.
        (!key.is_empty()).then(|| format!("{TABLE} {{\n    {table} ({key}) {{\n{columns}    }}\n}}\n\n"))
    };
    tables.iter().filter_map(declaration).collect()
}

/// The primary key. Diesel wants one of every table, so for one that has none it is what its first index is on.
fn key(database: &Database, table: &str) -> Vec<String> {
    database.texts(&format!(
        "select attname from pg_attribute join pg_index on attrelid = indrelid
         where indexrelid = (select indexrelid from pg_index where indrelid = '{table}'::regclass
                             order by indisprimary desc, indexrelid limit 1)
         and attnum = any (indkey[0:indnkeyatts - 1]) order by array_position(indkey::int2[], attnum)"
    ))
}

fn columns(database: &Database, table: &str) -> Vec<String> {
    database.texts(&format!(
        "select format(case when attnotnull then E'        %s -> %s,\\n' else E'        %s -> Nullable<%s>,\\n' end,
                       attname, {DIESEL_TYPE})
         from pg_attribute join pg_type on atttypid = pg_type.oid
         where attrelid = '{table}'::regclass and attnum > 0 and not attisdropped order by attnum"
    ))
}
