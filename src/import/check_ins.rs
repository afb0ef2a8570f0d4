//! The history, and whether the old database is the one that some of it came from.

use std::collections::HashMap;

use super::sets::Sets;
use super::{Import, ImportError, Progress, Tally};
use crate::store::imports::{self, Arrival, BLOCK};
use crate::store::old::OldCheckIn;

/// How many check-ins of a block are compared with what came over before.
const SAMPLE: usize = 256;

/// How many are compared at most before an old database counts as another one.
const SAMPLES: usize = 1_024;

impl<P: Progress> Import<'_, P> {
    /// Makes sure that what came over before came from this old database.
    ///
    /// Clusters may have been forgotten here since, and check-ins deleted there. So one check-in that is in both is
    /// enough, they are taken from as many clusters as can be, and an old database that has nothing left of what came
    /// over can be of no harm. What the server may have erased by itself is not compared.
    pub(super) fn recognise(&mut self) -> Result<(), ImportError> {
        let Some(whole_since) = imports::whole_since(self.new)? else { return Ok(()) };
        let mut compared = 0;
        for block in imports::blocks(self.new)?.into_iter().rev() {
            let taken = imports::taken(self.new, block)?;
            let (first, last) = bounds(block);
            let mut sample = HashMap::new();
            for row in self.old.bare_check_ins(first, last)? {
                let row = row?;
                if let (true, Some(id), Ok(at)) = (taken.has(place(&row, first)), row.cluster_id, row.at.read())
                    && at >= whole_since
                {
                    sample.insert(id, at);
                }
            }
            let sample: Vec<_> = sample.into_iter().take(SAMPLE).collect();
            if imports::known(self.new, &sample)? > 0 {
                return Ok(());
            }
            compared += sample.len();
            if compared >= SAMPLES {
                break;
            }
        }
        if compared == 0 { Ok(()) } else { Err(ImportError::AnotherDatabase) }
    }

    pub(super) fn check_ins(&mut self) -> Result<Tally, ImportError> {
        let mut tally = self.start("clusters_checkins")?;
        let mut sets = Sets::default();
        let mut from = Some(i64::MIN);
        while let Some(key) = from {
            let Some(next) = self.old.next_check_in(key)? else { break };
            let (first, last) = bounds(next.div_euclid(BLOCK));
            self.block(first, last, &mut sets, &mut tally)?;
            from = last.checked_add(1);
            self.progress.reached(tally.rows_read());
        }
        Ok(tally)
    }

    fn block(&mut self, first: i64, last: i64, sets: &mut Sets, tally: &mut Tally) -> Result<(), ImportError> {
        let block = first.div_euclid(BLOCK);
        let mut taken = imports::taken(self.new, block)?;
        let mut arrivals = Vec::new();
        for row in self.old.check_ins(first, last)? {
            let row = row?;
            tally.read();
            if taken.has(place(&row, first)) {
                tally.there();
                continue;
            }
            match arrival(&row, sets) {
                Ok(arrival) => {
                    taken.add(place(&row, first));
                    tally.import();
                    arrivals.push(arrival);
                }
                Err(reason) => tally.skip(reason, row.id),
            }
            sets.write_many(self.new)?;
        }
        if !arrivals.is_empty() {
            sets.write(self.new)?;
            imports::write(self.new, block, &taken, &arrivals)?;
        }
        Ok(())
    }
}

/// The first and the last key of a block.
fn bounds(block: i64) -> (i64, i64) {
    (block * BLOCK, block * BLOCK + (BLOCK - 1))
}

/// Where a check-in is in its block, which has fewer keys than any size of a pointer can count.
fn place(row: &OldCheckIn, first: i64) -> usize {
    (row.id - first) as usize
}

fn arrival(row: &OldCheckIn, sets: &mut Sets) -> Result<Arrival, &'static str> {
    // The old service counted from 1, and blocks are counted from 0.
    if row.id < 0 {
        return Err("a key below 0");
    }
    let cluster_id = row.cluster_id.ok_or("no cluster")?;
    let at = row.at.read()?;
    let set_hash = sets.hash(cluster_id, row.data.as_deref())?;
    Ok(Arrival { cluster_id, at, set_hash })
}
