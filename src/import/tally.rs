//! What became of the rows of a table.

use std::collections::BTreeMap;
use std::fmt::Display;

/// How many examples of each reason are kept.
const EXAMPLES: usize = 3;

/// Who is told how far an import is.
pub trait Progress {
    /// A table of so many rows comes next.
    fn start(&mut self, table: &'static str, rows: u64);
    /// So many rows of it have been read.
    fn reached(&mut self, rows: u64);
}

/// What became of the rows of a table: every row that was read was imported, was there, or was skipped for a reason.
#[derive(Debug)]
pub struct Tally {
    table: &'static str,
    read: u64,
    imported: u64,
    there: u64,
    skipped: BTreeMap<&'static str, Skipped>,
}

/// The rows that were skipped for one reason.
#[derive(Debug, Default)]
pub struct Skipped {
    /// How many they are.
    pub count: u64,
    /// The keys of the first of them.
    pub examples: Vec<String>,
}

impl Tally {
    pub(super) fn new(table: &'static str) -> Self {
        Self { table, read: 0, imported: 0, there: 0, skipped: BTreeMap::new() }
    }

    pub(super) fn read(&mut self) {
        self.read += 1;
    }

    pub(super) fn import(&mut self) {
        self.imported += 1;
    }

    pub(super) fn there(&mut self) {
        self.there += 1;
    }

    pub(super) fn skip(&mut self, reason: &'static str, key: impl Display) {
        let skipped = self.skipped.entry(reason).or_default();
        skipped.count += 1;
        if skipped.examples.len() < EXAMPLES {
            skipped.examples.push(key.to_string());
        }
    }

    /// How many rows have been read so far.
    pub fn rows_read(&self) -> u64 {
        self.read
    }

    /// The table, as the old service called it.
    pub fn table(&self) -> &'static str {
        self.table
    }

    /// How many rows were read, were imported, were there already, and were skipped.
    pub fn counts(&self) -> [u64; 4] {
        [self.read, self.imported, self.there, self.skipped.values().map(|skipped| skipped.count).sum()]
    }

    /// Why rows were skipped.
    pub fn skipped(&self) -> impl Iterator<Item = (&'static str, &Skipped)> {
        self.skipped.iter().map(|(reason, skipped)| (*reason, skipped))
    }
}
