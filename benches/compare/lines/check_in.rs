//! Check-ins against pgbench, and against groups of one.

use std::path::Path;

use reqwest::{Method, StatusCode};

use super::Stand;
use crate::figure::Figure;
use crate::fleet::{self, Names};
use crate::pgbench::Transactions;
use crate::probe::{self, Call};
use crate::report::{Line, Reach};
use crate::rounds::{self, Contestant};
use crate::server::{Options, Server};

/// What a check-in may cost the server.
const MOST_CPU: f64 = 30e-6;

pub(super) fn measure(stand: &Stand) -> anyhow::Result<Vec<Line>> {
    prepare_reference(stand)?;
    let ours = Server::start(&Options::quiet(&stand.live.url))?;
    let bytes = see_one(&ours)?;
    let alone = groups_of_one(stand)?;
    let mut lines = Vec::new();
    for callers in stand.size.callers {
        let reference = transactions(stand, callers)?;
        let turn_of = |server: &Server| {
            stand.postgres.checkpoint()?;
            server.load(&stand.check_ins(callers), &server.url, stand.size.turn)
        };
        let ask_ours = || turn_of(&ours);
        let ask_reference = || {
            stand.postgres.checkpoint()?;
            reference.run(&stand.live, stand.size.turn)
        };
        let ask_alone = || turn_of(&alone);
        let contestants = [
            Contestant { name: "this server", turn: &ask_ours },
            Contestant { name: "pgbench", turn: &ask_reference },
            Contestant { name: "groups of one", turn: &ask_alone },
        ];
        let work = format!("check-in, {callers} connections");
        let turns = rounds::in_turn(stand.size.rounds, &work, &contestants)?;
        let name = format!("{work}, bodies of {bytes} bytes, {} sets", fleet::SETS);
        let line = Line::new(name, Figure::rate(&turns[0]));
        lines.push(line.against("pgbench", Figure::rate(&turns[1]), Reach::Faster(2.0)));
        let line = Line::new(format!("{work}, the same run"), Figure::rate(&turns[0]));
        lines.push(line.against("groups of one", Figure::rate(&turns[2]), Reach::Faster(3.5)));
        if callers == stand.size.callers[0] {
            let name = format!("server CPU per check-in, {callers} connections");
            lines.push(Line::new(name, Figure::cpu(&turns[0])).at_most(MOST_CPU));
        }
    }
    Ok(lines)
}

/// The same server, committing each check-in by itself.
fn groups_of_one(stand: &Stand) -> anyhow::Result<Server> {
    let mut options = Options::quiet(&stand.live.url);
    options.arguments.extend(["--ingest-group", "1"].map(String::from));
    Server::start(&options)
}

/// The same clusters for pgbench, in tables of its own.
fn prepare_reference(stand: &Stand) -> anyhow::Result<()> {
    let mut sql = stand.live.connect()?;
    sql.execute(include_str!("../reference.sql"))?;
    sql.execute(
        "insert into reference_clusters (id, first_seen, last_seen, checkins, components, labels)
         select id, first_seen, last_seen, checkins, components, labels
         from clusters join component_sets on hash = set_hash",
    )?;
    sql.execute("vacuum (analyze) reference_clusters")
}

/// It always writes the same set: it stores whatever comes, so that one is like another to it.
fn transactions(stand: &Stand, clients: u32) -> anyhow::Result<Transactions> {
    let set = &fleet::sets(Names::Long)[0];
    Ok(Transactions {
        program: Path::new(&stand.postgres.programs()?).join("pgbench"),
        clients,
        components: serde_json::to_string(set.components())?,
        labels: format!("{{{}}}", fleet::labels().join(",")),
        clusters: stand.size.clusters,
    })
}

/// Checks in once, to see that it is answered as expected; answers how large the body is.
fn see_one(server: &Server) -> anyhow::Result<usize> {
    let body = fleet::report(&fleet::sets(Names::Long)[0]);
    let bytes = body.len();
    let call = Call { method: Method::POST, body: Some(body), ..Call::default() };
    let url = format!("{}/v4/clusters/00000000-0000-4000-8000-000000000001/checkins", server.url);
    let answer = probe::ask(&url, &call, StatusCode::OK)?;
    let receipt: serde_json::Value = serde_json::from_slice(&answer.body)?;
    let updates = receipt["updates"].as_array().map_or(0, Vec::len);
    anyhow::ensure!(updates == 1, "a cluster is behind in one component, and is told of {updates}");
    anyhow::ensure!((3_400..=3_600).contains(&bytes), "a body has {bytes} bytes");
    Ok(bytes)
}
