//! The database, looked at and held past the server.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::{PgConnection, sql_query};

use super::{Database, eventually};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = diesel::sql_types::Text)]
    value: String,
}

/// A table that nobody else may use until this is dropped.
pub(crate) struct TableLock {
    // Closing it ends its transaction.
    _connection: PgConnection,
}

impl Database {
    /// The one column of a query, as text.
    pub(crate) fn texts(&self, query: &str) -> Vec<String> {
        texts(&mut self.connect(), query)
    }

    /// How many rows there are in a table, or in what else may stand after `from`.
    pub(crate) fn count(&self, rows: &str) -> i64 {
        let counts = self.texts(&format!("select count(*) from {rows}"));
        counts[0].parse().expect("a number")
    }

    pub(crate) fn lock(&self, table: &str) -> TableLock {
        let mut connection = self.connect();
        connection
            .batch_execute(&format!("begin; lock table {table} in access exclusive mode"))
            .expect("lock the table");
        TableLock { _connection: connection }
    }

    /// Waits until so many statements wait for a lock.
    pub(crate) async fn until_blocked(&self, statements: usize) {
        let mut connection = self.connect();
        let blocked =
            "select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
        eventually("statements wait for a lock", async || texts(&mut connection, blocked).len() >= statements).await;
    }

    /// Every row of every table, as text; but for the numbers over time, which servers bring up to date by themselves.
    pub(crate) fn everything(&self) -> String {
        let tables = self.texts(
            "select oid::regclass from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace
                 and relname not like 'rollup%'",
        );
        let rows = tables.iter().flat_map(|table| self.texts(&format!("select row_to_json(one) from {table} one")));
        rows.collect::<Vec<_>>().join("\n")
    }
}

fn texts(connection: &mut PgConnection, query: &str) -> Vec<String> {
    let rows: Vec<Row> =
        sql_query(format!("select value::text from ({query}) as rows(value)")).load(connection).expect(query);
    rows.into_iter().map(|row| row.value).collect()
}
