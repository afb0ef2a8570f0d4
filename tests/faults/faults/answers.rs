//! Answers of Postgres that do not come, or come late: what was asked may have been done.

use std::time::Instant;

use anyhow::Context;

use crate::patience::{PATIENCE, until};
use crate::rules::Permitted;
use crate::stand::Stand;

/// Groups are committed, and the connections break before anybody is told.
pub(super) fn lost(stand: &mut Stand) -> anyhow::Result<Instant> {
    let mut sql = stand.postgres.connect()?;
    let link = stand.link.as_ref().context("no link to lose answers on")?;
    stand.rules.permit(Permitted::Refusal);
    // A group without a new set of components is one statement that commits by itself.
    link.lose_answers(if stand.load.reports_only_common() { None } else { Some("COMMIT") });
    until("an answer is lost", PATIENCE, || link.has_lost_some())?;
    until("Postgres has done what it was asked", PATIENCE, || {
        // Who waits for a lock may wait for one whose holder is not told that it may go on.
        let active = "select count(*) from pg_stat_activity where application_name = 'stationmaster'
            and state = 'active' and wait_event_type is distinct from 'Lock'";
        sql.number(active).is_ok_and(|active| active == 0.0)
    })?;
    link.cut();
    Ok(Instant::now())
}

/// All of Postgres is stopped in its tracks, as on a machine that hangs, for longer than an answer may take.
pub(super) fn late(stand: &mut Stand) -> anyhow::Result<Instant> {
    stand.rules.permit(Permitted::Refusal);
    let frozen = stand.postgres.freeze()?;
    let since = Instant::now();
    stand.unwell(since)?;
    stand.refusals(1)?;
    std::thread::sleep(stand.size.frozen.saturating_sub(since.elapsed()));
    drop(frozen);
    Ok(Instant::now())
}
