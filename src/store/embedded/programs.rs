//! The PostgreSQL programs: where they are, which version they are, how they are called.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::account::Account;
use super::error::EmbeddedError;

/// The oldest major version that its makers still mend.
pub(super) const OLDEST_MAJOR: u32 = 14;

/// Where packages put each major version: a directory, and what surrounds the number in it.
const PER_MAJOR: [(&str, &str, &str); 6] = [
    ("/usr/lib/postgresql", "", "bin"),       // Debian, Ubuntu
    ("/usr", "pgsql-", "bin"),                // postgresql.org's packages for Red Hat
    ("/usr/libexec", "postgresql", ""),       // Alpine
    ("/usr/local/lib/postgresql", "", "bin"), // the Docker Official Image's own builds
    ("/opt/homebrew/opt", "postgresql@", "bin"),
    ("/usr/local/opt", "postgresql@", "bin"), // Homebrew on Intel
];

/// Where PostgreSQL's own `make install` puts it.
const FROM_SOURCE: &str = "/usr/local/pgsql/bin";

/// A directory with `initdb` and `postgres`, and the account to run them as.
#[derive(Debug)]
pub(super) struct Programs {
    bin_dir: PathBuf,
    account: Option<Account>,
}

impl Programs {
    /// The programs in `bin_dir`, or the first that fit on `PATH` and in the usual places. With
    /// `made_by`, only that major version fits.
    pub(super) fn find(
        bin_dir: Option<&Path>,
        made_by: Option<MadeBy<'_>>,
        account: Option<&Account>,
    ) -> Result<Self, EmbeddedError> {
        let candidates = match bin_dir {
            Some(dir) => vec![dir.to_owned()],
            None => usual_places(std::env::var_os("PATH")),
        };
        let mut passed_over = Vec::new();
        for bin_dir in candidates {
            if !["initdb", "postgres"].iter().all(|name| bin_dir.join(name).is_file()) {
                continue;
            }
            let programs = Self { bin_dir, account: account.cloned() };
            let place = programs.bin_dir.display();
            match programs.major_version() {
                Ok(major) if made_by.map_or(major >= OLDEST_MAJOR, |made| major == made.major) => {
                    tracing::debug!(%place, major, "found the PostgreSQL programs");
                    return Ok(programs);
                }
                Ok(major) => passed_over.push(format!("{place} has {major}")),
                Err(error) => passed_over.push(format!("{place} does not run: {error}")),
            }
        }
        let passed_over = match passed_over.as_slice() {
            [] => String::new(),
            all => format!(" ({})", all.join("; ")),
        };
        Err(match made_by {
            None => EmbeddedError::NoPrograms { passed_over },
            Some(MadeBy { major, root }) => EmbeddedError::OtherMajor { data_dir: root.to_owned(), major, passed_over },
        })
    }

    /// Runs `program` as the right user, away from the terminal, with an environment that does not
    /// depend on ours. On Linux it is interrupted when the thread that spawns it ends.
    pub(super) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.bin_dir.join(program));
        command
            .env_clear()
            .envs([("LC_ALL", "C"), ("TZ", "UTC"), ("PATH", "/usr/bin:/bin")])
            .current_dir("/")
            .stdin(Stdio::null())
            // Ctrl-C at the terminal is for us alone; we decide when Postgres stops.
            .process_group(0);
        if let Some(account) = &self.account {
            command.uid(account.uid).gid(account.gid);
        }
        die_with_parent(&mut command);
        command
    }

    fn major_version(&self) -> io::Result<u32> {
        let output = self.command("postgres").arg("--version").output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        parse_version(&text)
            .ok_or_else(|| io::Error::other(format!("`postgres --version` ended with {}", output.status)))
    }
}

/// The major version that made an existing database, and where that is.
#[derive(Clone, Copy, Debug)]
pub(super) struct MadeBy<'a> {
    pub(super) major: u32,
    pub(super) root: &'a Path,
}

/// `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`: 15.
fn parse_version(text: &str) -> Option<u32> {
    let (_, version) = text.split_once("(PostgreSQL) ")?;
    let digits = version.find(|c: char| !c.is_ascii_digit()).unwrap_or(version.len());
    version[..digits].parse().ok()
}

/// Relative entries of `PATH` mean a different place to a program that runs in `/`.
fn usual_places(path: Option<OsString>) -> Vec<PathBuf> {
    let path = path.unwrap_or_default();
    let on_path = std::env::split_paths(&path).filter(|dir| dir.is_absolute());
    let installed = PER_MAJOR.iter().flat_map(|(base, prefix, bin)| {
        let entries = fs::read_dir(base).into_iter().flatten().flatten();
        let names = entries.map(|entry| entry.file_name());
        newest_first(names, prefix).into_iter().map(move |name| Path::new(base).join(name).join(bin))
    });
    on_path.chain(installed).chain([FROM_SOURCE.into()]).collect()
}

/// The names that are `prefix` and a number, the largest number first.
fn newest_first(names: impl Iterator<Item = OsString>, prefix: &str) -> Vec<OsString> {
    let number = |name: &OsStr| name.to_str()?.strip_prefix(prefix)?.parse::<u32>().ok();
    let mut numbered: Vec<_> = names.filter_map(|name| Some((number(&name)?, name))).collect();
    numbered.sort_unstable();
    numbered.into_iter().rev().map(|(_, name)| name).collect()
}

/// Has the kernel send the child SIGINT (to Postgres: shut down fast) when the thread that spawned
/// it ends, however it ends.
#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
fn die_with_parent(command: &mut Command) {
    use nix::errno::Errno;
    use nix::sys::{prctl, signal::Signal};
    use nix::unistd::{getpid, getppid};

    let parent = getpid();
    let arrange = move || {
        prctl::set_pdeathsig(Signal::SIGINT)?;
        // The parent may have died before the line above.
        if getppid() == parent { Ok(()) } else { Err(Errno::ESRCH.into()) }
    };
    // SAFETY: between fork and exec only async-signal-safe functions may be called. The closure
    // makes two system calls; it does not allocate, lock or panic, and neither do its errors, which
    // are bare numbers. The standard library runs it after changing the user, which would undo it.
    unsafe {
        command.pre_exec(arrange);
    }
}

/// Elsewhere the next start shuts down a Postgres that outlived its server.
#[cfg(not(target_os = "linux"))]
fn die_with_parent(_: &mut Command) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_major_version_of_releases_and_previews() {
        let debian = "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n";
        assert_eq!(parse_version(debian), Some(15));
        assert_eq!(parse_version("postgres (PostgreSQL) 17beta1\n"), Some(17));
        assert_eq!(parse_version("postgres (PostgreSQL) 18"), Some(18));
        assert_eq!(parse_version("postgres: not found"), None);
        assert_eq!(parse_version(""), None);
    }

    #[test]
    fn orders_versions_by_number_and_ignores_the_rest() {
        let names = ["postgresql@9", "postgresql@17", "postgresql", "postgresql@14", "python@3"];
        let ordered = newest_first(names.into_iter().map(OsString::from), "postgresql@");
        assert_eq!(ordered, ["postgresql@17", "postgresql@14", "postgresql@9"]);
    }

    #[test]
    fn looks_on_the_path_first_and_skips_relative_entries() {
        let places = usual_places(Some("/one:two:/three".into()));
        assert_eq!(places[..2], [PathBuf::from("/one"), PathBuf::from("/three")]);
        assert_eq!(places.last(), Some(&PathBuf::from(FROM_SOURCE)));
    }
}
