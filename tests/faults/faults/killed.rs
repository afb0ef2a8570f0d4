//! Processes that are killed: they can neither finish nor tidy anything.

use std::time::Instant;

use crate::rules::Permitted;
use crate::stand::Stand;

/// The server, which is started again at once.
pub(super) fn server(stand: &mut Stand) -> anyhow::Result<Instant> {
    stand.rules.permit(Permitted::Silence);
    stand.take_server(0)?.kill();
    let passed = Instant::now();
    stand.start(0)?;
    Ok(passed)
}

/// Postgres, which is started again at once.
pub(super) fn postgres(stand: &mut Stand) -> anyhow::Result<Instant> {
    stand.rules.permit(Permitted::Refusal);
    stand.postgres.kill()?;
    Ok(Instant::now())
}

/// One of the processes that serve the server, upon which Postgres ends all others and recovers.
pub(super) fn backend(stand: &mut Stand) -> anyhow::Result<Instant> {
    stand.rules.permit(Permitted::Refusal);
    stand.postgres.kill_one(&mut stand.random)?;
    Ok(Instant::now())
}

/// Postgres and the server, which are both started again at once: the server before its database is back.
pub(super) fn both(stand: &mut Stand) -> anyhow::Result<Instant> {
    stand.rules.permit(Permitted::Silence);
    let server = stand.take_server(0)?;
    stand.postgres.kill()?;
    server.kill();
    let passed = Instant::now();
    stand.start(0)?;
    Ok(passed)
}
