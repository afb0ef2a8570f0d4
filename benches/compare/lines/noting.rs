//! What the numbers over time add to a check-in: groups recorded as they are, against the statement without them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Binary, Text, Timestamptz, Uuid as SqlUuid};
use stationmaster::domain::components::ComponentSet;
use stationmaster::store::checkins::{Proof, Recorder, Report};
use stationmaster::store::{self, Connection, partitions, rollups};
use uuid::Uuid;

use super::Stand;
use crate::figure::Figure;
use crate::fleet::{self, Names};
use crate::report::{Line, Reach};
use crate::rounds::{self, Contestant, Load};

/// How many check-ins a group has, and how many groups a turn.
const GROUP: u32 = 500;

/// What the numbers may add: 15 in 100.
const LEAST: f64 = 0.87;

/// The statement as it would be without the numbers, around what is bound.
const WITHOUT: [&str; 3] = [
    "with clusters_written as (
        insert into clusters as known (id, first_seen, last_seen, checkins, set_hash, labels, legacy, claim)
        select id, at, at, 1, hash, labels::text[], null, '' from unnest(",
    ") as reported (id, at, hash, labels)
        on conflict (id) do update set
        first_seen = least(known.first_seen, excluded.first_seen),
        last_seen = greatest(known.last_seen, excluded.last_seen),
        checkins = known.checkins + excluded.checkins,
        set_hash = excluded.set_hash, labels = excluded.labels, legacy = excluded.legacy, claim = excluded.claim
        where known.claim is null or excluded.claim = '' or excluded.claim = known.claim
        returning known.id, known.first_seen, known.last_seen, known.checkins, known.xmax = 0 as is_new
    ), history_written as (
        insert into checkins (cluster_id, at, set_hash) select id, at, hash from unnest(",
    ") as reported (id, at, hash) where id in (select id from clusters_written)
    )
    select count(*) from clusters_written",
];

/// How a fleet behaves between two turns of all of its clusters.
#[derive(Clone, Copy)]
struct Fleet {
    name: &'static str,
    /// How much later each turn is.
    pause: TimeDelta,
    /// Whether clusters run something else each time.
    changes: bool,
}

pub(super) fn measure(stand: &Stand) -> anyhow::Result<Vec<Line>> {
    [
        Fleet { name: "a fleet that checks in every hour", pause: TimeDelta::hours(1), changes: false },
        Fleet { name: "a fleet that checks in every day", pause: TimeDelta::days(1), changes: false },
        Fleet { name: "a fleet that changes with each check-in", pause: TimeDelta::hours(1), changes: true },
    ]
    .into_iter()
    .enumerate()
    .map(|(number, fleet)| compare(stand, number, fleet))
    .collect()
}

fn compare(stand: &Stand, number: usize, fleet: Fleet) -> anyhow::Result<Line> {
    let [ours, theirs] = ["with", "without"].map(|name| stand.postgres.database(&format!("noting_{name}_{number}")));
    let [ours, theirs] = [Recording::new(stand, &ours?.url, fleet)?, Recording::new(stand, &theirs?.url, fleet)?];
    let [ours, theirs] = [std::cell::RefCell::new(ours), std::cell::RefCell::new(theirs)];
    let with = || {
        stand.postgres.checkpoint()?;
        ours.borrow_mut().turn(Recording::record)
    };
    let without = || {
        stand.postgres.checkpoint()?;
        theirs.borrow_mut().turn(Recording::record_without)
    };
    let contestants =
        [Contestant { name: "with numbers", turn: &with }, Contestant { name: "without", turn: &without }];
    let turns = rounds::in_turn(stand.size.rounds, fleet.name, &contestants)?;
    let line = Line::new(format!("check-ins recorded in groups of {GROUP}, {}", fleet.name), Figure::rate(&turns[0]));
    Ok(line.against("without numbers", Figure::rate(&turns[1]), Reach::Faster(LEAST)))
}

/// A database that is written to, over and over, by the same clusters.
struct Recording {
    connection: Connection,
    recorder: Recorder,
    sets: Vec<Arc<ComponentSet>>,
    clusters: u32,
    now: DateTime<Utc>,
    fleet: Fleet,
    turns: usize,
}

impl Recording {
    fn new(stand: &Stand, url: &str, fleet: Fleet) -> anyhow::Result<Self> {
        let mut recording = Self {
            connection: store::connect(&url.to_owned().into())?,
            recorder: Recorder::new(false),
            sets: fleet::sets(Names::Short).into_iter().map(Arc::new).collect(),
            clusters: stand.size.clusters,
            now: stand.year.day(31),
            fleet,
            turns: 0,
        };
        partitions::ensure(&mut recording.connection, recording.now, 12)?;
        // All are known, and so are all sets.
        recording.turn(Self::record)?;
        recording.turn(Self::record)?;
        Ok(recording)
    }

    /// Has each cluster check in once; what is noted down is counted, too.
    fn turn(&mut self, record: impl Fn(&mut Self, &[Report]) -> anyhow::Result<()>) -> anyhow::Result<Load> {
        self.now += self.fleet.pause;
        self.turns += 1;
        let started = Instant::now();
        for group in 0..self.clusters / GROUP {
            let reports: Vec<Report> = (0..GROUP).map(|at| self.report(group * GROUP + at)).collect();
            record(self, &reports)?;
        }
        rollups::fold(&mut self.connection)?;
        let seconds = started.elapsed().as_secs_f64();
        let requests = f64::from(self.clusters / GROUP * GROUP);
        let each = seconds / requests;
        Ok(Load { rate: requests / seconds, p50: each, p99: each, cpu: None, requests })
    }

    fn report(&self, number: u32) -> Report {
        let shift = if self.fleet.changes { self.turns } else { 0 };
        Report {
            cluster_id: fleet::cluster(number),
            at: self.now,
            components: Arc::clone(&self.sets[(number as usize + shift) % self.sets.len()]),
            labels: Vec::new(),
            legacy: None,
            proof: Proof::Token,
        }
    }

    fn record(&mut self, reports: &[Report]) -> anyhow::Result<()> {
        let recorded = self.recorder.record(&mut self.connection, &reports.iter().collect::<Vec<_>>());
        recorded.map(drop).map_err(|failure| failure.error.into())
    }

    fn record_without(&mut self, reports: &[Report]) -> anyhow::Result<()> {
        let ordered: BTreeMap<_, _> = reports.iter().map(|report| (report.cluster_id, report)).collect();
        let group = Without {
            ids: ordered.keys().copied().collect(),
            times: ordered.values().map(|report| report.at).collect(),
            hashes: ordered.values().map(|report| report.components.hash()).collect(),
            labels: vec!["{}"; ordered.len()],
        };
        let written: i64 = group.get_result(&mut self.connection).context("the statement without numbers")?;
        anyhow::ensure!(written as usize == ordered.len(), "{written} clusters were written");
        Ok(())
    }
}

/// The group of the statement without numbers, which is prepared once, as the server's is.
struct Without {
    ids: Vec<Uuid>,
    times: Vec<DateTime<Utc>>,
    hashes: Vec<[u8; 16]>,
    labels: Vec<&'static str>,
}

impl QueryId for Without {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Without {
    type SqlType = BigInt;
}

impl RunQueryDsl<Connection> for Without {}

impl QueryFragment<Pg> for Without {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let [head, history, tail] = WITHOUT;
        out.push_sql(head);
        out.push_bind_param::<Array<SqlUuid>, _>(&self.ids)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Timestamptz>, _>(&self.times)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Binary>, _>(&self.hashes)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.labels)?;
        out.push_sql(history);
        out.push_bind_param::<Array<SqlUuid>, _>(&self.ids)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Timestamptz>, _>(&self.times)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Binary>, _>(&self.hashes)?;
        out.push_sql(tail);
        Ok(())
    }
}
