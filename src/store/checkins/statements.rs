//! The statements that write a group of check-ins, whatever its size.
//!
//! diesel prepares a statement once per connection only if it knows that its text is always the same. Of `sql_query` it does not;
//! these say so.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::Error;
use diesel::sql_types::{Array, BigInt, Binary, Bool, Json, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde_json::Value;
use uuid::Uuid;

use super::Report;
use crate::domain::components::ComponentSet;
use crate::store::Connection;

/// Makes a type a statement that is prepared once: its text is the same for all its values.
macro_rules! statement {
    ($statement:ty) => {
        impl QueryId for $statement {
            type QueryId = ();
            // Known by its text.
            const HAS_STATIC_QUERY_ID: bool = false;
        }

        impl RunQueryDsl<Connection> for $statement {}
    };
}

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
/// shows enough for being that cluster.
pub(super) struct UpsertClusters<'a> {
    ids: Vec<Uuid>,
    firsts: Vec<DateTime<Utc>>,
    lasts: Vec<DateTime<Utc>>,
    counts: Vec<i64>,
    hashes: Vec<[u8; 16]>,
    labels: Vec<String>,
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
            legacy: Vec::with_capacity(capacity),
            claims: Vec::with_capacity(capacity),
        };
        for (id, reports) in clusters {
            let times = reports.iter().map(|report| report.at);
            // What it says last is what counts.
            let (Some(first), Some(last), Some(current)) = (times.clone().min(), times.max(), reports.last()) else {
                continue;
            };
            upsert.ids.push(id);
            upsert.firsts.push(first);
            upsert.lasts.push(last);
            upsert.counts.push(reports.len() as i64);
            upsert.hashes.push(current.components.hash());
            upsert.labels.push(array_literal(&current.labels));
            upsert.legacy.push(current.legacy.as_ref());
            upsert.claims.push(current.proof.kept());
        }
        upsert
    }
}

statement!(UpsertClusters<'_>);

impl Query for UpsertClusters<'_> {
    type SqlType = (SqlUuid, Timestamptz, Timestamptz, BigInt, Bool);
}

impl QueryFragment<Pg> for UpsertClusters<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "insert into clusters as known (id, first_seen, last_seen, checkins, set_hash, labels, legacy, claim) \
             select id, first_seen, last_seen, checkins, set_hash, labels::text[], legacy, claim from unnest(",
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
        out.push_bind_param::<Array<Nullable<Json>>, _>(&self.legacy)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Nullable<Binary>>, _>(&self.claims)?;
        // Clocks of replicas may disagree. What shows the token has an empty claim. A row that was inserted has never been
        // updated: its xmax is 0.
        out.push_sql(
            ") as reported (id, first_seen, last_seen, checkins, set_hash, labels, legacy, claim) \
             on conflict (id) do update set \
             first_seen = least(known.first_seen, excluded.first_seen), \
             last_seen = greatest(known.last_seen, excluded.last_seen), \
             checkins = known.checkins + excluded.checkins, \
             set_hash = excluded.set_hash, labels = excluded.labels, legacy = excluded.legacy, claim = excluded.claim \
             where known.claim is null or excluded.claim = '' or excluded.claim = known.claim \
             returning known.id, known.first_seen, known.last_seen, known.checkins, known.xmax = 0 as is_new",
        );
        Ok(())
    }
}

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
}

impl History {
    fn insert<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("insert into checkins (cluster_id, at, set_hash) select cluster_id, at, set_hash from unnest(");
        out.push_bind_param::<Array<SqlUuid>, _>(&self.ids)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Timestamptz>, _>(&self.times)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Binary>, _>(&self.hashes)?;
        out.push_sql(") as reported (cluster_id, at, set_hash)");
        Ok(())
    }
}

/// Appends check-ins to the history.
pub(super) struct InsertHistory(pub(super) History);

statement!(InsertHistory);

impl QueryFragment<Pg> for InsertHistory {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.0.insert(out)
    }
}

/// Clusters, and the history of those of them that are written, in one statement. Answers a [`Known`] for each of these.
pub(super) struct WriteGroup<'a> {
    pub(super) clusters: UpsertClusters<'a>,
    pub(super) history: History,
}

statement!(WriteGroup<'_>);

impl<'a> Query for WriteGroup<'a> {
    type SqlType = <UpsertClusters<'a> as Query>::SqlType;
}

impl QueryFragment<Pg> for WriteGroup<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("with clusters_written as (");
        self.clusters.walk_ast(out.reborrow())?;
        out.push_sql("), history_written as (");
        self.history.insert(out.reborrow())?;
        out.push_sql(" where cluster_id in (select id from clusters_written)) select * from clusters_written");
        Ok(())
    }
}

/// Texts as PostgreSQL writes an array of them: an array of arrays would be unnested down to the texts.
fn array_literal(texts: &[String]) -> String {
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
