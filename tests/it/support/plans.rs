//! How much a query reads.

use diesel::Connection as _;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::BigInt;
use stationmaster::store::{Connection, QueryError};

#[derive(QueryableByName)]
struct Read {
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

/// How many rows of a table a query reads, in order or by an index.
pub(crate) fn rows_read<T>(
    connection: &mut Connection,
    table: &str,
    query: impl FnOnce(&mut Connection) -> QueryResult<T>,
) -> i64 {
    let so_far = |connection: &mut Connection| -> QueryResult<i64> {
        let read = format!(
            "select seq_tup_read + idx_tup_fetch as rows from pg_stat_xact_user_tables where relname = '{table}'"
        );
        Ok(sql_query(read).get_result::<Read>(connection)?.rows)
    };
    connection
        .transaction(|connection| {
            let before = so_far(connection)?;
            query(connection)?;
            Ok(so_far(connection)? - before)
        })
        .unwrap_or_else(|error: QueryError| panic!("{error}"))
}

/// How many prepared statements with this in them the database keeps for a connection.
pub(crate) fn prepared(connection: &mut Connection, part: &str) -> i64 {
    let kept = format!("select count(*) as rows from pg_prepared_statements where statement ilike '%{part}%'");
    sql_query(kept).get_result::<Read>(connection).expect("the prepared statements").rows
}
