//! `postmaster.pid`: what a postmaster says of itself in its data directory.

use std::fs;
use std::path::{Path, PathBuf};

use nix::unistd::Pid;

/// The lines we need of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PidFile {
    pub(super) pid: Pid,
    pub(super) is_ready: bool,
}

impl PidFile {
    pub(super) fn path(data: &Path) -> PathBuf {
        data.join("postmaster.pid")
    }

    /// `None` when there is no such file, or it is being written.
    pub(super) fn read(data: &Path) -> Option<Self> {
        // It names the data directory too, whose name need not be UTF-8.
        parse(&String::from_utf8_lossy(&fs::read(Self::path(data)).ok()?))
    }
}

/// The first line is the process (negated for one in single-user mode), the last its status.
fn parse(text: &str) -> Option<PidFile> {
    let pid: i32 = text.lines().next()?.trim().parse().ok()?;
    let is_ready = text.lines().next_back()?.trim() == "ready";
    // 0 and 1 would mean "my process group" and "everyone" when negated or signalled.
    (pid.unsigned_abs() > 1).then_some(PidFile { pid: Pid::from_raw(pid.saturating_abs()), is_ready })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_process_and_whether_it_is_ready() {
        let lines = "4711\n/srv/data\n1700000000\n5432\n/srv/run\n\n  1234  0\n";
        let starting = PidFile { pid: Pid::from_raw(4711), is_ready: false };
        assert_eq!(parse(lines), Some(starting));
        assert_eq!(parse(&format!("{lines}starting\n")), Some(starting));
        let ready = PidFile { is_ready: true, ..starting };
        assert_eq!(parse(&format!("{lines}ready   \n")), Some(ready));
    }

    #[test]
    fn a_file_that_is_empty_or_torn_says_nothing() {
        for text in ["", "\n", "x\nready\n", "0\nready\n", "-1\nready\n"] {
            assert_eq!(parse(text), None, "{text:?}");
        }
        assert_eq!(parse("-4711\n").map(|file| file.pid), Some(Pid::from_raw(4711)));
    }
}
