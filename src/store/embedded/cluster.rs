//! The database cluster: made once by `initdb`, all of it or nothing.

use std::fs::{self, File};
use std::io;
use std::process;
use std::time::Instant;

use super::error::EmbeddedError;
use super::layout::Layout;
use super::programs::{MadeBy, Programs};
use super::server_log::last_lines;

/// The role that owns everything in the cluster.
pub(super) const SUPERUSER: &str = "stationmaster";

/// What a cluster in the making is called, before the number of the process that makes it.
const UNFINISHED: &str = "data.new-";

/// Which PostgreSQL made the cluster; `None` when there is none yet.
pub(super) fn major_version(layout: &Layout) -> Result<Option<MadeBy<'_>>, EmbeddedError> {
    let path = layout.data().join("PG_VERSION");
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(EmbeddedError::io("read", &path)(error)),
    };
    let major = text.trim().parse().map_err(|_| {
        let error = io::Error::new(io::ErrorKind::InvalidData, "not the number of a version");
        EmbeddedError::io("read", &path)(error)
    })?;
    Ok(Some(MadeBy { major, root: layout.root() }))
}

/// Makes the cluster under another name and renames it when it is complete and on disk: a crash
/// half-way leaves nothing that looks usable.
///
/// The name is this process's own. The `initdb` of a server that was killed a moment ago may still
/// be writing, or tidying up after itself, and must not do so in our directory.
pub(super) fn create(layout: &Layout, programs: &Programs) -> Result<(), EmbeddedError> {
    let data = layout.data();
    let unfinished = layout.root().join(format!("{UNFINISHED}{}", process::id()));
    tracing::info!("creating a database in {}", layout.root().display());
    let started = Instant::now();

    let output = programs
        .command("initdb")
        .args(["--username", SUPERUSER, "--encoding", "UTF8", "--no-locale", "--data-checksums"])
        // The socket's directory lets only its owner in; that is the authentication.
        .args(["--auth-local", "trust", "--auth-host", "reject", "--pgdata"])
        .arg(&unfinished)
        .output()
        .map_err(EmbeddedError::io("run initdb for", layout.root()))?;
    if !output.status.success() {
        return Err(EmbeddedError::Create {
            data_dir: layout.root().to_owned(),
            status: output.status,
            output: last_lines(&output.stderr),
        });
    }

    fs::rename(&unfinished, &data)
        .and_then(|()| File::open(layout.root())?.sync_all())
        .map_err(EmbeddedError::io("move the new database to", &data))?;
    tracing::debug!(elapsed = ?started.elapsed(), "created the database");
    Ok(())
}

/// Removes what an `initdb` that was killed left. Not while it is still at work, perhaps, but then
/// the next start will.
pub(super) fn remove_unfinished(layout: &Layout) -> Result<(), EmbeddedError> {
    let entries = fs::read_dir(layout.root()).map_err(EmbeddedError::io("list", layout.root()))?;
    for entry in entries.flatten() {
        if !entry.file_name().as_encoded_bytes().starts_with(UNFINISHED.as_bytes()) {
            continue;
        }
        if let Err(error) = fs::remove_dir_all(entry.path()) {
            tracing::warn!(%error, "cannot remove {} yet", entry.path().display());
        }
    }
    Ok(())
}
