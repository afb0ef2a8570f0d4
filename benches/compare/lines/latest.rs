//! Reading the latest versions, against a handler that answers a constant.

use std::fs;

use anyhow::Context;
use reqwest::{Method, StatusCode};
use serde_json::json;
use stationmaster::domain::components::Installed;

use super::{Stand, latest_url};
use crate::constant::ConstantServer;
use crate::figure::{Figure, Unit};
use crate::fleet::{self, Names};
use crate::probe::{self, Call};
use crate::report::{Line, Reach};
use crate::rounds::{self, Contestant, Load};
use crate::server::{Options, Server};
use crate::wrk::{Kind, Requests};

/// What reading the latest version may cost the server.
const MOST_CPU: f64 = 12e-6;

pub(super) fn measure(stand: &Stand) -> anyhow::Result<Vec<Line>> {
    let [callers, _] = stand.size.callers;
    let server = Server::start(&Options::quiet(&stand.live.url))?;
    let url = latest_url(&server.url, Names::Long);
    let tag = probe::ask(&url, &Call::default(), StatusCode::OK)?.header("etag")?;
    let held = Call { headers: vec![("if-none-match", tag)], ..Call::default() };
    let many = Call { method: Method::POST, body: Some(question()), ..Call::default() };

    let (latest, turns) = compare(stand, &server, "GET latest", &url, &Call::default(), StatusCode::OK, 0.9)?;
    let cpu = Line::new(format!("server CPU per GET latest, {callers} connections"), Figure::cpu(&turns));
    let (unchanged, _) = compare(stand, &server, "GET latest", &url, &held, StatusCode::NOT_MODIFIED, 0.9)?;
    let many_url = format!("{}/v4/versions/latest", server.url);
    let work = format!("multi-get of {}", fleet::COMPONENTS.len());
    let (many, _) = compare(stand, &server, &work, &many_url, &many, StatusCode::OK, 0.5)?;
    Ok(vec![latest, unchanged, many, cpu.at_most(MOST_CPU)])
}

/// Measures a call beside a constant of the same status and size. Also answers the server's own turns.
fn compare(
    stand: &Stand,
    server: &Server,
    work: &str,
    url: &str,
    call: &Call,
    status: StatusCode,
    least: f64,
) -> anyhow::Result<(Line, Vec<Load>)> {
    let [callers, _] = stand.size.callers;
    let answer = probe::ask(url, call, status)?;
    let bytes = answer.body.len();
    let body = stand.path("constant");
    fs::write(&body, answer.body).context("cannot write the constant")?;
    let constant = ConstantServer::start(status, &body)?;
    let kind = match &call.body {
        None => Kind::Get,
        Some(question) => {
            let path = stand.path("question");
            fs::write(&path, question).context("cannot write the question")?;
            Kind::Post(path)
        }
    };
    let headers = call.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    let requests = Requests { headers, kind, ..Requests::get(callers) };

    let ask_server = || server.load(&requests, url, stand.size.turn);
    let ask_constant = || requests.run(&constant.url, stand.size.turn, &constant.process);
    let contestants =
        [Contestant { name: "this server", turn: &ask_server }, Contestant { name: "a constant", turn: &ask_constant }];
    let work = format!("{work}, {status}, {callers} connections", status = status.as_u16());
    let turns = rounds::in_turn(stand.size.rounds, &work, &contestants)?;
    let [ours, theirs] = [&turns[0], &turns[1]].map(|turns| Load::median(turns).cpu.unwrap_or(f64::NAN));
    let line = Line::new(format!("{work}, {bytes} bytes"), Figure::rate(&turns[0]))
        .against("a constant", Figure::rate(&turns[1]), Reach::Faster(least))
        .note(format!("CPU {} against {}", Unit::Seconds.format(ours), Unit::Seconds.format(theirs)));
    Ok((line, turns[0].clone()))
}

/// A question for the latest version of each component, one of them behind.
fn question() -> String {
    let asked = |of: &Installed| json!({"component": of.component, "train": of.train, "installed": of.version});
    let components: Vec<_> = fleet::sets(Names::Long)[0].components().iter().map(asked).collect();
    json!({"components": components}).to_string()
}
