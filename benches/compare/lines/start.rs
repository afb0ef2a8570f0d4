//! From starting the program to its first answer.

use std::time::{Duration, Instant};

use anyhow::ensure;
use reqwest::StatusCode;

use super::Stand;
use crate::figure::Figure;
use crate::interrupt;
use crate::probe::{self, Call};
use crate::report::Line;
use crate::server::{Options, Server};

/// How long it may take at all.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) fn measure(stand: &Stand) -> anyhow::Result<Vec<Line>> {
    probe::warm_up();
    let embedded = |name: usize| Options { data_dir: Some(stand.path(format!("start-{name}"))), ..Options::default() };
    let all = 0..stand.size.starts;
    let fresh = all.clone().map(|name| time(&embedded(name))).collect::<anyhow::Result<_>>()?;
    let warm = all.clone().map(|name| time(&embedded(name))).collect::<anyhow::Result<_>>()?;
    let external = all.map(|_| time(&Options::quiet(&stand.live.url))).collect::<anyhow::Result<_>>()?;
    let line = |what: &str, times, most| {
        Line::new(format!("start to first answer, {what}"), Figure::seconds(times)).at_most(most)
    };
    Ok(vec![
        line("fresh data directory", fresh, 2.0),
        line("warm data directory", warm, 0.3),
        line("external database", external, 0.2),
    ])
}

/// How long a server takes until it is well, in seconds.
fn time(options: &Options) -> anyhow::Result<f64> {
    interrupt::check()?;
    let started = Instant::now();
    let server = Server::start(options)?;
    let url = format!("{}/healthz", server.url);
    while probe::try_ask(&url, &Call::default())?.status != StatusCode::OK {
        ensure!(started.elapsed() < PATIENCE, "the server does not get well: {}", server.last_words());
    }
    let seconds = started.elapsed().as_secs_f64();
    eprintln!("  started in {seconds:.3} s");
    Ok(seconds)
}
