//! What a group of check-ins changes of the numbers, noted down in the transaction that writes it.

use uuid::Uuid;

use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Array, Uuid as SqlUuid};

use crate::store::Connection;

/// Notes down a move of each row of something like `clusters`, which follows.
pub(in crate::store) const INSERT: &str = "\
    insert into rollup_moves \
    (sign, at, set_hash, labels, first_seen, first_labels, was_seen, was_hash, was_labels) \
    select 1, last_seen, set_hash, labels, first_seen, first_labels, was_seen, was_hash, was_labels";

/// Whether the check-in that wrote such a row has changed anything.
pub(in crate::store) const IS_MOVED: &str = "\
    was_seen is null or (was_seen at time zone 'UTC')::date <> (last_seen at time zone 'UTC')::date \
    or was_hash <> set_hash or was_labels <> labels";

/// Notes down the moves of clusters that were written before in this transaction.
///
/// # Errors
/// What the database refuses.
pub(in crate::store) fn insert(connection: &mut Connection, ids: impl IntoIterator<Item = Uuid>) -> QueryResult<()> {
    InsertMoves(ids.into_iter().collect()).execute(connection).map(drop)
}

struct InsertMoves(Vec<Uuid>);

impl QueryId for InsertMoves {
    type QueryId = ();
    // Known by its text.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl RunQueryDsl<Connection> for InsertMoves {}

impl QueryFragment<diesel::pg::Pg> for InsertMoves {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, diesel::pg::Pg>) -> QueryResult<()> {
        out.push_sql(INSERT);
        out.push_sql(" from clusters where id = any (");
        out.push_bind_param::<Array<SqlUuid>, _>(&self.0)?;
        out.push_sql(") and (");
        out.push_sql(IS_MOVED);
        out.push_sql(")");
        Ok(())
    }
}
