//! The memory of the server's process: what it has of its own, and what it shares.

use std::time::Duration;

use reqwest::StatusCode;

use super::{Stand, latest_url};
use crate::figure::Figure;
use crate::fleet::{self, Names};
use crate::probe::{self, Call};
use crate::report::Line;
use crate::server::{Options, Server};
use crate::wrk::Requests;

/// How long a server is left alone before it counts as idle.
const SETTLING: Duration = Duration::from_secs(1);

pub(super) fn measure(stand: &Stand) -> anyhow::Result<Vec<Line>> {
    let [_, callers] = stand.size.callers;
    let server = Server::start(&Options::quiet(&stand.live.url))?;
    let url = latest_url(&server.url, Names::Long);
    probe::ask(&url, &Call::default(), StatusCode::OK)?;
    std::thread::sleep(SETTLING);
    let idle = server.process.memory()?.now;

    let latest = Requests::get(callers);
    server.load(&stand.check_ins(callers), &server.url, stand.size.turn)?;
    server.load(&latest, &url, stand.size.turn)?;
    let loaded = server.process.memory()?.peak;
    drop(server);

    let trains = stand.size.trains;
    let database = stand.postgres.database("catalogue")?;
    fleet::publish_many(&database, trains)?;
    let server = Server::start(&Options::quiet(&database.url))?;
    let url = format!("{}/v4/versions/component-{trains:06}/stable/latest", server.url);
    probe::ask(&url, &Call::default(), StatusCode::OK)?;
    server.load(&latest, &url, stand.size.turn)?;
    let catalogue = server.process.memory()?.peak;

    let line = |work: String, bytes, most| Line::new(work, Figure::bytes(bytes)).at_most(most);
    Ok(vec![
        line("RSS, idle".into(), idle, 25e6),
        line(format!("RSS, peak under check-ins and reads of {callers} connections"), loaded, 80e6),
        line(format!("RSS, peak with {trains} component × train, and reads"), catalogue, 250e6),
    ])
}
