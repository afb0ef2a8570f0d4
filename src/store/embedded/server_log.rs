//! `postgres.log`: what Postgres prints, kept within bounds.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::account::Account;
use super::layout;

/// Above this the log is set aside. One old log is kept, so the two take about twice this.
const MAX_BYTES: u64 = 4 << 20;

/// How much of the log an error quotes.
const QUOTED_LINES: usize = 10;
const QUOTED_BYTES: u64 = 8 << 10;

#[derive(Debug)]
pub(super) struct ServerLog {
    path: PathBuf,
    account: Option<Account>,
}

impl ServerLog {
    pub(super) fn new(path: PathBuf, account: Option<&Account>) -> Self {
        Self { path, account: account.cloned() }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// For Postgres to write to.
    pub(super) fn open(&self) -> io::Result<File> {
        layout::open_file(&self.path, self.account.as_ref())
    }

    /// Copies a log that has grown too large to `postgres.log.old` and empties it. Postgres holds
    /// it open, for appending, so it can be emptied but not replaced.
    pub(super) fn rotate(&self) -> io::Result<()> {
        let mut log = self.open()?;
        if log.metadata()?.len() <= MAX_BYTES {
            return Ok(());
        }
        let old_path = self.path.with_extension("log.old");
        let mut old = layout::open_file(&old_path, self.account.as_ref())?;
        old.set_len(0)?;
        io::copy(&mut log, &mut old)?;
        log.set_len(0)
    }

    /// The last lines written after the first `start` bytes, for an error; empty when unreadable.
    pub(super) fn last_lines_since(&self, start: u64) -> String {
        let read = || -> io::Result<Vec<u8>> {
            let mut log = self.open()?;
            let end = log.metadata()?.len();
            log.seek(SeekFrom::Start(start.max(end.saturating_sub(QUOTED_BYTES))))?;
            let mut bytes = Vec::new();
            log.take(QUOTED_BYTES).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        last_lines(&read().unwrap_or_default())
    }
}

/// The last lines a program printed, as many as an error should quote, indented.
pub(super) fn last_lines(printed: &[u8]) -> String {
    let text = String::from_utf8_lossy(printed);
    let lines: Vec<_> = text.lines().collect();
    let quoted = &lines[lines.len().saturating_sub(QUOTED_LINES)..];
    quoted.iter().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_the_end_of_what_was_printed() {
        assert_eq!(last_lines(b""), "");
        assert_eq!(last_lines(b"one\ntwo\n"), "  one\n  two");
        let many: String = (1..=99).map(|n| format!("{n}\n")).collect();
        let quoted = last_lines(many.as_bytes());
        assert_eq!(quoted.lines().count(), QUOTED_LINES);
        assert!(quoted.ends_with("  99"));
    }
}
