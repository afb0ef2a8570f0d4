//! The lines of the table, and what they share.

mod ages;
mod check_in;
mod disk;
mod flood;
mod insight;
mod latest;
mod logging;
mod memory;
mod noting;
mod start;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::ValueEnum;
use tempfile::TempDir;

use super::database::Database;
use super::fleet::{self, Names};
use super::history::{self, Amount, Year};
use super::postgres::Postgres;
use super::report::Line;
use super::size::Size;
use super::wrk::{Kind, Requests};
use super::{machine, server, wrk};

/// Lines that are measured together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Group {
    /// Check-ins, and the CPU of one
    CheckIn,
    /// Reading the latest versions, and the CPU of that
    Latest,
    /// What a line of log per request costs
    Logging,
    /// Clusters by age
    Ages,
    /// The fleet in numbers, on a long history
    Insight,
    /// What these numbers add to a check-in
    Noting,
    /// What a caller waits while another floods the server
    Flood,
    /// The disk that a check-in takes
    Disk,
    /// The memory of the server
    Memory,
    /// Starting
    Start,
}

/// What all groups use.
pub(crate) struct Stand {
    pub(crate) size: &'static Size,
    pub(crate) year: Year,
    pub(crate) postgres: Postgres,
    /// A database with a catalogue and a fleet that checks in.
    pub(crate) live: Database,
    // After `postgres`, so that it is removed when nothing uses it any more.
    directory: TempDir,
}

impl Group {
    pub(crate) fn measure(self, stand: &Stand) -> anyhow::Result<Vec<Line>> {
        eprintln!("{self:?}");
        match self {
            Self::CheckIn => check_in::measure(stand),
            Self::Latest => latest::measure(stand),
            Self::Logging => logging::measure(stand),
            Self::Ages => ages::measure(stand),
            Self::Insight => insight::measure(stand),
            Self::Noting => noting::measure(stand),
            Self::Flood => flood::measure(stand),
            Self::Disk => disk::measure(stand),
            Self::Memory => memory::measure(stand),
            Self::Start => start::measure(stand),
        }
    }
}

impl Stand {
    pub(crate) fn new(size: &'static Size) -> anyhow::Result<Self> {
        eprintln!("starting Postgres, and loading a fleet");
        let directory = TempDir::with_prefix("stationmaster-bench-").context("cannot make a directory")?;
        // As root, Postgres runs as another user, who has to get past this directory.
        fs::set_permissions(directory.path(), Permissions::from_mode(0o755)).context("cannot open the directory")?;
        let postgres = Postgres::start(&directory.path().join("postgres"))?;
        let live = postgres.database("live")?;
        let sets = fleet::sets(Names::Long);
        fleet::store_sets(&live, &sets)?;
        fleet::publish(&live, Names::Long)?;
        let year = Year::until_now()?;
        history::load(&live, year, Amount { clusters: size.clusters, each: 2 })?;
        let stand = Self { size, year, postgres, live, directory };
        let reports: Vec<String> = sets.iter().map(fleet::report).collect();
        fs::write(stand.reports(), reports.join("\n")).context("cannot write what clusters report")?;
        fs::write(stand.tokens(), server::cluster_tokens(size.clusters)?).context("cannot write their tokens")?;
        Ok(stand)
    }

    /// A path for a file or directory that goes with this.
    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Check-ins of the fleet in [`live`](Self::live).
    pub(crate) fn check_ins(&self, connections: u32) -> Requests {
        let kind = Kind::CheckIn { bodies: self.reports(), tokens: self.tokens() };
        Requests { kind, ..Requests::get(connections) }
    }

    /// Check-ins of one cluster alone.
    pub(crate) fn check_ins_of_one(&self, connections: u32) -> anyhow::Result<Requests> {
        let tokens = self.path("one-token");
        fs::write(&tokens, server::cluster_tokens(1)?).context("cannot write a token")?;
        let kind = Kind::CheckIn { bodies: self.reports(), tokens };
        Ok(Requests { kind, ..Requests::get(connections) })
    }

    /// The head of the table.
    pub(crate) fn machine(&self) -> anyhow::Result<Vec<String>> {
        let Size { name, judged, rounds, turn, turn_of_one, .. } = self.size;
        let turns = format!(
            "size {name}: {rounds} rounds in which each contestant has its turn, A B A B, of {} s with many callers \
             and {} s with one; figures are medians of the turns, and ratios are of medians",
            turn.as_secs(),
            turn_of_one.as_secs()
        );
        let small = "THE SMALL SIZE ONLY SHOWS THAT EVERYTHING RUNS: ITS FIGURES MEAN NOTHING";
        let built = if cfg!(debug_assertions) { "debug" } else { "release" };
        let server = format!(
            "stationmaster {} {}, {built} build, STATIONMASTER_LOG=warn unless the line says otherwise",
            env!("CARGO_PKG_VERSION"),
            machine::commit()
        );
        let generator = format!(
            "{} with {} threads, on the same machine; {}",
            wrk::version()?,
            wrk::threads(self.size.callers[0]),
            super::pgbench::version(&self.postgres.programs()?)?
        );
        let mut head =
            vec![turns, machine::describe(self.directory.path()), server, self.postgres.describe()?, generator];
        if !judged {
            head.insert(0, small.into());
        }
        Ok(head)
    }

    fn reports(&self) -> PathBuf {
        self.path("reports")
    }

    fn tokens(&self) -> PathBuf {
        self.path("tokens")
    }
}

/// The URL of the latest version of a train.
fn latest_url(server: &str, names: Names) -> String {
    let latest = fleet::latest(names);
    format!("{server}/v4/versions/{}/{}/latest", latest[0].component, latest[0].train)
}
