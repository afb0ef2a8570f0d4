//! A database, and SQL for it.

use anyhow::Context;
use diesel::connection::SimpleConnection;
use diesel::sql_types::{Nullable, Text};
use diesel::{Connection as _, PgConnection, QueryableByName, RunQueryDsl};

/// A database.
#[derive(Debug, Clone)]
pub(crate) struct Database {
    pub(crate) url: String,
}

/// A connection to a database.
pub(crate) struct Sql(PgConnection);

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Nullable<Text>)]
    value: Option<String>,
}

impl Database {
    pub(crate) fn new(url: &str) -> Self {
        Self { url: url.into() }
    }

    /// Another database of the same Postgres.
    pub(crate) fn sibling(&self, name: &str) -> Self {
        Self::new(&self.url.replace("/postgres?", &format!("/{name}?")))
    }

    pub(crate) fn connect(&self) -> anyhow::Result<Sql> {
        Ok(Sql(PgConnection::establish(&self.url).context("cannot connect to Postgres")?))
    }
}

impl Sql {
    /// Runs statements that answer nothing.
    pub(crate) fn execute(&mut self, sql: &str) -> anyhow::Result<()> {
        self.0.batch_execute(sql).with_context(|| format!("in {sql}"))
    }

    /// Runs a statement with a document as `$1`.
    pub(crate) fn execute_with(&mut self, sql: &str, document: &serde_json::Value) -> anyhow::Result<()> {
        let statement = diesel::sql_query(sql).bind::<Text, _>(document.to_string());
        statement.execute(&mut self.0).with_context(|| format!("in {sql}"))?;
        Ok(())
    }

    /// The values of a query for one column, as text.
    pub(crate) fn texts(&mut self, query: &str) -> anyhow::Result<Vec<String>> {
        let query = format!("select value::text from ({query}) as answer (value)");
        let rows: Vec<Row> = diesel::sql_query(&query).load(&mut self.0).with_context(|| format!("in {query}"))?;
        rows.into_iter().map(|row| row.value.with_context(|| format!("null, in {query}"))).collect()
    }

    /// The one value of a query, as text.
    pub(crate) fn text(&mut self, query: &str) -> anyhow::Result<String> {
        self.texts(query)?.pop().with_context(|| format!("no row, in {query}"))
    }

    /// The one value of a query, as a number.
    pub(crate) fn number(&mut self, query: &str) -> anyhow::Result<f64> {
        self.text(query)?.parse().with_context(|| format!("no number, in {query}"))
    }
}
