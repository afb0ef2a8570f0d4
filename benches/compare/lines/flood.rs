//! What a caller waits while another one floods the server, against what it waits alone.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use reqwest::StatusCode;

use super::{Stand, latest_url};
use crate::figure::Figure;
use crate::fleet::Names;
use crate::probe::{self, Call};
use crate::report::{Line, Reach};
use crate::rounds::{self, Contestant};
use crate::server::{Options, Server};
use crate::wrk::Requests;

/// How many connections the one has who floods.
const FLOOD: u32 = 64;

/// How many the other has, who asks on each of them about a hundred times a second: within any limit.
const STEADY: u32 = 8;
const PAUSE: Duration = Duration::from_millis(10);

/// How long the flood may take to have had its share.
const PATIENCE: Duration = Duration::from_secs(10);

/// How much longer a caller may wait beside a flood.
const MOST: f64 = 2.0;

pub(super) fn measure(stand: &Stand) -> anyhow::Result<Vec<Line>> {
    let server = Server::start(&Options { arguments: Vec::new(), ..Options::quiet(&stand.live.url) })?;
    let latest_url = latest_url(&server.url, Names::Long);
    let from = |requests: Requests, address: &str| Requests {
        headers: vec![format!("X-Forwarded-For: {address}")],
        ..requests
    };
    let (caller, flooder) = ("198.51.100.7", "203.0.113.77");
    let steady = |requests: Requests| Requests { pause: PAUSE, ..from(requests, caller) };
    // By a trusted proxy, so that no address is limited.
    let one_cluster = stand.check_ins_of_one(FLOOD)?;
    let by_address = "stationmaster_http_refused_total{limit=\"address\"}";
    Ok(vec![
        compare(
            stand,
            &server,
            ("GET latest, beside another address that floods", by_address),
            (&steady(Requests::get(STEADY)), &latest_url),
            (&from(Requests::get(FLOOD), flooder), &latest_url),
        )?,
        compare(
            stand,
            &server,
            ("check-in, beside another address that floods", by_address),
            (&steady(stand.check_ins(STEADY)), &server.url),
            (&from(stand.check_ins(FLOOD), flooder), &server.url),
        )?,
        compare(
            stand,
            &server,
            ("check-in, beside one cluster that floods", "stationmaster_ingest_limited_total"),
            (&steady(stand.check_ins(STEADY)), &server.url),
            (&one_cluster, &server.url),
        )?,
    ])
}

fn compare(
    stand: &Stand,
    server: &Server,
    (work, refused): (&str, &str),
    (steady, url): (&Requests, &str),
    (flood, flooded): (&Requests, &str),
) -> anyhow::Result<Line> {
    let ask_alone = || {
        stand.postgres.checkpoint()?;
        server.load(steady, url, stand.size.turn)
    };
    let ask_beside = || {
        stand.postgres.checkpoint()?;
        let before = refusals(server, refused)?;
        let _flooding = flood.flood(flooded)?;
        // What it may have at once is soon had; what comes after that is what lasts.
        let since = Instant::now();
        while refusals(server, refused)? == before && since.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(100));
        }
        // Without optimisation, the server may answer less than that is.
        ensure!(refusals(server, refused)? != before || !stand.size.judged, "the flood is never refused");
        server.load(steady, url, stand.size.turn)
    };
    let contestants =
        [Contestant { name: "beside a flood", turn: &ask_beside }, Contestant { name: "alone", turn: &ask_alone }];
    let turns = rounds::in_turn(stand.size.rounds, work, &contestants)?;
    let p99 = |turns: &[rounds::Load]| Figure::seconds(turns.iter().map(|turn| turn.p99).collect());
    let name = format!("p99 of {work}: {FLOOD} connections");
    Ok(Line::new(name, p99(&turns[0])).against("alone", p99(&turns[1]), Reach::Costlier(MOST)))
}

/// How many were refused so far, by this counter.
fn refusals(server: &Server, counter: &str) -> anyhow::Result<String> {
    let metrics = probe::ask(&format!("{}/metrics", server.url), &Call::default(), StatusCode::OK)?;
    let text = String::from_utf8(metrics.body).context("metrics are text")?;
    let value = text.lines().find_map(|line| line.strip_prefix(counter));
    value.map(str::to_owned).with_context(|| format!("no {counter} in /metrics"))
}
