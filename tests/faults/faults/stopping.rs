//! A server that is told to stop.

use std::time::Instant;

use anyhow::ensure;

use crate::patience::{PATIENCE, until};
use crate::rules::Permitted;
use crate::stand::Stand;

/// SIGTERM, while check-ins hang in the database until the server listens no more. Callers turn away once probes are told,
/// as load balancers do; whatever they sent before has to succeed. The server is started again when it has ended.
pub(super) fn terminated(stand: &mut Stand) -> anyhow::Result<Instant> {
    let mut sql = stand.postgres.connect()?;
    sql.execute("begin; lock table clusters in exclusive mode")?;
    let mut watch = stand.postgres.connect()?;
    let mut blocked = || watch.number("select count(*) from pg_locks where not granted").is_ok_and(|count| count > 0.0);
    until("check-ins hang", PATIENCE, &mut blocked)?;
    let told = Instant::now();
    // To probes alone: for check-ins and publishes nothing changes.
    stand.rules.probes.permit(Permitted::Silence);
    stand.server(0)?.terminate();
    stand.unwell(told)?;
    let paused = stand.load.pause();
    until("the server listens no more", PATIENCE, || stand.is_closed(0))?;
    ensure!(!paused.is_finished(), "everything was answered while the database hung");
    sql.execute("rollback")?;
    let paused = stand.runtime.block_on(paused)?;
    stand.take_server(0)?.ended();
    let passed = Instant::now();
    stand.start(0)?;
    drop(paused);
    Ok(passed)
}
