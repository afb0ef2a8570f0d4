//! A database that is away, has no room, or lets nobody in.

use std::time::Instant;

use anyhow::{Context, ensure};
use diesel::{Connection as _, PgConnection};

use crate::database::Sql;
use crate::patience::{PATIENCE, retry, until};
use crate::rules::Permitted;
use crate::stand::Stand;

/// Postgres is stopped for a while.
pub(super) fn stopped(stand: &mut Stand) -> anyhow::Result<Instant> {
    stand.rules.permit(Permitted::Refusal);
    stand.postgres.stop();
    let away = Instant::now();
    stand.unwell(away)?;
    stand.refusals(1)?;
    std::thread::sleep(stand.size.stopped.saturating_sub(away.elapsed()));
    let passed = Instant::now();
    stand.postgres.start_again()?;
    Ok(passed)
}

/// The disk of Postgres is full for a while: of data every other time, else so that nothing can be logged ahead either,
/// which ends Postgres.
pub(super) fn disk_full(stand: &mut Stand) -> anyhow::Result<Instant> {
    let mut sql = stand.postgres.connect()?;
    // What is logged ahead is kept for a while; that is not to fill the disk before its time.
    sql.execute("checkpoint")?;
    stand.rules.permit(Permitted::Refusal);
    stand.postgres.disk.as_ref().context("no disk to fill")?.fill()?;
    let full = Instant::now();
    // The first cycle is of data.
    if stand.cycle.is_multiple_of(2) {
        until("Postgres has no room for its log", PATIENCE, || sql.text("select pg_switch_wal()").is_err())?;
        stand.unwell(Instant::now())?;
    }
    stand.refusals(1)?;
    std::thread::sleep(stand.size.lasting.saturating_sub(full.elapsed()));
    stand.postgres.disk.as_ref().context("no disk to free")?.free()?;
    Ok(Instant::now())
}

/// Others take all connections, those of the server among them, and keep them for a while.
pub(super) fn connections_taken(stand: &mut Stand) -> anyhow::Result<Instant> {
    let mut sql = stand.postgres.connect()?;
    stand.rules.permit(Permitted::Refusal);
    let mut others = Vec::new();
    retry(PATIENCE, || take_connections(&mut sql, &stand.postgres.database.url, &mut others))?;
    let taken = Instant::now();
    stand.unwell(taken)?;
    stand.refusals(1)?;
    std::thread::sleep(stand.size.lasting.saturating_sub(taken.elapsed()));
    drop(others);
    Ok(Instant::now())
}

/// Ends the connections of servers and takes what is free; fails if that is not all then.
fn take_connections(sql: &mut Sql, url: &str, others: &mut Vec<PgConnection>) -> anyhow::Result<()> {
    sql.texts("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'stationmaster'")?;
    while let Ok(connection) = PgConnection::establish(url) {
        others.push(connection);
    }
    let most = sql.number("select current_setting('max_connections')")?;
    // With the one that asks. Who has just connected may not be told of yet, so it is counted what is taken.
    let taken = others.len() + 1;
    ensure!(taken as f64 == most, "{taken} of {most} connections are taken");
    Ok(())
}
