//! Questions about the fleet in numbers, on a long history; and what noting the numbers down adds to a check-in.

use std::time::Instant;

use anyhow::{Context, ensure};
use chrono::SecondsFormat;
use reqwest::StatusCode;
use stationmaster::store;
use stationmaster::store::rollups::{self, Purpose};

use super::Stand;
use crate::database::Database;
use crate::figure::{Figure, thousands};
use crate::fleet::{self, Names};
use crate::history::{self, Amount};
use crate::probe::{self, Call};
use crate::report::{Line, Reach};
use crate::rounds::{self, Contestant, Load};
use crate::server::{self, Options, Server};
use crate::wrk::Requests;

/// How long an answer may take, for 99 callers of 100.
const MOST: f64 = 0.1;

/// What is asked, of the whole year unless it says otherwise.
const QUESTIONS: [(&str, &str); 14] = [
    ("activity by week", "activity?interval=week"),
    ("activity by day", "activity?interval=day"),
    ("adoption by week", "adoption?interval=week&component=router"),
    ("adoption by day", "adoption?interval=day&component=router"),
    ("laggards by week", "laggards?interval=week&component=router&version=v2.20.11"),
    ("laggards by day", "laggards?interval=day&component=router&version=v2.20.11"),
    ("ages by week", "ages?interval=week"),
    ("ages by day", "ages?interval=day"),
    ("retention by week", "retention?interval=week"),
    ("components by week", "components?interval=week"),
    ("sets by week", "components/sets?interval=week"),
    ("freshness by week", "freshness?interval=week"),
    ("labels by week", "labels?interval=week"),
    ("adoption by week, some labels left out", "adoption?interval=week&component=router&not_label=ci&not_label=test"),
];

pub(super) fn measure(stand: &Stand) -> anyhow::Result<Vec<Line>> {
    let [_, each] = stand.size.checkins_each;
    let database = stand.postgres.database("insight")?;
    fleet::store_sets(&database, &fleet::sets(Names::Short))?;
    fleet::publish(&database, Names::Short)?;
    history::load(&database, stand.year, Amount { clusters: stand.size.fleet, each })?;
    let counting = count(&database)?;
    let server = Server::start(&Options::quiet(&database.url))?;
    let token = server::token()?;
    let by_history = see(stand, &database, &server, &token)?;

    let check_ins = thousands((stand.size.fleet * each).into());
    let mut lines = Vec::new();
    for (work, question) in QUESTIONS {
        let url = url(stand, &server, question);
        let ask = || ask(stand, &server, &url, &token);
        let turns =
            rounds::in_turn(stand.size.rounds, work, &[Contestant { name: "this server", turn: &ask }])?.remove(0);
        let p99 = Figure::seconds(turns.iter().map(|turn| turn.p99).collect());
        let line = Line::new(format!("p99 of {work} over a year; {check_ins} check-ins"), p99).at_most(MOST);
        lines.push(line.note(format!("p50 {}", Figure::wait(&turns))));
    }
    let by_week = Figure::wait(&[ask(stand, &server, &url(stand, &server, QUESTIONS[0].1), &token)?]);
    let line = Line::new(format!("activity by week over a year; {check_ins} check-ins"), by_week);
    lines.push(line.against("GROUP BY", Figure::seconds(vec![by_history]), Reach::Faster(100.0)));
    lines.push(Line::new(format!("counting {check_ins} check-ins anew"), Figure::seconds(vec![counting])));
    Ok(lines)
}

/// Counts what was loaded; answers how long that took, in seconds.
fn count(database: &Database) -> anyhow::Result<f64> {
    let mut connection = store::connect(&database.url.clone().into())?;
    let started = Instant::now();
    let mut said = Instant::now();
    rollups::rebuild(&mut connection, Purpose::Replace, &mut |progress| {
        if said.elapsed().as_secs() >= 10 {
            said = Instant::now();
            eprintln!("  counted {} of {} clusters", progress.counted, progress.clusters);
        }
    })?
    .context("somebody else counts")?;
    let seconds = started.elapsed().as_secs_f64();
    eprintln!("  counted in {seconds:.1} s");
    database.connect()?.execute("vacuum (analyze)")?;
    Ok(seconds)
}

/// Holds what the server says of activity against the history; answers how long the history takes, in seconds.
fn see(stand: &Stand, database: &Database, server: &Server, token: &str) -> anyhow::Result<f64> {
    let call = Call { headers: vec![("authorization", format!("Bearer {token}"))], ..Call::default() };
    let answer = probe::ask(&url(stand, server, QUESTIONS[0].1), &call, StatusCode::OK)?;
    let answer: serde_json::Value = serde_json::from_slice(&answer.body)?;
    let weeks = answer["data"].as_array().context("no intervals")?;
    let said: f64 = weeks.iter().filter_map(|week| week["all"]["active"].as_f64()).sum();
    let started = Instant::now();
    let expected = database.connect()?.number(&format!(
        "select sum(clusters) from (
             select count(distinct cluster_id) as clusters from checkins where at >= '{}'
             group by date_trunc('week', at at time zone 'UTC')
         ) as weeks",
        weeks[0]["start"].as_str().context("no start")?
    ))?;
    let seconds = started.elapsed().as_secs_f64();
    ensure!(said == expected, "the server counts {said} active clusters over all weeks, and the history {expected}");
    Ok(seconds)
}

/// Asks again and again, one caller alone.
fn ask(stand: &Stand, server: &Server, url: &str, token: &str) -> anyhow::Result<Load> {
    let headers = vec![format!("Authorization: Bearer {token}")];
    server.load(&Requests { headers, ..Requests::get(1) }, url, stand.size.turn_of_one)
}

fn url(stand: &Stand, server: &Server, question: &str) -> String {
    let from = stand.year.day(31).to_rfc3339_opts(SecondsFormat::Secs, true);
    let separator = if question.contains('?') { '&' } else { '?' };
    format!("{}/v4/insight/{question}{separator}from={from}", server.url)
}
