//! Doctor reports: what clusters in trouble send for support.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::Value;
use uuid::Uuid;

use super::Connection;
use super::schema::doctor_reports;

/// The report under this id.
///
/// # Errors
/// What the database refuses.
pub fn find(connection: &mut Connection, id: Uuid) -> QueryResult<Option<Value>> {
    doctor_reports::table.find(id).select(doctor_reports::report).first(connection).optional()
}

/// Keeps a report, in place of the one before.
///
/// # Errors
/// What the database refuses.
pub fn put(connection: &mut Connection, id: Uuid, report: &Value, now: DateTime<Utc>) -> QueryResult<()> {
    let content = (doctor_reports::report.eq(report), doctor_reports::received_at.eq(now));
    diesel::insert_into(doctor_reports::table)
        .values((doctor_reports::id.eq(id), content))
        .on_conflict(doctor_reports::id)
        .do_update()
        .set(content)
        .execute(connection)?;
    Ok(())
}
