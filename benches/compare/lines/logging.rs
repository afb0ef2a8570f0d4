//! What the line that is logged for each request costs.

use super::{Stand, latest_url};
use crate::figure::Figure;
use crate::fleet::Names;
use crate::report::{Line, Reach};
use crate::rounds::{self, Contestant};
use crate::server::{Options, Server};
use crate::wrk::Requests;

pub(super) fn measure(stand: &Stand) -> anyhow::Result<Vec<Line>> {
    let [callers, _] = stand.size.callers;
    let quiet = Server::start(&Options::quiet(&stand.live.url))?;
    let logging = Server::start(&Options { log: None, ..Options::quiet(&stand.live.url) })?;
    let latest = Requests::get(callers);
    let lines = [
        compare(stand, "check-in", &stand.check_ins(callers), [&logging, &quiet], |server| server.url.clone())?,
        compare(stand, "GET latest", &latest, [&logging, &quiet], |server| latest_url(&server.url, Names::Long))?,
    ];
    Ok(lines.into())
}

fn compare(
    stand: &Stand,
    work: &str,
    requests: &Requests,
    [logging, quiet]: [&Server; 2],
    url: impl Fn(&Server) -> String,
) -> anyhow::Result<Line> {
    let turn_of = |server: &Server| {
        stand.postgres.checkpoint()?;
        server.load(requests, &url(server), stand.size.turn)
    };
    let (ask_logging, ask_quiet) = (|| turn_of(logging), || turn_of(quiet));
    let contestants = [
        Contestant { name: "default log", turn: &ask_logging },
        Contestant { name: "STATIONMASTER_LOG=warn", turn: &ask_quiet },
    ];
    let callers = requests.connections;
    let work = format!("{work}, {callers} connections, default log to a file");
    let turns = rounds::in_turn(stand.size.rounds, &work, &contestants)?;
    let line = Line::new(work, Figure::rate(&turns[0]));
    Ok(line.against("STATIONMASTER_LOG=warn", Figure::rate(&turns[1]), Reach::Whatever))
}
