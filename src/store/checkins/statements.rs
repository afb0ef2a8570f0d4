//! The statements that write a group of check-ins, whatever its size.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::Error;
use diesel::sql_types::{Array, BigInt, Binary, Bool, Json, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde_json::Value;
use uuid::Uuid;

use super::history::History;
use super::prepared::statement;
use super::{Recorded, Report, is_within_a_day, newest, oldest};
use crate::domain::components::ComponentSet;
use crate::store::Connection;
use crate::store::rollups::moves;

/// Writes sets of components that may be there.
pub(super) struct InsertSets<'a> {
    hashes: Vec<&'a [u8]>,
    components: Vec<Value>,
    legacy: Vec<Option<&'a Value>>,
}

impl<'a> InsertSets<'a> {
    pub(super) fn of(sets: &'a BTreeMap<[u8; 16], &'a ComponentSet>) -> QueryResult<Self> {
        let components = sets.values().map(|set| serde_json::to_value(set.components()));
        Ok(Self {
            hashes: sets.keys().map(|hash| &hash[..]).collect(),
            components: components
                .collect::<Result<_, _>>()
                .map_err(|error| Error::SerializationError(error.into()))?,
            legacy: sets.values().map(|set| set.legacy()).collect(),
        })
    }
}

statement!(InsertSets<'_>);

impl QueryFragment<Pg> for InsertSets<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("insert into component_sets (hash, components, legacy) select * from unnest(");
        out.push_bind_param::<Array<Binary>, _>(&self.hashes)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Jsonb>, _>(&self.components)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Nullable<Json>>, _>(&self.legacy)?;
        out.push_sql(") on conflict (hash) do nothing");
        Ok(())
    }
}

/// Writes clusters, each with all of its check-ins in the group, in the order of their ids. Answers a [`Known`] for each that
/// is written.
///
/// Those are not that do not show enough for being that cluster; nor those of which more changes than its row tells: that
/// report several things at once, or come late, after a later check-in that says something else or was on another day.
pub(super) struct UpsertClusters<'a> {
    ids: Vec<Uuid>,
    firsts: Vec<DateTime<Utc>>,
    lasts: Vec<DateTime<Utc>>,
    counts: Vec<i64>,
    hashes: Vec<[u8; 16]>,
    labels: Vec<String>,
    first_labels: Vec<String>,
    legacy: Vec<Option<&'a Value>>,
    claims: Vec<Option<&'a [u8]>>,
}

/// What is known of a cluster after the group.
#[derive(Debug, Queryable)]
pub(super) struct Known {
    pub(super) id: Uuid,
    pub(super) first_seen: DateTime<Utc>,
    pub(super) last_seen: DateTime<Utc>,
    pub(super) checkins: i64,
    /// Whether it was not known before.
    pub(super) is_new: bool,
    /// The labels of its first check-in, where they are still to be compared with.
    pub(super) first_labels: Option<Vec<String>>,
}

impl Known {
    /// What was known when so many check-ins of the group were still to come.
    pub(super) fn before(&self, left: i64) -> Recorded {
        let checkins = self.checkins - left;
        Recorded {
            first_seen: self.first_seen,
            last_seen: self.last_seen,
            checkins,
            is_first: self.is_new && checkins == 1,
        }
    }
}

impl<'a> UpsertClusters<'a> {
    pub(super) fn of(reports: &[&'a Report]) -> Self {
        let mut clusters: BTreeMap<Uuid, Vec<&'a Report>> = BTreeMap::new();
        for report in reports {
            clusters.entry(report.cluster_id).or_default().push(report);
        }
        let capacity = clusters.len();
        let mut upsert = Self {
            ids: Vec::with_capacity(capacity),
            firsts: Vec::with_capacity(capacity),
            lasts: Vec::with_capacity(capacity),
            counts: Vec::with_capacity(capacity),
            hashes: Vec::with_capacity(capacity),
            labels: Vec::with_capacity(capacity),
            first_labels: Vec::with_capacity(capacity),
            legacy: Vec::with_capacity(capacity),
            claims: Vec::with_capacity(capacity),
        };
        for (id, reports) in clusters {
            let (Some(first), Some(last)) = (oldest(&reports), newest(&reports)) else { continue };
            if !is_within_a_day(first.at, last.at) || reports.iter().any(|report| !report.says_the_same_as(last)) {
                continue;
            }
            upsert.ids.push(id);
            upsert.firsts.push(first.at);
            upsert.lasts.push(last.at);
            upsert.counts.push(reports.len() as i64);
            upsert.hashes.push(last.components.hash());
            upsert.labels.push(array_literal(&last.labels));
            upsert.first_labels.push(array_literal(&first.labels));
            upsert.legacy.push(last.legacy.as_ref());
            upsert.claims.push(last.proof.kept());
        }
        upsert
    }
}

impl QueryFragment<Pg> for UpsertClusters<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "insert into clusters as known \
             (id, first_seen, last_seen, checkins, set_hash, labels, first_labels, legacy, claim) \
             select id, first_seen, last_seen, checkins, set_hash, labels::text[], first_labels::text[], legacy, claim \
             from unnest(",
        );
        out.push_bind_param::<Array<SqlUuid>, _>(&self.ids)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Timestamptz>, _>(&self.firsts)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Timestamptz>, _>(&self.lasts)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, _>(&self.counts)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Binary>, _>(&self.hashes)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.labels)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.first_labels)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Nullable<Json>>, _>(&self.legacy)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Nullable<Binary>>, _>(&self.claims)?;
        // What shows the token has an empty claim. Clocks of replicas may disagree: what is newest is what counts.
        out.push_sql(
            ") as reported (id, first_seen, last_seen, checkins, set_hash, labels, first_labels, legacy, claim) \
             on conflict (id) do update set \
             last_seen = greatest(known.last_seen, excluded.last_seen), \
             checkins = known.checkins + excluded.checkins, \
             set_hash = excluded.set_hash, labels = excluded.labels, \
             legacy = case when excluded.last_seen >= known.last_seen then excluded.legacy else known.legacy end, \
             claim = excluded.claim, \
             was_seen = known.last_seen, was_hash = known.set_hash, was_labels = known.labels \
             where (known.claim is null or excluded.claim = '' or excluded.claim = known.claim) \
             and (excluded.first_seen > known.last_seen \
                 or (excluded.first_seen > known.first_seen \
                     and excluded.set_hash = known.set_hash and excluded.labels = known.labels \
                     and (excluded.first_seen at time zone 'UTC')::date = (known.last_seen at time zone 'UTC')::date))",
        );
        Ok(())
    }
}

/// The columns of a [`Known`]. A row that was inserted has never been updated: its `xmax` is 0.
type KnownColumns = (SqlUuid, Timestamptz, Timestamptz, BigInt, Bool, Nullable<Array<Text>>);

/// Clusters, with their history and with what is to be counted, in one statement. Answers a [`Known`] for each that is
/// written.
pub(super) struct WriteGroup<'a> {
    pub(super) clusters: UpsertClusters<'a>,
    pub(super) history: History,
}

statement!(WriteGroup<'_>);

impl Query for WriteGroup<'_> {
    type SqlType = KnownColumns;
}

impl QueryFragment<Pg> for WriteGroup<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("with clusters_written as (");
        self.clusters.walk_ast(out.reborrow())?;
        out.push_sql(" returning known.*, known.xmax = 0 as is_new), history_written as (");
        // What is written of a cluster here all has the same labels.
        self.history.insert("case when labels <> first_labels then labels end", out.reborrow())?;
        out.push_sql(
            ") as reported (cluster_id, at, hash) join clusters_written on id = cluster_id), moves_written as (",
        );
        out.push_sql(moves::INSERT);
        out.push_sql(" from clusters_written where ");
        out.push_sql(moves::IS_MOVED);
        out.push_sql(") select id, first_seen, last_seen, checkins, is_new, null::text[] from clusters_written");
        Ok(())
    }
}

/// Clusters alone. Answers a [`Known`] for each that is written.
pub(super) struct WriteClusters<'a>(pub(super) UpsertClusters<'a>);

statement!(WriteClusters<'_>);

impl Query for WriteClusters<'_> {
    type SqlType = KnownColumns;
}

impl QueryFragment<Pg> for WriteClusters<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(
            " returning known.id, known.first_seen, known.last_seen, known.checkins, known.xmax = 0 as is_new, \
             known.first_labels",
        );
        Ok(())
    }
}

/// Texts as PostgreSQL writes an array of them: an array of arrays would be unnested down to the texts.
pub(super) fn array_literal(texts: &[String]) -> String {
    let quoted: Vec<String> =
        texts.iter().map(|text| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))).collect();
    format!("{{{}}}", quoted.join(","))
}

#[cfg(test)]
mod tests {
    use super::array_literal;

    #[test]
    fn texts_are_quoted() {
        assert_eq!(array_literal(&[]), "{}");
        assert_eq!(array_literal(&["ci".into(), "null".into()]), r#"{"ci","null"}"#);
        assert_eq!(array_literal(&[r#"a"\,}"#.into()]), r#"{"a\"\\,}"}"#);
    }
}
