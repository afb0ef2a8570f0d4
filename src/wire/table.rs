//! Answers that are tables, as CSV.

use csv::{Terminator, WriterBuilder};
use serde::Serialize;

/// An answer that is sent as CSV to whoever prefers it.
pub trait Table {
    /// The names of the columns.
    const COLUMNS: &'static [&'static str];

    /// The lines: of each, serde writes one cell per column, as in JSON; null is an empty cell.
    ///
    /// A tuple will do. What is in it may be a struct or a tuple itself, whose values are cells of the line, too.
    fn rows(&self) -> impl Iterator<Item: Serialize>;
}

/// The table as CSV (RFC 4180), with a header line.
///
/// A text that a spreadsheet would take for a formula (`=…`, `+…`, `-…`, `@…`) is written as it is. To put a quote before it
/// would change the data of every other reader, so texts of strangers are kept harmless where they come in.
pub(super) fn csv<T: Table>(table: &T) -> Vec<u8> {
    let written = || -> csv::Result<Vec<u8>> {
        // The header is written here: left to itself, the writer would take it from the first line, if there is one.
        let mut writer = WriterBuilder::new().has_headers(false).terminator(Terminator::CRLF).from_writer(Vec::new());
        writer.write_record(T::COLUMNS)?;
        for row in table.rows() {
            writer.serialize(row)?;
        }
        writer.into_inner().map_err(|error| error.into_error().into())
    };
    written().expect("memory takes what is written, and a line has a cell per column")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Inner {
        text: &'static str,
        number: f64,
    }

    struct Lines(Vec<(Option<i64>, Inner, bool)>);

    impl Table for Lines {
        const COLUMNS: &'static [&'static str] = &["id", "a text", "number", "flag"];

        fn rows(&self) -> impl Iterator<Item: Serialize> {
            self.0.iter()
        }
    }

    fn written(lines: Vec<(Option<i64>, Inner, bool)>) -> String {
        String::from_utf8(csv(&Lines(lines))).expect("UTF-8")
    }

    #[test]
    fn a_line_is_what_rfc_4180_says() {
        let lines = vec![
            (Some(-1), Inner { text: "one, \"two\"\nthree", number: 0.25 }, true),
            (None, Inner { text: "-1+é", number: 1.0 }, false),
        ];
        assert_eq!(
            written(lines),
            "id,a text,number,flag\r\n-1,\"one, \"\"two\"\"\nthree\",0.25,true\r\n,-1+é,1.0,false\r\n"
        );
    }

    #[test]
    fn without_lines_there_is_the_header() {
        assert_eq!(written(Vec::new()), "id,a text,number,flag\r\n");
    }
}
