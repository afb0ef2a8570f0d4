//! Bringing over the database of an old workflow-manager-api. It can be interrupted at any time, and run again at any time: only what is new comes over.

mod body;
mod check_ins;
mod sets;
mod tally;

use chrono::SubsecRound;
use secrecy::SecretString;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::domain::names;
use crate::service::legacy::report;
use crate::store::audit::Actor;
use crate::store::imports::{self, Resident, Settled};
use crate::store::old::{Old, OldError, OldVersion};
use crate::store::versions::{self, Content, Key, Published};
use crate::store::{Connection, QueryError, rollups};

pub use tally::{Progress, Tally};

/// How many rows of the smaller tables are read at once. What clusters sent is held in memory meanwhile.
const BATCH: i64 = 250;

/// Why an import stopped. What has come over stays.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The old database cannot be read.
    #[error(transparent)]
    Old(#[from] OldError),
    /// This service's database refused something.
    #[error("cannot write to the database: {0}")]
    Query(#[from] QueryError),
    /// Another import has the lock.
    #[error("another import is running; wait until it has ended")]
    Running,
    /// The check-ins that came over before are not those of this database.
    #[error("another old database was imported here before, whose check-ins have the same numbers; only one can be")]
    AnotherDatabase,
}

/// An import under way.
pub struct Import<'a, P> {
    old: Old,
    new: &'a mut Connection,
    progress: P,
}

impl<'a, P: Progress> Import<'a, P> {
    /// Connects to the old database, and makes sure that this import may go on from what came over before.
    ///
    /// # Errors
    /// If it cannot.
    pub fn new(from: &SecretString, new: &'a mut Connection, progress: P) -> Result<Self, ImportError> {
        let old = Old::open(from)?;
        if !imports::lock(new)? {
            return Err(ImportError::Running);
        }
        // Numbers of what has come over in part are worth nothing.
        rollups::hold(new)?;
        let mut import = Self { old, new, progress };
        import.recognise()?;
        Ok(import)
    }

    /// Brings everything over; answers what became of each table's rows.
    ///
    /// # Errors
    /// What stopped it.
    pub fn run(mut self) -> Result<[Tally; 4], ImportError> {
        // Clusters after check-ins: they tell what each of them sent last.
        Ok([self.versions()?, self.check_ins()?, self.clusters()?, self.doctors()?])
    }

    fn start(&mut self, table: &'static str) -> Result<Tally, ImportError> {
        self.progress.start(table, self.old.count(table)?);
        Ok(Tally::new(table))
    }

    fn versions(&mut self) -> Result<Tally, ImportError> {
        let mut tally = self.start("versions")?;
        let actor = Actor::command("import");
        let mut after = i64::MIN;
        loop {
            let rows = self.old.versions(after, BATCH)?;
            let Some(last) = rows.last() else { return Ok(tally) };
            after = last.id;
            for row in rows {
                tally.read();
                let id = row.id;
                match version(row) {
                    Err(reason) => tally.skip(reason, id),
                    Ok((key, content)) => match versions::publish(self.new, &actor, &key, &content)? {
                        Published::New(_) => tally.import(),
                        Published::Same(_) => tally.there(),
                        Published::Conflict => {
                            tally.skip("another release of this name is here with other content", id)
                        }
                    },
                }
            }
            self.progress.reached(tally.rows_read());
        }
    }

    fn clusters(&mut self) -> Result<Tally, ImportError> {
        let mut tally = self.start("clusters")?;
        let mut after = None;
        loop {
            let (before, mut residents) = (tally.rows_read(), Vec::new());
            for row in self.old.clusters(after, BATCH)? {
                let row = row?;
                after = Some(row.id);
                tally.read();
                match body::cluster(row.data.as_deref()) {
                    Ok(kept) => {
                        residents.push(Resident { id: row.id, components: kept.components, legacy: kept.legacy });
                    }
                    Err(reason) => tally.skip(reason, row.id),
                }
            }
            if tally.rows_read() == before {
                return Ok(tally);
            }
            let settled = imports::settle(self.new, &residents)?;
            for (resident, settled) in residents.iter().zip(settled) {
                match settled {
                    Settled::Imported => tally.import(),
                    Settled::There => tally.there(),
                    Settled::Unknown => tally.skip("no check-in of it came over", resident.id),
                }
            }
            self.progress.reached(tally.rows_read());
        }
    }

    fn doctors(&mut self) -> Result<Tally, ImportError> {
        let mut tally = self.start("doctors")?;
        let mut after: Option<Uuid> = None;
        loop {
            let before = tally.rows_read();
            for row in self.old.doctors(after, BATCH)? {
                let row = row?;
                after = Some(row.id);
                tally.read();
                match body::doctor_report(row.data.as_deref()) {
                    Err(reason) => tally.skip(reason, row.id),
                    Ok(report) => match imports::report(self.new, row.id, &report)? {
                        true => tally.import(),
                        false => tally.there(),
                    },
                }
            }
            if tally.rows_read() == before {
                return Ok(tally);
            }
            self.progress.reached(tally.rows_read());
        }
    }
}

fn version(row: OldVersion) -> Result<(Key, Content), &'static str> {
    let (Some(component), Some(train), Some(version)) = (row.component, row.train, row.version) else {
        return Err("no name");
    };
    let faults = [names::component_fault(&component), names::train_fault(&train), names::version_fault(&version)];
    if faults.iter().any(Option::is_some) {
        return Err("a name that is not allowed");
    }
    let released = row.released.read()?.trunc_subsecs(0);
    let data = report::data(body::release(row.data.as_deref())?);
    let texts = [&data.description, &data.fixes, &data.image];
    if texts.into_iter().flatten().any(|text| text.contains('\0')) {
        return Err("a text with U+0000");
    }
    let content = Content {
        released: Some(released),
        description: data.description,
        fixes: data.fixes,
        image: data.image,
        metadata: Value::Object(Map::new()),
    };
    Ok((Key { component, train, version }, content))
}
