//! Check-ins: what clusters report, written down in groups.

mod history;
mod late;
mod prepared;
mod statements;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Datelike, Utc};
use diesel::Connection as _;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use serde_json::Value;
use uuid::Uuid;

use super::rollups::moves;
use super::{Connection, partitions};
use crate::domain::components::ComponentSet;
use history::{History, InsertHistory};
use statements::{InsertSets, Known, UpsertClusters, WriteClusters, WriteGroup};

/// How many sets to remember as written. A fleet of a million clusters runs a few thousand.
const MOST_SETS: usize = 65_536;

/// What a cluster reports.
#[derive(Debug, Clone)]
pub struct Report {
    /// The cluster.
    pub cluster_id: Uuid,
    /// When it reported.
    pub at: DateTime<Utc>,
    /// What it runs.
    pub components: Arc<ComponentSet>,
    /// What it is counted as; without repetitions.
    pub labels: Vec<String>,
    /// What a check-in of v2 or v3 said besides its components; none if nothing.
    pub legacy: Option<Value>,
    /// What it shows for being of that cluster.
    pub proof: Proof,
}

/// What a check-in shows for being of its cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// Nothing, as in v2 and v3: it counts while nobody has claimed the cluster.
    Nothing,
    /// It claims the cluster. It counts if nobody has yet, or with this very claim, and the token was not shown since.
    Claim([u8; 16]),
    /// The cluster's token.
    Token,
}

impl Report {
    /// By what reports of a cluster are ordered: the time, and something for two at one microsecond.
    fn order(&self) -> (DateTime<Utc>, [u8; 16], &[String]) {
        (self.at, self.components.hash(), &self.labels)
    }

    /// Whether two reports differ in their times at most.
    fn says_the_same_as(&self, other: &Self) -> bool {
        self.components.hash() == other.components.hash() && self.labels == other.labels
    }
}

/// The first of these reports.
fn oldest<'a>(reports: &[&'a Report]) -> Option<&'a Report> {
    reports.iter().copied().min_by(|one, other| one.order().cmp(&other.order()))
}

/// The last of these reports: what it says is what counts.
fn newest<'a>(reports: &[&'a Report]) -> Option<&'a Report> {
    reports.iter().copied().max_by(|one, other| one.order().cmp(&other.order()))
}

/// Whether two instants are on one day of UTC.
fn is_within_a_day(one: DateTime<Utc>, other: DateTime<Utc>) -> bool {
    one.date_naive() == other.date_naive()
}

impl Proof {
    /// What the database keeps of it.
    fn kept(&self) -> Option<&[u8]> {
        match self {
            Self::Nothing => None,
            Self::Claim(claim) => Some(claim),
            Self::Token => Some(&[]),
        }
    }
}

/// What is known of a cluster after its check-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// When it first checked in.
    pub first_seen: DateTime<Utc>,
    /// When it last checked in.
    pub last_seen: DateTime<Utc>,
    /// How often it has checked in.
    pub checkins: i64,
    /// Whether this was the first time.
    pub is_first: bool,
}

/// What became of a check-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is recorded.
    Recorded(Recorded),
    /// It is not recorded: it comes late or beside others, for which [`Recorder::record_late`] is there; or it does not count.
    LateOrClaimed,
}

/// Why check-ins were not recorded.
#[derive(Debug)]
pub struct Failure {
    /// What the database refused.
    pub error: Error,
    /// Whether they may be recorded all the same: the connection broke while they were committed.
    pub is_doubtful: bool,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, is_doubtful: false }
    }
}

/// Records check-ins, and remembers which sets of components are there.
#[derive(Debug)]
pub struct Recorder {
    /// The hashes of sets that need not be written. Bounded.
    known: HashSet<[u8; 16]>,
    is_spread: bool,
}

impl Recorder {
    /// A recorder for a database that is spread over many machines, or is not.
    pub fn new(is_spread: bool) -> Self {
        Self { known: HashSet::new(), is_spread }
    }

    /// Forgets what is there: it may be another database.
    pub fn forget(&mut self) {
        self.known.clear();
    }

    /// Records check-ins in one transaction, in their order; answers what became of each.
    ///
    /// All check-ins of a cluster must show the same.
    ///
    /// # Errors
    /// What the database refuses. Nothing is recorded then, or everything where that is doubtful.
    pub fn record(&mut self, connection: &mut Connection, reports: &[&Report]) -> Result<Vec<Verdict>, Failure> {
        match self.write(connection, reports) {
            // Partitions are made ahead. A clock that jumps may still come before them.
            Err(Failure { error: Error::DatabaseError(DatabaseErrorKind::CheckViolation, _), .. }) => {
                let months: BTreeMap<_, _> =
                    reports.iter().map(|report| ((report.at.year(), report.at.month()), report.at)).collect();
                for at in months.into_values() {
                    partitions::ensure(connection, at, 0)?;
                }
                self.write(connection, reports)
            }
            recorded => recorded,
        }
    }

    /// Records check-ins of one cluster of which [`Recorder::record`] says that they may be late; answers what is known
    /// after each, and none if they do not count, as somebody else has claimed the cluster.
    ///
    /// # Errors
    /// What the database refuses. Nothing is recorded then, or everything where that is doubtful.
    pub fn record_late(
        &mut self,
        connection: &mut Connection,
        reports: &[&Report],
    ) -> Result<Option<Vec<Recorded>>, Failure> {
        late::record(connection, reports)
    }

    /// Sets before clusters before history, and each in its order, always: writers that lock in one order do not deadlock.
    fn write(&mut self, connection: &mut Connection, reports: &[&Report]) -> Result<Vec<Verdict>, Failure> {
        let sets = reports.iter().map(|report| &*report.components);
        let new: BTreeMap<[u8; 16], &ComponentSet> =
            sets.filter(|set| !self.known.contains(&set.hash())).map(|set| (set.hash(), set)).collect();
        let clusters = UpsertClusters::of(reports);
        let mut is_doubtful = false;
        let written = match new.is_empty() && !self.is_spread {
            // A statement by itself is a transaction, in one round trip.
            true => {
                is_doubtful = true;
                WriteGroup { clusters, history: History::of(reports) }.load(connection)
            }
            false => connection.transaction(|connection| {
                if !new.is_empty() {
                    InsertSets::of(&new)?.execute(connection)?;
                }
                let written = match self.is_spread {
                    false => WriteGroup { clusters, history: History::of(reports) }.load(connection)?,
                    // Citus takes only one of them at a time.
                    true => {
                        let written: Vec<Known> = WriteClusters(clusters).load(connection)?;
                        let first_labels: HashMap<Uuid, &[String]> =
                            written.iter().map(|it| (it.id, it.first_labels.as_deref().unwrap_or_default())).collect();
                        let counting = reports.iter().filter_map(|it| Some((*it, *first_labels.get(&it.cluster_id)?)));
                        InsertHistory::of(&counting.collect::<Vec<_>>()).execute(connection)?;
                        moves::insert(connection, first_labels.into_keys())?;
                        written
                    }
                };
                is_doubtful = true;
                Ok(written)
            }),
        };
        match written {
            Ok(written) => {
                self.remember(new.into_keys());
                Ok(recorded(reports, written))
            }
            Err(error) => {
                // Whatever it was: after it, nothing is taken for written that may not be.
                self.forget();
                Err(Failure { error, is_doubtful })
            }
        }
    }

    fn remember(&mut self, hashes: impl IntoIterator<Item = [u8; 16]>) {
        if self.known.len() >= MOST_SETS {
            // Those that are still in use come back with the next groups.
            self.forget();
        }
        self.known.extend(hashes);
    }
}

/// What became of each of these check-ins, where `written` is known after all of them that are recorded. Those of one
/// cluster are counted up.
fn recorded(reports: &[&Report], written: Vec<Known>) -> Vec<Verdict> {
    let mut left: HashMap<Uuid, i64> = HashMap::with_capacity(written.len());
    for report in reports {
        *left.entry(report.cluster_id).or_default() += 1;
    }
    let written: HashMap<Uuid, Known> = written.into_iter().map(|known| (known.id, known)).collect();
    let verdict = |report: &&Report| {
        let Some(known) = written.get(&report.cluster_id) else { return Verdict::LateOrClaimed };
        let left = left.entry(report.cluster_id).or_default();
        *left -= 1;
        Verdict::Recorded(known.before(*left))
    };
    reports.iter().map(verdict).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_ins_of_one_cluster_are_counted_up() {
        let [one, other, refused] = [1, 2, 3].map(Uuid::from_u128);
        let at = |second| DateTime::from_timestamp(second, 0).expect("in range");
        let report = |cluster_id| Report {
            cluster_id,
            at: at(5),
            components: Arc::new(ComponentSet::new(Vec::new())),
            labels: Vec::new(),
            legacy: None,
            proof: Proof::Token,
        };
        let reports = [report(one), report(other), report(one), report(refused)];
        let known = |id, checkins, is_new| Known {
            id,
            first_seen: at(1),
            last_seen: at(5),
            checkins,
            is_new,
            first_labels: None,
        };
        let counted: Vec<_> = recorded(&reports.each_ref(), vec![known(other, 7, false), known(one, 2, true)])
            .into_iter()
            .map(|verdict| match verdict {
                Verdict::Recorded(recorded) => Some((recorded.checkins, recorded.is_first)),
                Verdict::LateOrClaimed => None,
            })
            .collect();
        assert_eq!(counted, [Some((1, true)), Some((7, false)), Some((2, false)), None]);
    }

    #[test]
    fn the_memory_of_sets_is_bounded() {
        let mut recorder = Recorder::new(false);
        for number in 0..200_000_u128 {
            recorder.remember([number.to_be_bytes()]);
            assert!(recorder.known.contains(&number.to_be_bytes()));
            assert!(recorder.known.len() <= MOST_SETS);
        }
    }
}
