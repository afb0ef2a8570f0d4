//! A figure, and how people read it.

use std::fmt;

use serde::Serialize;

use super::rounds::{self, Load};

/// What was measured, with the turns that it is the median of.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Figure {
    pub(crate) value: f64,
    pub(crate) unit: Unit,
    /// Of a rate or a wait, in seconds.
    pub(crate) p50: Option<f64>,
    /// Of a rate or a wait, in seconds.
    pub(crate) p99: Option<f64>,
    turns: Vec<f64>,
}

/// What a value counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Unit {
    PerSecond,
    Seconds,
    Bytes,
}

impl Figure {
    /// How often many callers were answered.
    pub(crate) fn rate(turns: &[Load]) -> Self {
        let Load { rate, p50, p99, .. } = Load::median(turns);
        let turns = turns.iter().map(|turn| turn.rate).collect();
        Self { value: rate, unit: Unit::PerSecond, p50: Some(p50), p99: Some(p99), turns }
    }

    /// How long one caller waited: the p50.
    pub(crate) fn wait(turns: &[Load]) -> Self {
        let Load { p50, p99, .. } = Load::median(turns);
        let turns = turns.iter().map(|turn| turn.p50).collect();
        Self { value: p50, unit: Unit::Seconds, p50: Some(p50), p99: Some(p99), turns }
    }

    /// What the process that was asked spent on each answer.
    pub(crate) fn cpu(turns: &[Load]) -> Self {
        Self::seconds(turns.iter().filter_map(|turn| turn.cpu).collect())
    }

    /// A time that was taken several times.
    pub(crate) fn seconds(turns: Vec<f64>) -> Self {
        Self { value: rounds::median(turns.iter().copied()), unit: Unit::Seconds, p50: None, p99: None, turns }
    }

    /// A number of bytes.
    pub(crate) fn bytes(value: f64) -> Self {
        Self { value, unit: Unit::Bytes, p50: None, p99: None, turns: vec![value] }
    }

    /// A value of the same unit, written as people read it.
    pub(crate) fn format(&self, value: f64) -> String {
        self.unit.format(value)
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.format(self.value))
    }
}

impl Unit {
    /// A value as people read it.
    pub(crate) fn format(self, value: f64) -> String {
        match self {
            Self::PerSecond => format!("{}/s", thousands(value)),
            Self::Seconds => match value {
                seconds if seconds >= 1.0 => format!("{seconds:.2} s"),
                seconds if seconds >= 1e-3 => format!("{:.2} ms", seconds * 1e3),
                seconds => format!("{:.1} µs", seconds * 1e6),
            },
            Self::Bytes => match value {
                bytes if bytes >= 1e6 => format!("{:.1} MB", bytes / 1e6),
                bytes => format!("{} bytes", thousands(bytes)),
            },
        }
    }
}

/// `1234567.8`: `1,234,568`.
pub(crate) fn thousands(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
