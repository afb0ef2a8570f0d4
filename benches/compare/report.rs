//! The table, for people on standard output and in Markdown, and for programs in JSON.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::Context;
use serde::Serialize;

use super::figure::{Figure, Unit};
use super::size::Size;

/// Everything that was measured.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    size: &'static str,
    judged: bool,
    head: Vec<String>,
    lines: Vec<Line>,
}

/// A line of the table.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Line {
    work: String,
    measured: Figure,
    reference: Option<Reference>,
    reach: Option<String>,
    reached: Option<bool>,
    notes: Vec<String>,
}

/// What it is held against.
#[derive(Debug, Clone, Serialize)]
struct Reference {
    name: String,
    figure: Figure,
    ratio: f64,
}

/// How the figure and the reference make a ratio, and what it should be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Reach {
    /// So many times as fast, at least.
    Faster(f64),
    /// So many times as much, at most.
    Costlier(f64),
    /// As fast as it is.
    Whatever,
}

impl Line {
    pub(crate) fn new(work: impl Into<String>, measured: Figure) -> Self {
        Self { work: work.into(), measured, reference: None, reach: None, reached: None, notes: Vec::new() }
    }

    /// Holds it against the figure of something else.
    pub(crate) fn against(mut self, name: impl Into<String>, figure: Figure, reach: Reach) -> Self {
        let (ours, theirs) = (self.measured.value, figure.value);
        // More answers are better, and less of everything else.
        let faster = if figure.unit == Unit::PerSecond { ours / theirs } else { theirs / ours };
        let ratio = match reach {
            Reach::Faster(least) => {
                (self.reach, self.reached) = (Some(format!("≥ {least}×")), Some(faster >= least));
                faster
            }
            Reach::Costlier(most) => {
                let text = if most < 1.0 { format!("1/{:.0}", 1.0 / most) } else { format!("{most}×") };
                (self.reach, self.reached) = (Some(format!("≤ {text}")), Some(ours / theirs <= most));
                ours / theirs
            }
            Reach::Whatever => faster,
        };
        self.reference = Some(Reference { name: name.into(), figure, ratio });
        self
    }

    /// Holds it against a value.
    pub(crate) fn at_most(mut self, most: f64) -> Self {
        self.reach = Some(format!("≤ {}", self.measured.format(most)));
        self.reached = Some(self.measured.value <= most);
        self
    }

    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    fn cells(&self) -> [String; 9] {
        let seconds = |time: Option<f64>| time.map(|time| Unit::Seconds.format(time)).unwrap_or_default();
        let times = |figure: &Figure| {
            // Of a wait, the figure itself is the p50.
            let p50 = figure.p50.filter(|p50| *p50 != figure.value);
            let named = [("p50", p50), ("p99", figure.p99)];
            let told = named.map(|(name, time)| time.map(|time| format!("{name} {}", Unit::Seconds.format(time))));
            let told = told.into_iter().flatten().collect::<Vec<_>>().join(", ");
            if told.is_empty() { told } else { format!(" ({told})") }
        };
        let reference = self.reference.as_ref();
        [
            self.work.clone(),
            self.measured.to_string(),
            seconds(self.measured.p50),
            seconds(self.measured.p99),
            reference.map(|it| format!("{}: {}{}", it.name, it.figure, times(&it.figure))).unwrap_or_default(),
            reference.map(|it| ratio(it.ratio)).unwrap_or_default(),
            self.reach.clone().unwrap_or_default(),
            self.reached.map(|reached| if reached { "yes" } else { "NO" }.to_owned()).unwrap_or_default(),
            self.notes.join("; "),
        ]
    }
}

impl Report {
    pub(crate) fn new(size: &Size, head: Vec<String>) -> Self {
        Self { size: size.name, judged: size.judged, head, lines: Vec::new() }
    }

    pub(crate) fn add(&mut self, lines: Vec<Line>) {
        let judged = self.judged;
        self.lines.extend(lines.into_iter().map(|line| Line { reached: line.reached.filter(|_| judged), ..line }));
    }

    /// Prints the table, and writes it beside what cargo built.
    pub(crate) fn finish(&self) -> anyhow::Result<()> {
        let table = self.markdown();
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("bench");
        fs::create_dir_all(&directory).with_context(|| format!("cannot make {}", directory.display()))?;
        let json = serde_json::to_string_pretty(self).context("cannot write JSON")?;
        for (extension, text) in [("md", &table), ("json", &json)] {
            let path = directory.join(format!("compare-{}.{extension}", self.size));
            fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
            eprintln!("wrote {}", path.display());
        }
        std::io::stdout().write_all(table.as_bytes()).context("cannot print the table")
    }

    fn markdown(&self) -> String {
        let head = self.head.iter().map(|line| format!("- {line}\n")).collect::<String>();
        let names = ["work", "measured", "p50", "p99", "reference", "ratio", "reach", "reached", "notes"];
        let rows: Vec<[String; 9]> =
            std::iter::once(names.map(str::to_owned)).chain(self.lines.iter().map(Line::cells)).collect();
        let widths: [usize; 9] =
            std::array::from_fn(|at| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or_default());
        let row = |cells: &[String; 9]| {
            let padded = cells.iter().zip(widths).map(|(cell, width)| format!(" {cell:<width$} |")).collect::<String>();
            format!("|{padded}\n")
        };
        let rule = format!("|{}\n", widths.map(|width| format!("{}|", "-".repeat(width + 2))).concat());
        let body = rows[1..].iter().map(row).collect::<String>();
        format!("{head}\n{}{rule}{body}\n{}\n", row(&rows[0]), self.verdict())
    }

    fn verdict(&self) -> String {
        if !self.judged {
            return "Whether a line is reached only the full size can tell.".into();
        }
        let held: Vec<bool> = self.lines.iter().filter_map(|line| line.reached).collect();
        let reached = held.iter().filter(|reached| **reached).count();
        format!("{reached} of {} lines with a reach are reached.", held.len())
    }
}

fn ratio(ratio: f64) -> String {
    match ratio {
        ratio if ratio >= 100.0 => format!("{ratio:.0}×"),
        ratio if ratio >= 0.2 => format!("{ratio:.2}×"),
        ratio => format!("1/{:.1}", 1.0 / ratio),
    }
}
