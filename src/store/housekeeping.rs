//! What keeps the database in shape while the server runs: partitions are made ahead, old history is dropped, and
//! silent clusters are forgotten.
//!
//! Every server does this, under advisory locks: one of them works, and the others leave it to that one. Check-ins come
//! first. Where a whole table has to be locked, that is given up rather than waited for while they queue up behind.

use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::Connection as _;
use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Timestamptz;
use tokio::time::{Instant, sleep};

use super::{Connection, Store, StoreError, forgetting, partitions};
use crate::clock;
use crate::domain::calendar::Span;

/// How often there is something to do.
const EVERY: Duration = Duration::from_secs(3_600);

/// When to try again what could not be done.
const RETRY: Duration = Duration::from_secs(60);

/// How many times as long as a step of forgetting took the next one waits: it has a tenth of one connection.
const REST: u32 = 9;

/// How long to keep. What is none is kept for ever.
#[derive(Debug, Clone, Copy, Default)]
pub struct Limits {
    /// The history of check-ins.
    pub history: Option<Span>,
    /// Clusters that are silent.
    pub silent_clusters: Option<Span>,
}

/// What was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Done {
    /// How many partitions were made.
    pub made: usize,
    /// How many partitions were dropped.
    pub dropped: usize,
    /// How many clusters were forgotten.
    pub forgotten: usize,
}

/// Does all chores now and hourly, for as long as the server runs.
pub async fn keep_house(store: Store, limits: Limits) {
    loop {
        let pause = match run(&store, clock::now(), limits).await {
            Ok(_) => EVERY,
            Err(error) => {
                tracing::warn!(%error, "could not finish the housekeeping; will try again in a minute");
                RETRY
            }
        };
        sleep(pause).await;
    }
}

/// Does all chores once, as of the instant `now`.
///
/// # Errors
/// The first fault, after all chores have been tried.
pub async fn run(store: &Store, now: DateTime<Utc>, limits: Limits) -> Result<Done, StoreError> {
    let made = make_partitions(store, now).await;
    let dropped = drop_history(store, now, limits.history).await;
    let forgotten = forget_clusters(store, now, limits.silent_clusters).await;
    Ok(Done { made: made?, dropped: dropped?, forgotten: forgotten? })
}

async fn make_partitions(store: &Store, now: DateTime<Utc>) -> Result<usize, StoreError> {
    store.run(move |connection| briefly(connection, |it| partitions::ensure(it, now, partitions::MONTHS_AHEAD))).await
}

async fn drop_history(store: &Store, now: DateTime<Utc>, keep: Option<Span>) -> Result<usize, StoreError> {
    let Some(before) = too_old(store, now, keep).await? else { return Ok(0) };
    let mut dropped = 0;
    // One at a time, so that check-ins come in between.
    while let Some(partition) =
        store.run(move |connection| briefly(connection, |it| partitions::drop_oldest(it, before))).await?
    {
        tracing::info!(partition, "dropped history, as --history-retention says");
        dropped += 1;
    }
    Ok(dropped)
}

async fn forget_clusters(store: &Store, now: DateTime<Utc>, keep: Option<Span>) -> Result<usize, StoreError> {
    let Some(before) = too_old(store, now, keep).await? else { return Ok(0) };
    let (mut forgotten, mut from) = (0, None);
    let outcome = loop {
        let began = Instant::now();
        match store.run(move |connection| forgetting::forget_silent(connection, from, before)).await {
            Ok(step) => (forgotten, from) = (forgotten + step.clusters, step.next),
            Err(error) => break Err(error),
        }
        if from.is_none() {
            break Ok(forgotten);
        }
        sleep(began.elapsed() * REST).await;
    };
    if forgotten > 0 {
        tracing::info!(clusters = forgotten, "forgot silent clusters, as --forget-after says");
    }
    outcome
}

/// Before when everything is too old to be kept; none if nothing is. A clock that is fast, ours or the database's, does
/// not make anything old.
async fn too_old(store: &Store, now: DateTime<Utc>, keep: Option<Span>) -> Result<Option<DateTime<Utc>>, StoreError> {
    let Some(span) = keep else { return Ok(None) };
    let clock = diesel::select(sql::<Timestamptz>("now()"));
    let theirs = store.run(move |connection| clock.get_result(connection)).await?;
    Ok(span.before(now.min(theirs)))
}

/// Does something in a transaction that gives up on a lock before check-ins have queued up behind it for long.
fn briefly<T>(connection: &mut Connection, chore: impl FnOnce(&mut Connection) -> QueryResult<T>) -> QueryResult<T> {
    connection.transaction(|connection| {
        connection.batch_execute("set local lock_timeout = '200ms'")?;
        chore(connection)
    })
}
