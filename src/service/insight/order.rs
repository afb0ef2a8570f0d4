//! Versions in their order, those too that were never published.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::insight::interval::midnight;
use crate::domain::precedence;
use crate::store::rollups::read::Release;

/// The key by which a version is ordered: of two, the newer one has the greater.
pub(super) type Key = (Vec<u8>, DateTime<Utc>);

/// What was published of a component, or of one of its trains.
pub(super) struct Releases {
    /// Those that are not yanked, the oldest first.
    sound: Vec<(Key, Release)>,
    all: HashMap<(String, String), Release>,
}

impl Releases {
    pub(super) fn new(releases: impl IntoIterator<Item = Release>) -> Self {
        let all: HashMap<(String, String), Release> =
            releases.into_iter().map(|release| ((release.train.clone(), release.version.clone()), release)).collect();
        let sound = all.values().filter(|release| release.yanked_at.is_none());
        let mut sound: Vec<(Key, Release)> =
            sound.map(|release| (key(&release.version, Some(release.released)), release.clone())).collect();
        sound.sort_unstable_by(|one, other| one.0.cmp(&other.0));
        Self { sound, all }
    }

    /// What was published under this name.
    pub(super) fn find(&self, train: &str, version: &str) -> Option<&Release> {
        self.all.get(&(train.to_owned(), version.to_owned()))
    }

    /// What was published under this name on any train; the last one of several.
    pub(super) fn find_anywhere(&self, version: &str) -> Option<&Release> {
        self.all.values().filter(|release| release.version == version).max_by_key(|release| release.released)
    }

    /// The key of a version of a train.
    pub(super) fn key(&self, train: &str, version: &str) -> Key {
        key(version, self.find(train, version).map(|release| release.released))
    }

    /// The latest version that was released before a day, with its key.
    pub(super) fn latest(&self, before: NaiveDate) -> Option<&(Key, Release)> {
        self.sound.iter().rev().find(|(_, release)| release.released < midnight(before))
    }

    /// How many versions that were released before a day are newer than this.
    pub(super) fn newer(&self, key: &Key, before: NaiveDate) -> usize {
        let newer = self.sound.iter().rev().take_while(|(sound, _)| sound.0 > key.0);
        newer.filter(|(_, release)| release.released < midnight(before)).count()
    }
}

/// What was never published counts as older than what was, where nothing else tells.
pub(super) fn key(version: &str, released: Option<DateTime<Utc>>) -> Key {
    let released = released.unwrap_or(DateTime::UNIX_EPOCH);
    (precedence::sort_key(version, released), released)
}
