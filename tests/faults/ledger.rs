//! What was sent, and what of it was acknowledged.
//!
//! A check-in is known by its cluster and the version that it reports. Most versions are reported only once, so that each
//! such check-in can be found in the history; the others are counted.

use std::collections::{BTreeSet, HashMap};
use std::sync::Mutex;

use uuid::Uuid;

use crate::rules::lock;

/// Everything so far.
#[derive(Debug, Default)]
pub(crate) struct Ledger(Mutex<Entries>);

#[derive(Debug, Default, Clone)]
pub(crate) struct Entries {
    /// By cluster and reported version.
    pub(crate) check_ins: HashMap<(Uuid, String), Count>,
    /// What the receipts of a cluster say of how often it has checked in.
    pub(crate) receipts: HashMap<Uuid, BTreeSet<u64>>,
    /// By component and version.
    pub(crate) versions: HashMap<(String, String), Publication>,
    pub(crate) acknowledged: usize,
}

#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Count {
    pub(crate) sent: u64,
    pub(crate) acknowledged: u64,
}

#[derive(Debug, Default, Clone)]
pub(crate) struct Publication {
    pub(crate) description: String,
    pub(crate) sent: u64,
    pub(crate) is_acknowledged: bool,
}

/// The count that a receipt has to be above: what is sent after a receipt comes after it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Above(u64);

impl Ledger {
    /// To be called before it is sent.
    pub(crate) fn send_check_in(&self, cluster: Uuid, version: &str) -> Above {
        let mut entries = lock(&self.0);
        entries.check_ins.entry((cluster, version.into())).or_default().sent += 1;
        Above(entries.receipts.get(&cluster).and_then(BTreeSet::last).copied().unwrap_or_default())
    }

    /// # Errors
    /// If the receipt cannot be true.
    pub(crate) fn acknowledge_check_in(
        &self,
        cluster: Uuid,
        version: &str,
        above: Above,
        (status, checkins): (u16, Option<u64>),
    ) -> Result<(), String> {
        let mut entries = lock(&self.0);
        entries.acknowledged += 1;
        entries.check_ins.entry((cluster, version.into())).or_default().acknowledged += 1;
        let Some(checkins) = checkins else { return Err("the receipt does not say how often it has".into()) };
        let is_new = entries.receipts.entry(cluster).or_default().insert(checkins);
        match checkins {
            _ if !is_new => Err(format!("check-in {checkins} was acknowledged before")),
            _ if checkins <= above.0 => Err(format!("check-in {checkins} comes after check-in {}", above.0)),
            _ if (checkins == 1) != (status == 201) => Err(format!("check-in {checkins} was answered with {status}")),
            _ => Ok(()),
        }
    }

    /// To be called before it is sent.
    pub(crate) fn send_version(&self, component: &str, version: &str, description: &str) {
        let mut entries = lock(&self.0);
        let publication = entries.versions.entry((component.into(), version.into())).or_default();
        publication.description = description.into();
        publication.sent += 1;
    }

    /// # Errors
    /// If it was there although it was sent only once.
    pub(crate) fn acknowledge_version(&self, component: &str, version: &str, status: u16) -> Result<(), String> {
        let mut entries = lock(&self.0);
        entries.acknowledged += 1;
        let publication = entries.versions.entry((component.into(), version.into())).or_default();
        publication.is_acknowledged = true;
        match (publication.sent, status) {
            (1, 200) => Err("it was there before it was sent".into()),
            _ => Ok(()),
        }
    }

    pub(crate) fn acknowledged(&self) -> usize {
        lock(&self.0).acknowledged
    }

    pub(crate) fn entries(&self) -> Entries {
        lock(&self.0).clone()
    }
}
