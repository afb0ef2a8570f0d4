//! What is printed at the end.

use std::time::Duration;

use crate::rules::Answers;

/// What became of a fault.
#[derive(Debug, Default, Clone)]
pub(crate) struct Row {
    pub(crate) title: &'static str,
    /// Why there was none of it.
    pub(crate) not_run: Option<String>,
    pub(crate) cycles: u32,
    pub(crate) acknowledged: usize,
    pub(crate) lost: u64,
    pub(crate) doubled: u64,
    pub(crate) recoveries: Vec<Duration>,
    pub(crate) answers: Answers,
}

const HEAD: [&str; 9] = [
    "fault",
    "cycles",
    "acknowledged",
    "lost",
    "doubled",
    "recovered in (median, worst)",
    "refused",
    "unanswered",
    "slowest answer",
];

impl Row {
    fn cells(&self) -> [String; HEAD.len()] {
        if let Some(reason) = &self.not_run {
            let mut cells = [const { String::new() }; HEAD.len()];
            cells[0] = self.title.into();
            cells[1] = format!("not run: {reason}");
            return cells;
        }
        let mut recoveries = self.recoveries.clone();
        recoveries.sort_unstable();
        let median = recoveries.get(recoveries.len().saturating_sub(1) / 2);
        let recovered = median.zip(recoveries.last()).map(|(median, worst)| format!("{}, {}", ms(*median), ms(*worst)));
        let slowest = self.answers.slowest.map(|(took, status)| format!("{status} in {}", ms(took)));
        [
            self.title.into(),
            self.cycles.to_string(),
            self.acknowledged.to_string(),
            self.lost.to_string(),
            self.doubled.to_string(),
            recovered.unwrap_or_default(),
            self.answers.refused.to_string(),
            self.answers.missing.to_string(),
            slowest.unwrap_or_default(),
        ]
    }
}

fn ms(duration: Duration) -> String {
    format!("{} ms", duration.as_millis())
}

/// The table, as Markdown.
pub(crate) fn table(rows: &[Row]) -> String {
    let mut lines = vec![HEAD.map(str::to_owned)];
    lines.extend(rows.iter().map(Row::cells));
    let width = |column: usize| lines.iter().map(|cells| cells[column].chars().count()).max().unwrap_or_default();
    let widths: Vec<_> = (0..HEAD.len()).map(width).collect();
    let line = |cells: &[String; HEAD.len()]| {
        let cells = cells.iter().zip(&widths).map(|(cell, &width)| format!(" {cell:width$} |"));
        format!("|{}\n", cells.collect::<String>())
    };
    let rule = widths.iter().map(|width| format!("-{:-<width$}-|", "")).collect::<String>();
    let (head, body) = lines.split_at(1);
    format!("{}|{rule}\n{}", line(&head[0]), body.iter().map(line).collect::<String>())
}
