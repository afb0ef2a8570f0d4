//! Counting what was noted down.

use std::time::Duration;

use diesel::Connection as _;
use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};
use tokio::sync::oneshot;
use tokio::time::sleep;

use super::LOCK;
use super::rebuild::{Purpose, rebuild};
use crate::store::schema::rollup_state;
use crate::store::{Connection, Store, StoreError};

/// How often moves are counted if nobody asks.
const EVERY: Duration = Duration::from_secs(5);

/// How many moves a statement counts, so that it takes a second at most, whatever has piled up.
const AT_ONCE: i64 = 50_000;

/// Moves that were noted down, which they are no more then.
const MOVES: &str =
    "delete from rollup_moves where ctid = any (array(select ctid from rollup_moves limit $1)) returning *";

/// How long to wait for somebody else who is counting. One who counts a whole history takes longer.
pub(super) const PATIENCE: &str = "1s";

/// Counts what was noted down; answers whether the numbers are there: not until the history before them was counted.
///
/// While somebody counts the whole history anew, nothing is added.
///
/// # Errors
/// What the database refuses.
pub fn fold(connection: &mut Connection) -> QueryResult<bool> {
    let is_counted = is_counted(connection)?;
    if is_counted && has_moves(connection)? {
        let folded = connection.transaction(|connection| {
            connection.batch_execute(&format!(
                "set local lock_timeout = '{PATIENCE}'; select pg_advisory_xact_lock({LOCK}); set local lock_timeout = 0"
            ))?;
            count_moves(connection)
        });
        match folded {
            Err(error) if !is_lock_timeout(&error) => return Err(error),
            _ => {}
        }
    }
    Ok(is_counted)
}

/// Whether something was noted down.
fn has_moves(connection: &mut Connection) -> QueryResult<bool> {
    diesel::select(sql::<Bool>("exists (select from rollup_moves)")).get_result(connection)
}

/// Counts what this transaction sees at its start, under the lock.
pub(super) fn count_moves(connection: &mut Connection) -> QueryResult<()> {
    let moves: i64 = diesel::select(sql::<BigInt>("(select count(*) from rollup_moves)")).get_result(connection)?;
    for _ in 0..(moves + AT_ONCE - 1) / AT_ONCE {
        diesel::sql_query(of(MOVES)).bind::<BigInt, _>(AT_ONCE).execute(connection)?;
    }
    Ok(())
}

/// The statement that counts these moves.
pub(super) fn of(moves: &str) -> String {
    include_str!("fold.sql").replace("{moves}", moves)
}

/// Whether a lock was not to be had in time.
pub(super) fn is_lock_timeout(error: &diesel::result::Error) -> bool {
    // diesel has no kind for SQLSTATE 55P03.
    matches!(error, diesel::result::Error::DatabaseError(_, told) if told.message().contains("lock timeout"))
}

/// Whether the numbers are there.
///
/// # Errors
/// What the database refuses.
pub fn is_counted(connection: &mut Connection) -> QueryResult<bool> {
    rollup_state::table.select(rollup_state::is_counted).first(connection)
}

/// Waits until nobody counts, and lets nobody for as long as the connection lives.
///
/// # Errors
/// What the database refuses.
pub fn hold(connection: &mut Connection) -> QueryResult<()> {
    connection.batch_execute(&format!("select pg_advisory_lock({LOCK})"))
}

/// From now on, the numbers have to be counted anew from the history: it was changed without noting it down.
///
/// # Errors
/// What the database refuses.
pub fn set_uncounted(connection: &mut Connection) -> QueryResult<()> {
    diesel::update(rollup_state::table).set(rollup_state::is_counted.eq(false)).execute(connection).map(drop)
}

/// Counts what is noted down, every few seconds for as long as the server runs; first the whole history, if need be.
pub async fn keep_counted(store: Store) {
    loop {
        if let Err(error) = keep(&store).await {
            tracing::warn!(%error, "could not count what clusters reported; will try again");
        }
        sleep(EVERY).await;
    }
}

async fn keep(store: &Store) -> Result<(), StoreError> {
    if store.run(fold).await? {
        return Ok(());
    }
    let (store, (done, counted)) = (store.clone(), oneshot::channel());
    // Not waited for when the server stops: it changes nothing before its end.
    std::thread::Builder::new()
        .name("count".into())
        .spawn(move || _ = done.send(count_history(&store)))
        .map_err(|_| StoreError::NoConnection)?;
    counted.await.unwrap_or(Ok(()))
}

fn count_history(store: &Store) -> Result<(), StoreError> {
    tracing::info!("counting the history for /v4/insight");
    if rebuild(&mut store.connect()?, Purpose::Replace, &mut |_| {})?.is_some() {
        tracing::info!("counted the history for /v4/insight");
    }
    Ok(())
}
