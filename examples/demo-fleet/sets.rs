//! What clusters run: what a release of Workflow is made of, and the ways in which clusters stray from it.
//!
//! There are few ways, as in a real fleet: so there are few distinct sets, each run by many.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use fastrand::Rng;
use stationmaster::domain::components::{ComponentSet, Installed};

use crate::catalog::{Catalog, SAME_RELEASE, WORKFLOW, Workflow};

/// How a cluster strays from the releases of Workflow.
struct Habit {
    /// How many of a hundred clusters have it.
    share: u32,
    /// Components that are upgraded so many weeks late.
    late: (&'static [&'static str], i64),
    /// Components that are patched between the releases of Workflow, every four weeks.
    patched: &'static [&'static str],
    /// Components that have stayed on the beta train.
    beta: &'static [&'static str],
    /// Components that the cluster has from elsewhere, or can do without. Workflow itself is everywhere.
    absent: &'static [&'static str],
}

const AS_RELEASED: Habit = Habit { share: 35, late: (&[], 0), patched: &[], beta: &[], absent: &[] };

const HABITS: [Habit; 11] = [
    AS_RELEASED,
    Habit { share: 13, late: (&["deis-database", "deis-minio", "deis-registry"], 34), ..AS_RELEASED },
    Habit {
        share: 14,
        patched: &["deis-router", "deis-builder", "deis-controller", "deis-database", "deis-logger"],
        ..AS_RELEASED
    },
    Habit { share: 8, late: (&["deis-logger", "deis-logger-fluentd", "deis-monitor"], 20), ..AS_RELEASED },
    Habit { share: 7, late: (&["deis-slugbuilder", "deis-slugrunner", "deis-dockerbuilder"], 12), ..AS_RELEASED },
    Habit { share: 6, absent: &["deis-database", "deis-minio", "deis-registry-token-refresher"], ..AS_RELEASED },
    Habit { share: 7, patched: &["deis-controller", "deis-database"], late: (&["deis-router"], 16), ..AS_RELEASED },
    Habit { share: 4, beta: &["deis-logger", "deis-monitor"], ..AS_RELEASED },
    Habit {
        share: 3,
        absent: &["deis-logger", "deis-logger-fluentd", "deis-logger-redis", "deis-nsqd", "deis-monitor"],
        ..AS_RELEASED
    },
    Habit {
        share: 2,
        absent: &["deis-builder", "deis-dockerbuilder", "deis-registry", "deis-slugbuilder", "deis-slugrunner"],
        ..AS_RELEASED
    },
    Habit { share: 1, absent: &["deis-controller", "deis-router", "deis-workflow-manager"], ..AS_RELEASED },
];

/// How often components are patched that are.
const PATCHED_EVERY: TimeDelta = TimeDelta::weeks(4);

/// What a set is made from: the release of Workflow, the habit, and when it was patched.
type Recipe = (usize, usize, Option<DateTime<Utc>>);

/// All sets that have been run.
pub(crate) struct Sets {
    catalog: Catalog,
    known: HashMap<Recipe, usize>,
    by_hash: HashMap<[u8; 16], usize>,
    sets: Vec<ComponentSet>,
    /// The release of Workflow that each set is of.
    workflows: Vec<usize>,
}

impl Sets {
    pub(crate) fn new(catalog: Catalog) -> Self {
        let (known, by_hash) = (HashMap::new(), HashMap::new());
        Self { catalog, known, by_hash, sets: Vec::new(), workflows: Vec::new() }
    }

    /// The releases of Workflow, oldest first.
    pub(crate) fn workflows(&self) -> &[Workflow] {
        self.catalog.workflows()
    }

    pub(crate) fn all(&self) -> &[ComponentSet] {
        &self.sets
    }

    /// The release of Workflow that a set is of.
    pub(crate) fn workflow_of(&self, set: usize) -> &Workflow {
        &self.workflows()[self.workflows[set]]
    }

    /// The habit of a new cluster.
    pub(crate) fn habit(rng: &mut Rng) -> usize {
        let mut drawn = rng.u32(0..HABITS.iter().map(|habit| habit.share).sum());
        for (number, habit) in HABITS.iter().enumerate() {
            match drawn.checked_sub(habit.share) {
                Some(rest) => drawn = rest,
                None => return number,
            }
        }
        0
    }

    /// The set of a cluster of this habit on this release of Workflow at this time.
    pub(crate) fn of(&mut self, workflow: usize, habit: usize, at: DateTime<Utc>) -> usize {
        let start = self.workflows()[0].released;
        let patched = (!HABITS[habit].patched.is_empty()).then(|| {
            let rounds = (at - start).num_seconds().div_euclid(PATCHED_EVERY.num_seconds());
            start + TimeDelta::seconds(rounds * PATCHED_EVERY.num_seconds()) - SAME_RELEASE
        });
        let recipe = (workflow, habit, patched);
        if let Some(set) = self.known.get(&recipe) {
            return *set;
        }
        let set = self.made_from(recipe);
        let next = self.sets.len();
        let number = *self.by_hash.entry(set.hash()).or_insert(next);
        if number == next {
            self.sets.push(set);
            self.workflows.push(workflow);
        }
        self.known.insert(recipe, number);
        number
    }

    fn made_from(&self, (workflow, habit, patched): Recipe) -> ComponentSet {
        let (workflow, habit) = (&self.workflows()[workflow], &HABITS[habit]);
        let installed = |component: &str| {
            if habit.absent.contains(&component) {
                return None;
            }
            let (late, weeks) = habit.late;
            let by = match patched {
                Some(patched) if habit.patched.contains(&component) => workflow.released.max(patched),
                _ if late.contains(&component) => workflow.released - TimeDelta::weeks(weeks),
                _ => workflow.released,
            };
            let train = if habit.beta.contains(&component) { "beta" } else { workflow.train.as_str() };
            let version = match component {
                WORKFLOW => &workflow.version,
                _ => self.catalog.latest(component, train, by, workflow)?,
            };
            Some(Installed { component: component.into(), train: train.into(), version: version.into() })
        };
        ComponentSet::new(self.catalog.components().filter_map(installed).collect())
    }
}
