//! The database of an old workflow-manager-api, which is only read, in one transaction that sees one state of it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::Connection as _;
use diesel::connection::SimpleConnection;
use diesel::pg::PgRowByRowLoadingMode;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Uuid as SqlUuid};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::{Connection, QueryError, pool};

/// The tables of the old service.
const TABLES: [&str; 4] = ["versions", "clusters", "clusters_checkins", "doctors"];

/// How long one statement may take: counting a long history reads all of it.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(3_600);

/// A connection to the old database.
pub struct Old {
    connection: Connection,
}

/// Why the old database cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum OldError {
    /// There is no connection. What libpq says of it can hold parts of the URL, so it is left out.
    #[error("cannot connect to the old database; check the URL, and whether the role may log in")]
    Connect,
    /// It is some other database.
    #[error("the old database has no table {0}; is it the database of a workflow-manager-api?")]
    NoTable(&'static str),
    /// A statement failed.
    #[error("cannot read the old database: {0}")]
    Query(#[from] QueryError),
}

/// A release, as the old service kept it. Any column may be null.
#[derive(Debug, QueryableByName)]
pub struct OldVersion {
    /// Its key.
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    /// The component.
    #[diesel(sql_type = Nullable<Text>)]
    pub component: Option<String>,
    /// The train.
    #[diesel(sql_type = Nullable<Text>)]
    pub train: Option<String>,
    /// The version.
    #[diesel(sql_type = Nullable<Text>)]
    pub version: Option<String>,
    /// When it was released.
    #[diesel(embed)]
    pub released: OldInstant,
    /// What is said of it, as JSON.
    #[diesel(sql_type = Nullable<Text>)]
    pub data: Option<String>,
}

/// A check-in, as the old service kept it.
#[derive(Debug, QueryableByName)]
pub struct OldCheckIn {
    /// Its key.
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    /// The cluster.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub cluster_id: Option<Uuid>,
    /// When it reported.
    #[diesel(embed)]
    pub at: OldInstant,
    /// What it reported, as JSON.
    #[diesel(sql_type = Nullable<Text>)]
    pub data: Option<String>,
}

/// A row of JSON under a UUID: a cluster or a doctor report.
#[derive(Debug, QueryableByName)]
pub struct OldBody {
    /// Its key.
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    /// Its JSON.
    #[diesel(sql_type = Nullable<Text>)]
    pub data: Option<String>,
}

/// A time without zone, which the old service meant in UTC.
#[derive(Debug, QueryableByName)]
pub struct OldInstant {
    #[diesel(sql_type = Bool)]
    is_null: bool,
    #[diesel(sql_type = Nullable<BigInt>)]
    micros: Option<i64>,
}

impl OldInstant {
    /// The instant.
    ///
    /// # Errors
    /// Why there is none: it is null, infinite, or outside the years 1 to 9999.
    pub fn read(&self) -> Result<DateTime<Utc>, &'static str> {
        if self.is_null {
            return Err("no time");
        }
        self.micros.and_then(DateTime::from_timestamp_micros).ok_or("time out of range")
    }
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = Nullable<BigInt>)]
    number: Option<i64>,
}

/// The columns of an [`OldInstant`], from the column of this name.
fn instant(column: &str) -> String {
    format!(
        "{column} is null as is_null, case when {column} >= '0001-01-01' and {column} < '10000-01-01' \
         then (extract(epoch from {column}) * 1000000)::bigint end as micros"
    )
}

impl Old {
    /// Connects, and begins the one transaction that everything is read in.
    ///
    /// # Errors
    /// If there is no connection, or no table of the old service.
    pub fn open(url: &SecretString) -> Result<Self, OldError> {
        let url = pool::with_defaults(url.expose_secret());
        let mut connection = Connection::establish(&url).map_err(|_| OldError::Connect)?;
        // The transaction idles while this service's database writes. Servers before 9.6 have no timeout for that.
        connection.batch_execute(&format!(
            "set statement_timeout = {};
             select set_config(name, '0', false) from pg_settings where name = 'idle_in_transaction_session_timeout'",
            STATEMENT_TIMEOUT.as_millis()
        ))?;
        connection.batch_execute("begin transaction isolation level repeatable read read only")?;
        let mut old = Self { connection };
        for table in TABLES {
            if old.number(&format!("select to_regclass('{table}')::oid::bigint as number"))?.is_none() {
                return Err(OldError::NoTable(table));
            }
        }
        Ok(old)
    }

    /// How many rows a table has.
    ///
    /// # Errors
    /// What the database refuses.
    pub fn count(&mut self, table: &str) -> Result<u64, OldError> {
        let count = self.number(&format!("select count(*) as number from {table}"))?;
        Ok(count.unwrap_or_default().unsigned_abs())
    }

    /// The first `limit` releases after this key, by key.
    ///
    /// # Errors
    /// What the database refuses.
    pub fn versions(&mut self, after: i64, limit: i64) -> Result<Vec<OldVersion>, OldError> {
        let released = instant("release_timestamp");
        let query = format!(
            "select version_id as id, component_name as component, train, version, {released}, data::text as data \
             from versions where version_id > $1 order by version_id limit $2"
        );
        Ok(diesel::sql_query(query).bind::<BigInt, _>(after).bind::<BigInt, _>(limit).load(&mut self.connection)?)
    }

    /// The least key of a check-in from this one on.
    ///
    /// # Errors
    /// What the database refuses.
    pub fn next_check_in(&mut self, from: i64) -> Result<Option<i64>, OldError> {
        self.number(&format!("select min(checkins_id) as number from clusters_checkins where checkins_id >= {from}"))
    }

    /// The check-ins with keys from `first` to `last`, by key, one at a time: bodies may be large.
    ///
    /// # Errors
    /// What the database refuses, now or later.
    pub fn check_ins(
        &mut self,
        first: i64,
        last: i64,
    ) -> Result<impl Iterator<Item = Result<OldCheckIn, OldError>>, OldError> {
        self.check_ins_with("data::text", first, last)
    }

    /// The same check-ins without what they reported.
    ///
    /// # Errors
    /// What the database refuses, now or later.
    pub fn bare_check_ins(
        &mut self,
        first: i64,
        last: i64,
    ) -> Result<impl Iterator<Item = Result<OldCheckIn, OldError>>, OldError> {
        self.check_ins_with("null::text", first, last)
    }

    fn check_ins_with(
        &mut self,
        data: &str,
        first: i64,
        last: i64,
    ) -> Result<impl Iterator<Item = Result<OldCheckIn, OldError>> + use<'_>, OldError> {
        let at = instant("created_at");
        let query = format!(
            "select checkins_id as id, cluster_id, {at}, {data} as data from clusters_checkins \
             where checkins_id >= $1 and checkins_id <= $2 order by checkins_id"
        );
        let rows = diesel::sql_query(query)
            .bind::<BigInt, _>(first)
            .bind::<BigInt, _>(last)
            .load_iter::<OldCheckIn, PgRowByRowLoadingMode>(&mut self.connection)?;
        Ok(rows.map(|row| row.map_err(OldError::from)))
    }

    /// The first `limit` clusters after this id, by id, one at a time.
    ///
    /// # Errors
    /// What the database refuses, now or later.
    pub fn clusters(
        &mut self,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<impl Iterator<Item = Result<OldBody, OldError>>, OldError> {
        self.bodies("clusters", "cluster_id", after, limit)
    }

    /// The first `limit` doctor reports after this id, by id, one at a time: they may be large.
    ///
    /// # Errors
    /// What the database refuses, now or later.
    pub fn doctors(
        &mut self,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<impl Iterator<Item = Result<OldBody, OldError>>, OldError> {
        self.bodies("doctors", "report_id", after, limit)
    }

    fn bodies(
        &mut self,
        table: &str,
        key: &str,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<impl Iterator<Item = Result<OldBody, OldError>> + use<'_>, OldError> {
        let query = format!(
            "select {key} as id, data::text as data from {table} where $1 is null or {key} > $1 order by {key} limit $2"
        );
        let rows = diesel::sql_query(query)
            .bind::<Nullable<SqlUuid>, _>(after)
            .bind::<BigInt, _>(limit)
            .load_iter::<OldBody, PgRowByRowLoadingMode>(&mut self.connection)?;
        Ok(rows.map(|row| row.map_err(OldError::from)))
    }

    fn number(&mut self, query: &str) -> Result<Option<i64>, OldError> {
        let row: Number = diesel::sql_query(query).get_result(&mut self.connection)?;
        Ok(row.number)
    }
}
