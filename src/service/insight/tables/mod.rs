//! The answers as CSV: for each, which columns there are, and what a line is.
//!
//! A line is as its operation says in the document, and has what it tells of and the interval. What is told of the whole answer, such as a mean, is in
//! JSON alone.
//!
//! Names that clusters report are written as they are. A version may begin with `+` or `-`, which a spreadsheet would take for a formula; but none has
//! a parenthesis, `=`, `|` or `!` (`domain::names`), and without them a formula can neither call anything nor fetch it.

mod activity;
mod adoption;
mod ages;
mod freshness;
mod installed;
mod labels;
mod laggards;
mod retention;

#[cfg(test)]
mod written {
    use axum::body::to_bytes;
    use chrono::{DateTime, Utc};
    use serde::Serialize;

    use crate::wire::{Format, Table};

    /// The lines of a table, the header first.
    pub(super) async fn lines(table: &(impl Serialize + Table)) -> Vec<String> {
        let body = Format::Csv.write(table).into_body();
        let body = to_bytes(body, usize::MAX).await.expect("a body");
        let text = String::from_utf8(body.into()).expect("UTF-8");
        text.split_terminator("\r\n").map(str::to_owned).collect()
    }

    /// Midnight on a day of January 2017.
    pub(super) fn day(day: u8) -> DateTime<Utc> {
        format!("2017-01-{day:02}T00:00:00Z").parse().expect("a day")
    }
}
