//! The statements that append to the history.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Array, Binary, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use super::Report;
use super::prepared::statement;
use super::statements::array_literal;
use crate::store::Connection;

/// Check-ins as the history has them.
pub(super) struct History {
    ids: Vec<Uuid>,
    times: Vec<DateTime<Utc>>,
    hashes: Vec<[u8; 16]>,
}

impl History {
    pub(super) fn of(reports: &[&Report]) -> Self {
        Self {
            ids: reports.iter().map(|report| report.cluster_id).collect(),
            times: reports.iter().map(|report| report.at).collect(),
            hashes: reports.iter().map(|report| report.components.hash()).collect(),
        }
    }

    /// Inserts them with these labels; the rest of the query follows.
    pub(super) fn insert<'b>(&'b self, labels: &str, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("insert into checkins (cluster_id, at, set_hash, labels) select cluster_id, at, hash, ");
        out.push_sql(labels);
        out.push_sql(" from unnest(");
        out.push_bind_param::<Array<SqlUuid>, _>(&self.ids)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Timestamptz>, _>(&self.times)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Binary>, _>(&self.hashes)?;
        Ok(())
    }
}

/// Appends check-ins to the history.
pub(super) struct InsertHistory {
    history: History,
    /// Those of each; none if they are those of its cluster's first check-in, as nearly all are.
    labels: Vec<Option<String>>,
}

impl InsertHistory {
    /// These check-ins, each with the labels of its cluster's first one.
    pub(super) fn of(reports: &[(&Report, &[String])]) -> Self {
        let labels =
            |(report, first): &(&Report, &[String])| (report.labels != *first).then(|| array_literal(&report.labels));
        Self {
            history: History::of(&reports.iter().map(|(report, _)| *report).collect::<Vec<_>>()),
            labels: reports.iter().map(labels).collect(),
        }
    }
}

statement!(InsertHistory);

impl QueryFragment<Pg> for InsertHistory {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.history.insert("labels::text[]", out.reborrow())?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Nullable<Text>>, _>(&self.labels)?;
        out.push_sql(") as reported (cluster_id, at, hash, labels)");
        Ok(())
    }
}
