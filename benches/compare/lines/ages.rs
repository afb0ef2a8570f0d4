//! Clusters by age, against a GROUP BY over their history, and with a history ten times as long.

use std::time::Instant;

use anyhow::Context;
use chrono::{DateTime, SecondsFormat, Utc};
use reqwest::StatusCode;

use super::Stand;
use crate::database::Database;
use crate::figure::{Figure, Unit, thousands};
use crate::fleet::{self, Names};
use crate::history::{self, AWAY, Amount, LEAST_LIFE};
use crate::probe::{self, Call};
use crate::report::{Line, Reach};
use crate::rounds::{self, Contestant, Load};
use crate::server::{self, Options, Server};
use crate::wrk::Requests;

/// How many clusters a page has.
const PAGE: u32 = 100;

/// A database of the same clusters, with a history of this length, and the server on it.
struct Fleet {
    checkins: u32,
    database: Database,
    server: Server,
    /// Whether the database can tell how long statements take.
    accounts: bool,
}

/// A question, with the days of the year that bound when a cluster was created, and when it last checked in.
struct Question {
    name: &'static str,
    kind: Asked,
    created: [u32; 2],
    checked_in: [u32; 2],
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    Page,
    Count,
}

/// When some clusters were created.
const WEEK: [u32; 2] = [110, 117];

const QUESTIONS: [Question; 6] = [
    Question {
        name: "created within 60 days, seen within 120",
        kind: Asked::Page,
        created: [60, 120],
        checked_in: [200, 320],
    },
    Question {
        name: "created within a week, seen within 120 days",
        kind: Asked::Page,
        created: WEEK,
        checked_in: [200, 320],
    },
    Question {
        name: "created within a week, seen within 120 days",
        kind: Asked::Count,
        created: WEEK,
        checked_in: [200, 320],
    },
    Question {
        name: "created within 60 days, seen on days when nobody was",
        kind: Asked::Page,
        created: [60, 120],
        checked_in: AWAY,
    },
    Question {
        name: "created within 60 days, seen on days when nobody was",
        kind: Asked::Count,
        created: [60, 120],
        checked_in: AWAY,
    },
    Question {
        name: "created within a week, gone sooner than any was",
        kind: Asked::Page,
        created: WEEK,
        checked_in: [WEEK[1], WEEK[0] + LEAST_LIFE],
    },
];

pub(super) fn measure(stand: &Stand) -> anyhow::Result<Vec<Line>> {
    let [short, long] = stand.size.checkins_each;
    let [short, long] = [Fleet::load(stand, "ages_short", short)?, Fleet::load(stand, "ages_long", long)?];
    let token = server::token()?;
    let mut against_history = Vec::new();
    let mut against_short = Vec::new();
    for question in &QUESTIONS {
        let work = question.work();
        let [ask_short, ask_long] = [&short, &long].map(|fleet| {
            let token = &token;
            move || question.ask(stand, &fleet.server, token)
        });
        let contestants = [
            Contestant { name: "with the short history", turn: &ask_short },
            Contestant { name: "with the long one", turn: &ask_long },
        ];
        let matching = long.see(stand, question, &token)?;
        long.begin_account()?;
        let turns = rounds::in_turn(stand.size.rounds, &work, &contestants)?;
        let in_database = long.account(turns[1].iter().map(|turn| turn.requests).sum())?;
        let group_by = (0..stand.size.rounds).map(|_| long.group_by(stand, question)).collect::<anyhow::Result<_>>()?;

        let name = format!("{work}; {} check-ins", thousands(long.checkins.into()));
        let least = if question.kind == Asked::Page { 1_000.0 } else { 500.0 };
        let line = Line::new(name, Figure::wait(&turns[1]))
            .against("GROUP BY", Figure::seconds(group_by), Reach::Faster(least))
            .note(format!("{} clusters match", thousands(matching)));
        against_history.push(match in_database {
            Some(seconds) => line.note(format!("{} in the database", Unit::Seconds.format(seconds))),
            None => line,
        });
        let name = format!("{work}; {} check-ins", thousands(long.checkins.into()));
        let reference = format!("{} check-ins", thousands(short.checkins.into()));
        let line = Line::new(name, Figure::wait(&turns[1]));
        against_short.push(line.against(reference, Figure::wait(&turns[0]), Reach::Costlier(1.2)));
    }
    against_history.append(&mut against_short);
    Ok(against_history)
}

impl Fleet {
    fn load(stand: &Stand, name: &str, each: u32) -> anyhow::Result<Self> {
        let clusters = stand.size.fleet;
        let database = stand.postgres.database(name)?;
        fleet::store_sets(&database, &fleet::sets(Names::Short))?;
        history::load(&database, stand.year, Amount { clusters, each })?;
        let accounts = stand.postgres.accounts_for(&database)?;
        let server = Server::start(&Options::quiet(&database.url))?;
        Ok(Self { checkins: clusters * each, database, server, accounts })
    }

    /// Asks once, and holds the answer against the history; answers how many clusters match.
    fn see(&self, stand: &Stand, question: &Question, token: &str) -> anyhow::Result<f64> {
        let call = Call { headers: vec![("authorization", format!("Bearer {token}"))], ..Call::default() };
        let answer = probe::ask(&question.url(stand, &self.server.url), &call, StatusCode::OK)?;
        let answer: serde_json::Value = serde_json::from_slice(&answer.body)?;
        let matching = self
            .database
            .connect()?
            .number(&format!("select count(*) from ({}) as found", question.over_history(stand)))?;
        let (said, expected) = match question.kind {
            Asked::Page => (answer["data"].as_array().map(|page| page.len() as f64), matching.min(f64::from(PAGE))),
            Asked::Count => (answer["count"].as_f64(), matching),
        };
        let said = said.context("the answer is not as expected")?;
        anyhow::ensure!(said == expected, "{}: the server says {said}, and the history {expected}", question.work());
        Ok(matching)
    }

    /// From here on the database accounts for what it does, if it can.
    fn begin_account(&self) -> anyhow::Result<()> {
        if !self.accounts {
            return Ok(());
        }
        let ours = "(select oid from pg_database where datname = current_database())";
        self.database.connect()?.execute(&format!("select pg_stat_statements_reset(0, {ours}, 0)"))
    }

    /// How long the database worked on each of so many requests, in seconds, by its own account.
    fn account(&self, requests: f64) -> anyhow::Result<Option<f64>> {
        if !self.accounts {
            return Ok(None);
        }
        let milliseconds = self.database.connect()?.number(
            "select sum(total_plan_time + total_exec_time) from pg_stat_statements
             where dbid = (select oid from pg_database where datname = current_database())",
        )?;
        Ok(Some(milliseconds / 1e3 / requests))
    }

    /// How long the history itself takes to answer, in seconds.
    fn group_by(&self, stand: &Stand, question: &Question) -> anyhow::Result<f64> {
        let mut sql = self.database.connect()?;
        let query = match question.kind {
            Asked::Page => format!(
                "select count(*) from ({} order by min(at), cluster_id limit {PAGE}) as page",
                question.over_history(stand)
            ),
            Asked::Count => format!("select count(*) from ({}) as found", question.over_history(stand)),
        };
        let started = Instant::now();
        sql.number(&query)?;
        let seconds = started.elapsed().as_secs_f64();
        eprintln!("  {}: GROUP BY {seconds:.2} s", question.work());
        Ok(seconds)
    }
}

impl Question {
    /// Asks a server again and again, one caller alone.
    fn ask(&self, stand: &Stand, server: &Server, token: &str) -> anyhow::Result<Load> {
        let headers = vec![format!("Authorization: Bearer {token}")];
        let requests = Requests { headers, ..Requests::get(1) };
        server.load(&requests, &self.url(stand, &server.url), stand.size.turn_of_one)
    }

    fn work(&self) -> String {
        match self.kind {
            Asked::Page => format!("age page of {PAGE}, {}", self.name),
            Asked::Count => format!("count with four bounds, {}", self.name),
        }
    }

    fn bounds(&self, stand: &Stand) -> [DateTime<Utc>; 4] {
        let ([a, b], [c, d]) = (self.created, self.checked_in);
        [a, b, c, d].map(|day| stand.year.day(day))
    }

    fn url(&self, stand: &Stand, server: &str) -> String {
        let [a, b, c, d] = self.bounds(stand).map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true));
        let path = match self.kind {
            Asked::Page => format!("age?limit={PAGE}&"),
            Asked::Count => "count?".into(),
        };
        format!(
            "{server}/v4/clusters/{path}created_after={a}&created_before={b}&checked_in_after={c}&checked_in_before={d}"
        )
    }

    /// The clusters that match, from their history alone.
    fn over_history(&self, stand: &Stand) -> String {
        let [a, b, c, d] = self.bounds(stand).map(|at| at.to_rfc3339());
        format!(
            "select cluster_id, min(at), max(at) from checkins group by cluster_id \
             having min(at) >= '{a}' and min(at) < '{b}' and max(at) >= '{c}' and max(at) < '{d}'"
        )
    }
}
