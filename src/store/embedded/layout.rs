//! The data directory: what lies where in it, who owns it, the lock that gives it to one server.
//!
//! As root we work in a directory that belongs to an unprivileged account, so every file is opened
//! without following links and changed through its descriptor, never through its name.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;
use nix::unistd::Uid;

use super::account::Account;
use super::error::EmbeddedError;

/// Part of the socket's name and nothing else: no TCP port is opened.
pub(super) const PORT: u16 = 5432;

/// What `sun_path` holds, without its final NUL.
const MAX_SOCKET_PATH: usize = if cfg!(target_os = "linux") { 107 } else { 103 };

/// Also the mark by which we know a directory of ours.
const LOCK_FILE: &str = "stationmaster.lock";

/// A data directory, locked. Unlocks when dropped.
#[derive(Debug)]
pub(super) struct Layout {
    root: PathBuf,
    socket_dir: PathBuf,
    account: Option<Account>,
    _lock: File,
}

impl Layout {
    /// Creates or opens the directory, and locks it.
    pub(super) fn open(data_dir: &Path) -> Result<Self, EmbeddedError> {
        create_dir(data_dir).map_err(EmbeddedError::io("create", data_dir))?;
        let root = data_dir.canonicalize().map_err(EmbeddedError::io("resolve", data_dir))?;
        let in_root = |action| EmbeddedError::io(action, &root);

        let dir = open_dir(&root).map_err(in_root("open"))?;
        let found = dir.metadata().map_err(in_root("examine"))?;
        let account = Account::for_directory(&root, &found)?;
        if !is_free_or_ours(&root).map_err(in_root("list"))? {
            return Err(EmbeddedError::NotOurs { data_dir: root });
        }
        if let Some(account) = &account {
            account.check_reach(&root)?;
            give(&dir, account).map_err(in_root("change the owner of"))?;
        }

        let lock = open_file(&root.join(LOCK_FILE), account.as_ref()).map_err(in_root("create a lock in"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(EmbeddedError::InUse { data_dir: root }),
            Err(TryLockError::Error(error)) => return Err(in_root("lock")(error)),
        }

        let socket_dir = choose_socket_dir(&root, &std::env::temp_dir());
        if let Some(account) = &account {
            account.check_reach(&socket_dir)?;
        }
        create_socket_dir(&socket_dir, account.as_ref())?;
        Ok(Self { root, socket_dir, account, _lock: lock })
    }

    /// The directory itself: canonical.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Postgres's own directory.
    pub(super) fn data(&self) -> PathBuf {
        self.root.join("data")
    }

    pub(super) fn log(&self) -> PathBuf {
        self.root.join("postgres.log")
    }

    pub(super) fn socket_dir(&self) -> &Path {
        &self.socket_dir
    }

    /// Who runs Postgres; `None` when we do.
    pub(super) fn account(&self) -> Option<&Account> {
        self.account.as_ref()
    }
}

impl Drop for Layout {
    fn drop(&mut self) {
        // Leaves nothing behind in a temporary directory. Fails, as it should, on one still in use.
        let _ = fs::remove_dir(&self.socket_dir);
    }
}

/// Where the socket of another server in `data_dir` is. Only we, or who owns the data, may have made it: in a
/// temporary directory anyone may be first.
pub(super) fn existing_socket_dir(data_dir: &Path) -> Result<PathBuf, EmbeddedError> {
    let root = data_dir.canonicalize().map_err(EmbeddedError::io("resolve", data_dir))?;
    let data_owner = fs::metadata(&root).map_err(EmbeddedError::io("examine", &root))?.uid();
    let socket_dir = choose_socket_dir(&root, &std::env::temp_dir());
    let found = fs::symlink_metadata(&socket_dir).map_err(EmbeddedError::io("examine", &socket_dir))?;
    match found.is_dir() && [data_owner, Uid::effective().as_raw()].contains(&found.uid()) {
        true => Ok(socket_dir),
        false => Err(EmbeddedError::SocketDirTaken { path: socket_dir }),
    }
}

/// Whether a postmaster listens in `socket_dir`.
pub(super) fn socket_answers(socket_dir: &Path) -> bool {
    UnixStream::connect(socket_path(socket_dir)).is_ok()
}

/// Clears away the socket of a postmaster that is gone. Its lock file names that postmaster's
/// process, and Postgres would respect it if another process had that number by now.
pub(super) fn remove_stale_socket(socket_dir: &Path) {
    let socket = socket_path(socket_dir);
    let lock = socket_dir.join(format!(".s.PGSQL.{PORT}.lock"));
    for path in [socket, lock] {
        // What cannot be removed, Postgres will complain of better than we could.
        let _ = fs::remove_file(path);
    }
}

/// Opens a file of ours, readable by its owner alone, for reading and appending.
pub(super) fn open_file(path: &Path, account: Option<&Account>) -> io::Result<File> {
    let file = OpenOptions::new()
        .create(true)
        .read(true)
        .append(true)
        .mode(0o600)
        .custom_flags(OFlag::O_NOFOLLOW.bits())
        .open(path)?;
    if let Some(account) = account {
        // A later run as that account must be able to open it.
        give(&file, account)?;
    }
    Ok(file)
}

fn give(file: &File, account: &Account) -> io::Result<()> {
    if file.metadata()?.uid() == account.uid {
        return Ok(());
    }
    fchown(file, Some(account.uid), Some(account.gid))
}

/// Only the directory itself is private: its parents, made on the way, must let others pass.
fn create_dir(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    match DirBuilder::new().mode(0o700).create(path) {
        // Another server was faster: the lock will tell.
        Err(_) if path.is_dir() => Ok(()),
        outcome => outcome,
    }
}

fn open_dir(path: &Path) -> io::Result<File> {
    let flags = OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW;
    OpenOptions::new().read(true).custom_flags(flags.bits()).open(path)
}

/// What may be in a directory before it is ours: a volume is born with the one, and a token that is made before the first
/// start leaves the other.
const HARMLESS: [&str; 2] = ["lost+found", "token.key"];

/// Guards against a slip such as `--data-dir /etc`: as root we would give it away.
fn is_free_or_ours(root: &Path) -> io::Result<bool> {
    let mut is_free = true;
    for entry in fs::read_dir(root)? {
        let name = entry?.file_name();
        is_free &= HARMLESS.iter().any(|harmless| name == *harmless);
    }
    // Asked last: another server may be making it ours meanwhile, and makes the lock first.
    Ok(is_free || root.join(LOCK_FILE).exists())
}

fn socket_path(socket_dir: &Path) -> PathBuf {
    socket_dir.join(format!(".s.PGSQL.{PORT}"))
}

/// `run` in the data directory, or a directory in `temp`, or in /tmp: the first that can hold a
/// socket.
fn choose_socket_dir(root: &Path, temp: &Path) -> PathBuf {
    let name = format!("stationmaster-{:016x}", fnv1a(root.as_os_str().as_encoded_bytes()));
    let fallback = Path::new("/tmp").join(&name);
    [root.join("run"), temp.join(&name)].into_iter().find(|dir| can_hold_socket(dir)).unwrap_or(fallback)
}

/// libpq takes a host with a comma for a list of hosts, however it is quoted.
fn can_hold_socket(dir: &Path) -> bool {
    dir.is_absolute()
        && socket_path(dir).as_os_str().len() <= MAX_SOCKET_PATH
        && !dir.as_os_str().as_encoded_bytes().contains(&b',')
}

/// In a temporary directory anyone may have been there first: the directory must be one that we, or
/// the account that runs Postgres, own.
fn create_socket_dir(path: &Path, account: Option<&Account>) -> Result<(), EmbeddedError> {
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            return Err(EmbeddedError::io("create", path)(error));
        }
        _ => {}
    }
    let taken = |_| EmbeddedError::SocketDirTaken { path: path.to_owned() };
    let dir = open_dir(path).map_err(taken)?;
    let owner = dir.metadata().map_err(EmbeddedError::io("examine", path))?.uid();
    let is_ours = owner == Uid::effective().as_raw() || account.is_some_and(|a| a.uid == owner);
    if !is_ours {
        return Err(EmbeddedError::SocketDirTaken { path: path.to_owned() });
    }
    dir.set_permissions(Permissions::from_mode(0o700))
        .and_then(|()| account.map_or(Ok(()), |account| give(&dir, account)))
        .map_err(EmbeddedError::io("make private", path))
}

/// FNV-1a. The name must be the same in every run and every build, which `DefaultHasher` does not
/// promise.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(root: &str, temp: &str) -> String {
        choose_socket_dir(Path::new(root), Path::new(temp)).display().to_string()
    }

    #[test]
    fn the_socket_lies_in_the_data_directory_when_its_path_is_short_enough() {
        let suffix = "/run/.s.PGSQL.5432";
        let longest = format!("/{}", "d".repeat(MAX_SOCKET_PATH - suffix.len() - 1));
        assert_eq!(chosen(&longest, "/tmp"), format!("{longest}/run"));

        let fallback = chosen(&format!("{longest}d"), "/var/tmp");
        assert!(fallback.starts_with("/var/tmp/stationmaster-"), "{fallback}");
    }

    #[test]
    fn a_temporary_directory_that_is_too_long_itself_gives_way_to_tmp() {
        let long = format!("/{}", "d".repeat(120));
        assert!(chosen(&long, &long).starts_with("/tmp/stationmaster-"));
    }

    #[test]
    fn no_socket_lies_where_libpq_would_see_two_hosts() {
        assert!(chosen("/srv/a,b", "/tmp").starts_with("/tmp/stationmaster-"));
        assert_eq!(chosen("/srv/a b", "/tmp"), "/srv/a b/run");
    }

    #[test]
    fn the_fallback_has_a_name_for_each_data_directory() {
        let long = "d".repeat(120);
        let (one, two) = (format!("/1{long}"), format!("/2{long}"));
        assert_eq!(chosen(&one, "/tmp"), chosen(&one, "/tmp"));
        assert_ne!(chosen(&one, "/tmp"), chosen(&two, "/tmp"));
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8, "the published vector");
    }
}
