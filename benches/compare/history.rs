//! Clusters and their check-ins, loaded by SQL as if they had come one by one over a year.

use anyhow::Context;
use chrono::{DateTime, Datelike, Days, Months, NaiveTime, TimeDelta, Utc};
use stationmaster::clock;
use stationmaster::store::{self, partitions};

use super::database::{Database, Sql};
use super::{fleet, interrupt};

/// The days of the year on which no cluster could check in: they are in everybody's history, and match nothing.
pub(crate) const AWAY: [u32; 2] = [180, 190];

/// How many days a cluster is seen, at least: none is created and gone within less.
pub(crate) const LEAST_LIFE: u32 = 30;

/// The year in which everything happened: it begins with a month, and ends now.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Year {
    start: DateTime<Utc>,
    days: f64,
}

impl Year {
    /// The year until now.
    pub(crate) fn until_now() -> anyhow::Result<Self> {
        let now = clock::now();
        let month = now.date_naive().with_day(1).and_then(|day| day.checked_sub_months(Months::new(12)));
        let start = month.context("no year before this one")?.and_time(NaiveTime::MIN).and_utc();
        Ok(Self { start, days: (now - start).as_seconds_f64() / TimeDelta::days(1).as_seconds_f64() })
    }

    /// The beginning of a day of the year, from 0.
    pub(crate) fn day(&self, number: u32) -> DateTime<Utc> {
        self.start + Days::new(number.into())
    }
}

/// How many clusters there are and how often each has checked in, twice at least.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Amount {
    pub(crate) clusters: u32,
    pub(crate) each: u32,
}

/// Fills a migrated database that holds the sets. When a cluster is first and last seen does not depend on `each`.
pub(crate) fn load(database: &Database, year: Year, amount: Amount) -> anyhow::Result<()> {
    let Amount { clusters, each } = amount;
    eprintln!("  loading {clusters} clusters with {each} check-ins each");
    let mut connection = store::connect(&database.url.clone().into())?;
    partitions::ensure(&mut connection, year.start, 12 + partitions::MONTHS_AHEAD)?;

    let mut sql = database.connect()?;
    // For this session alone; the data is as durable as ever once it is checkpointed.
    sql.execute("set synchronous_commit = off; set work_mem = '256MB'; set maintenance_work_mem = '512MB'")?;
    let dropped = drop_indexes(&mut sql)?;
    sql.execute(&make_fleet(year, clusters))?;
    for number in 0..each {
        interrupt::check()?;
        let part = f64::from(number) / f64::from(each - 1);
        sql.execute(&format!(
            "insert into checkins (cluster_id, at, set_hash) select id, {}, set_hash from fleet",
            instant(year, &format!("first + (last - first) * {part}"))
        ))?;
    }
    sql.execute(
        "insert into clusters (id, first_seen, last_seen, checkins, set_hash, labels)
         select cluster_id, min(at), max(at), count(*), set_hash, '{}' from checkins
         group by cluster_id, set_hash order by min(at)",
    )?;
    for statement in dropped {
        interrupt::check()?;
        sql.execute(&statement)?;
    }
    for table in ["clusters", "checkins", "component_sets"] {
        sql.execute(&format!("vacuum (analyze) {table}"))?;
    }
    sql.execute("checkpoint")
}

/// The expression for the id of the cluster with this number, as check-in.lua and reference.pgbench have it.
fn cluster_id(number: &str) -> String {
    format!("('00000000-0000-4000-8000-' || lpad(to_hex({number}), 12, '0'))::uuid")
}

/// The expression for an instant, from days of the year without those on which nobody checked in.
fn instant(year: Year, days: &str) -> String {
    let [from, to] = AWAY;
    let start = year.start.to_rfc3339();
    format!(
        "timestamptz '{start}' + interval '1 day' * ({days} + case when {days} >= {from} then {} else 0 end)",
        to - from
    )
}

/// A table with each cluster's first and last day. Always the same: nothing in it runs in parallel.
fn make_fleet(year: Year, clusters: u32) -> String {
    let [from, to] = AWAY;
    let last_day = year.days - f64::from(to - from);
    format!(
        "set max_parallel_workers_per_gather = 0;
         select setseed(0.5);
         create temporary table fleet as
         with sets as (select array_agg(hash order by hash) as hashes from component_sets),
         born as materialized (
             select n, random() * ({last_day} - {LEAST_LIFE}) as first from generate_series(1, {clusters}) n
         )
         select {} as id, hashes[1 + n % {}] as set_hash, first,
             first + {LEAST_LIFE} + random() * ({last_day} - {LEAST_LIFE} - first) as last
         from born, sets",
        cluster_id("n"),
        fleet::SETS,
    )
}

/// Drops the indexes and foreign keys of what is to be filled; answers the statements that make them again.
fn drop_indexes(sql: &mut Sql) -> anyhow::Result<Vec<String>> {
    const OURS: &str = "('clusters'::regclass, 'checkins'::regclass)";
    let foreign_keys = |change: &str| {
        format!(
            "select format('alter table %s {change}', conrelid::regclass, conname, pg_get_constraintdef(oid))
                 from pg_constraint where contype = 'f' and conrelid in {OURS} and conparentid = 0"
        )
    };
    let indexes = |change: &str| format!("select {change} from pg_index where indrelid in {OURS} and not indisprimary");
    // Of a table that has partitions the definition says `only`, which would leave them out.
    let mut make_again = sql.texts(&indexes("replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ')"))?;
    make_again.extend(sql.texts(&foreign_keys("add constraint %I %s"))?);
    let mut drop = sql.texts(&foreign_keys("drop constraint %I"))?;
    drop.extend(sql.texts(&indexes("format('drop index %s', indexrelid::regclass)"))?);
    for statement in drop {
        sql.execute(&statement)?;
    }
    Ok(make_again)
}
