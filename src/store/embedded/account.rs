//! Who runs Postgres when we are root (Postgres refuses to), and whether they can get there.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nix::unistd::{Gid, Uid, User};

use super::error::EmbeddedError;

/// The unprivileged user that runs Postgres for root. Supplementary groups do not count: `Command`
/// drops them when it changes the user.
#[derive(Clone, Debug)]
pub(super) struct Account {
    pub(super) uid: u32,
    pub(super) gid: u32,
    name: String,
}

impl Account {
    /// The owner of `dir` unless that is root too, else `postgres`, else `nobody`. `None` when we
    /// are not root and Postgres can run as ourselves.
    pub(super) fn for_directory(path: &Path, dir: &Metadata) -> Result<Option<Self>, EmbeddedError> {
        if !Uid::effective().is_root() {
            return Ok(None);
        }
        if dir.uid() != 0 {
            let user = User::from_uid(Uid::from_raw(dir.uid())).ok().flatten();
            return Ok(Some(user.map_or_else(|| Self::nameless(dir.uid(), dir.gid()), Self::from)));
        }
        ["postgres", "nobody"]
            .into_iter()
            .find_map(|name| User::from_name(name).ok().flatten())
            .map(|user| Some(user.into()))
            .ok_or_else(|| EmbeddedError::NoAccount { data_dir: path.to_owned() })
    }

    /// Refuses a directory this account cannot get to. Postgres would fail on it too, with a
    /// message that names neither the account nor the directory at fault.
    pub(super) fn check_reach(&self, path: &Path) -> Result<(), EmbeddedError> {
        match self.barrier_above(path) {
            None => Ok(()),
            Some(barrier) => {
                Err(EmbeddedError::Unreachable { account: self.name.clone(), barrier, path: path.to_owned() })
            }
        }
    }

    /// The topmost directory above `path` that this account may not enter.
    fn barrier_above(&self, path: &Path) -> Option<PathBuf> {
        let mut above: Vec<_> = path.ancestors().skip(1).collect();
        above.reverse();
        above.into_iter().find(|dir| fs::metadata(dir).is_ok_and(|found| !self.may_enter(&found))).map(Path::to_owned)
    }

    fn may_enter(&self, dir: &Metadata) -> bool {
        self.has_execute((dir.uid(), dir.gid()), dir.mode())
    }

    /// The kernel's rule: the first class that fits decides, even when a later one allows more.
    fn has_execute(&self, (owner, group): (u32, u32), mode: u32) -> bool {
        let bit = if owner == self.uid {
            0o100
        } else if group == self.gid {
            0o010
        } else {
            0o001
        };
        mode & bit != 0
    }

    fn nameless(uid: u32, gid: u32) -> Self {
        Self { uid, gid, name: uid.to_string() }
    }
}

impl From<User> for Account {
    fn from(user: User) -> Self {
        Self { uid: user.uid.as_raw(), gid: Gid::as_raw(user.gid), name: user.name }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_class_that_fits_decides() {
        let account = Account::nameless(101, 104);
        assert!(account.has_execute((101, 0), 0o700));
        assert!(!account.has_execute((101, 104), 0o677), "owner, whatever the others may do");
        assert!(account.has_execute((0, 104), 0o710));
        assert!(!account.has_execute((0, 104), 0o701), "group, whatever the others may do");
        assert!(account.has_execute((0, 0), 0o711));
        assert!(!account.has_execute((0, 0), 0o700), "/root");
    }
}
