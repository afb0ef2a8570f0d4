//! The faults, in the order of the table.

mod answers;
mod crowd;
mod database;
mod killed;
mod poison;
mod stopping;

use std::time::Instant;

use crate::load::Fleet;
use crate::stand::{PLAIN, SetUp, Stand};

/// Something that happens while the servers are under load.
#[derive(Debug)]
pub(crate) struct Fault {
    /// As a test.
    pub(crate) name: &'static str,
    /// In the table.
    pub(crate) title: &'static str,
    pub(crate) set_up: SetUp,
    /// How many cycles show all sides of it.
    pub(crate) short: u32,
    /// Has it happen and pass; answers when it had passed, from when on the servers are to recover.
    pub(crate) strike: fn(&mut Stand) -> anyhow::Result<Instant>,
}

pub(crate) const ALL: [Fault; 12] = [
    Fault { name: "server_killed", title: "`kill -9` of the server", set_up: PLAIN, short: 2, strike: killed::server },
    Fault {
        name: "postgres_killed",
        title: "`kill -9` of all of Postgres",
        set_up: PLAIN,
        short: 1,
        strike: killed::postgres,
    },
    Fault {
        name: "backend_killed",
        title: "`kill -9` of one process of Postgres",
        set_up: PLAIN,
        short: 1,
        strike: killed::backend,
    },
    Fault { name: "both_killed", title: "`kill -9` of both", set_up: PLAIN, short: 1, strike: killed::both },
    Fault {
        name: "postgres_stopped",
        title: "Postgres stopped and started",
        set_up: PLAIN,
        short: 1,
        strike: database::stopped,
    },
    Fault {
        name: "postgres_frozen",
        title: "Postgres frozen and thawed",
        set_up: PLAIN,
        short: 1,
        strike: answers::late,
    },
    Fault {
        name: "answers_lost",
        title: "connections cut after a commit",
        set_up: SetUp { by_link: true, ..PLAIN },
        short: 2,
        strike: answers::lost,
    },
    Fault {
        name: "server_terminated",
        title: "SIGTERM of the server",
        set_up: SetUp { shutdown_delay: "1s", ..PLAIN },
        short: 1,
        strike: stopping::terminated,
    },
    Fault {
        name: "disk_full",
        title: "disk full",
        set_up: SetUp { on_small_disk: true, ..PLAIN },
        short: 2,
        strike: database::disk_full,
    },
    Fault {
        name: "connections_taken",
        title: "connections exhausted by others",
        set_up: PLAIN,
        short: 1,
        strike: database::connections_taken,
    },
    Fault { name: "poison", title: "poison among check-ins", set_up: PLAIN, short: 1, strike: poison::sent },
    Fault {
        name: "two_replicas",
        title: "two replicas, the same clusters",
        set_up: SetUp { servers: 2, fleet: Fleet::Shared, ..PLAIN },
        short: 1,
        strike: crowd::new_cluster,
    },
];
