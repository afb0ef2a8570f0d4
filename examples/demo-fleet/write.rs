//! The one place that knows the tables: the history as check-ins would have left it.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Utc};
use diesel::Connection as _;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Binary, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use stationmaster::domain::components::ComponentSet;
use stationmaster::store::{Connection, partitions, rollups};
use uuid::Uuid;

use crate::clusters::{CheckIn, Cluster};

/// How many rows a statement brings.
const ROWS: usize = 20_000;

const INSERT_SETS: &str = "
    insert into component_sets (hash, components) select * from unnest($1, $2) on conflict (hash) do nothing";

/// No cluster has more than one label here.
const INSERT_CLUSTERS: &str = "
    insert into clusters (id, first_seen, last_seen, checkins, set_hash, labels, first_labels)
    select id, first_seen, last_seen, checkins, set_hash,
           array_remove(array[label], null), array_remove(array[first_label], null)
    from unnest($1, $2, $3, $4, $5, $6, $7)
        as simulated (id, first_seen, last_seen, checkins, set_hash, label, first_label)";

/// The history says null for the labels of the first check-in.
const INSERT_CHECK_INS: &str = "
    insert into checkins (cluster_id, at, set_hash, labels)
    select cluster_id, at, set_hash, case when label is distinct from first_label then array_remove(array[label], null) end
    from unnest($1, $2, $3, $4, $5) as simulated (cluster_id, at, set_hash, label, first_label)";

/// What became of the fleet.
pub(crate) enum Written {
    All,
    /// It was there.
    Nothing,
}

/// Writes the fleet, unless it is there.
pub(crate) fn write(
    connection: &mut Connection,
    clusters: &[Cluster],
    sets: &[ComponentSet],
) -> anyhow::Result<Written> {
    connection.batch_execute("set timezone = 'UTC'; set synchronous_commit = off")?;
    let ids: Vec<Uuid> = clusters.iter().map(|cluster| cluster.id).collect();
    let there = sql_query("select id from clusters where id = any($1) limit 1").bind::<Array<SqlUuid>, _>(ids);
    if there.execute(connection)? > 0 {
        return Ok(Written::Nothing);
    }
    make_partitions(connection, clusters)?;
    connection.transaction(|connection| {
        insert_sets(connection, sets)?;
        for some in clusters.chunks(ROWS) {
            insert_clusters(connection, some, sets)?;
        }
        let all: Vec<(&Cluster, CheckIn)> = clusters.iter().flat_map(Cluster::history).collect();
        for some in all.chunks(ROWS) {
            insert_check_ins(connection, some, sets)?;
        }
        rollups::set_uncounted(connection)?;
        anyhow::Ok(())
    })?;
    connection.batch_execute("analyze component_sets, clusters, checkins")?;
    Ok(Written::All)
}

impl Cluster {
    fn history(&self) -> impl Iterator<Item = (&Self, CheckIn)> {
        self.check_ins.iter().map(move |check_in| (self, *check_in))
    }

    /// What it called itself at first.
    fn first_label(&self) -> Option<&'static str> {
        self.check_ins.first().and_then(|check_in| check_in.label)
    }
}

fn make_partitions(connection: &mut Connection, clusters: &[Cluster]) -> QueryResult<()> {
    let all = clusters.iter().flat_map(|cluster| &cluster.check_ins);
    let months: BTreeMap<(i32, u32), DateTime<Utc>> =
        all.map(|check_in| ((check_in.at.year(), check_in.at.month()), check_in.at)).collect();
    for at in months.into_values() {
        partitions::ensure(connection, at, 0)?;
    }
    Ok(())
}

fn insert_sets(connection: &mut Connection, sets: &[ComponentSet]) -> anyhow::Result<()> {
    let components: Vec<_> = sets.iter().map(|set| serde_json::to_value(set.components())).collect::<Result<_, _>>()?;
    sql_query(INSERT_SETS)
        .bind::<Array<Binary>, _>(sets.iter().map(ComponentSet::hash).collect::<Vec<_>>())
        .bind::<Array<Jsonb>, _>(components)
        .execute(connection)?;
    Ok(())
}

fn insert_clusters(connection: &mut Connection, clusters: &[Cluster], sets: &[ComponentSet]) -> QueryResult<usize> {
    let ends = || clusters.iter().filter_map(|cluster| Some((cluster.check_ins.first()?, cluster.check_ins.last()?)));
    sql_query(INSERT_CLUSTERS)
        .bind::<Array<SqlUuid>, _>(clusters.iter().map(|cluster| cluster.id).collect::<Vec<_>>())
        .bind::<Array<Timestamptz>, _>(ends().map(|(first, _)| first.at).collect::<Vec<_>>())
        .bind::<Array<Timestamptz>, _>(ends().map(|(_, last)| last.at).collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(clusters.iter().map(|cluster| cluster.check_ins.len() as i64).collect::<Vec<_>>())
        .bind::<Array<Binary>, _>(ends().map(|(_, last)| sets[last.set].hash()).collect::<Vec<_>>())
        .bind::<Array<Nullable<Text>>, _>(ends().map(|(_, last)| last.label).collect::<Vec<_>>())
        .bind::<Array<Nullable<Text>>, _>(ends().map(|(first, _)| first.label).collect::<Vec<_>>())
        .execute(connection)
}

fn insert_check_ins(
    connection: &mut Connection,
    check_ins: &[(&Cluster, CheckIn)],
    sets: &[ComponentSet],
) -> QueryResult<usize> {
    sql_query(INSERT_CHECK_INS)
        .bind::<Array<SqlUuid>, _>(check_ins.iter().map(|(cluster, _)| cluster.id).collect::<Vec<_>>())
        .bind::<Array<Timestamptz>, _>(check_ins.iter().map(|(_, check_in)| check_in.at).collect::<Vec<_>>())
        .bind::<Array<Binary>, _>(check_ins.iter().map(|(_, check_in)| sets[check_in.set].hash()).collect::<Vec<_>>())
        .bind::<Array<Nullable<Text>>, _>(check_ins.iter().map(|(_, check_in)| check_in.label).collect::<Vec<_>>())
        .bind::<Array<Nullable<Text>>, _>(
            check_ins.iter().map(|(cluster, _)| cluster.first_label()).collect::<Vec<_>>(),
        )
        .execute(connection)
}
