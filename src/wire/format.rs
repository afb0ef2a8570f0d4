//! The formats of an answer, and which of them a caller prefers.

use axum::Json;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, CONTENT_TYPE, VARY};
use axum::response::{IntoResponse, Response};
use mediatype::names::{_STAR, APPLICATION, CSV, JSON, Q, TEXT};
use mediatype::{MediaType, MediaTypeList, Name, ReadParams};
use serde::Serialize;

use super::head::joined;
use super::{Table, table};

/// A format of an answer that is there in two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `application/json`.
    Json,
    /// `text/csv`.
    Csv,
}

impl Format {
    /// What `Accept` asks for (RFC 9110, 12.5.1): JSON, unless CSV is preferred. Whoever accepts neither gets JSON, too.
    pub(super) fn preferred(headers: &HeaderMap) -> Self {
        let accept = joined(headers, ACCEPT.as_str()).unwrap_or_default();
        let accepted: Vec<MediaType<'_>> = MediaTypeList::new(&accept).flatten().collect();
        match quality(&accepted, TEXT, CSV) > quality(&accepted, APPLICATION, JSON) {
            true => Self::Csv,
            false => Self::Json,
        }
    }

    /// A body in this format. Caches learn that another caller may get it in another one.
    pub fn write(self, body: &(impl Serialize + Table)) -> Response {
        let vary = [(VARY, ACCEPT.as_str())];
        match self {
            Self::Json => (vary, Json(body)).into_response(),
            Self::Csv => {
                let content_type = [(CONTENT_TYPE, "text/csv; charset=utf-8; header=present")];
                (vary, content_type, table::csv(body)).into_response()
            }
        }
    }
}

/// How much a media type is wanted, from 0 to 1, as the most specific of the ranges that it is in says. Parameters of a
/// range count for nothing but its weight: there is one kind of JSON here, and one of CSV.
fn quality(accepted: &[MediaType<'_>], ty: Name<'_>, subtype: Name<'_>) -> f32 {
    let ranges = [(_STAR, _STAR), (ty, _STAR), (ty, subtype)];
    let specificity = |range: &MediaType<'_>| ranges.iter().position(|known| *known == (range.ty, range.subty));
    let weight = |range: &MediaType<'_>| match range.get_param(Q) {
        Some(weight) => weight.as_str().parse().ok().filter(|weight| (0.0..=1.0).contains(weight)).unwrap_or(0.0),
        None => 1.0_f32,
    };
    let matching = accepted.iter().filter_map(|range| Some((specificity(range)?, weight(range))));
    let most_specific = matching.max_by(|(one, q), (other, r)| one.cmp(other).then(q.total_cmp(r)));
    most_specific.map_or(0.0, |(_, weight)| weight)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn preferred(accept: &[&str]) -> Format {
        let values = accept.iter().map(|value| HeaderValue::from_str(value).expect("a header"));
        Format::preferred(&values.map(|value| (ACCEPT, value)).collect())
    }

    #[test]
    fn csv_is_for_those_who_prefer_it() {
        for accept in [
            "text/csv",
            "Text/CSV",
            "text/csv; charset=utf-8",
            "text/*",
            "text/csv, */*;q=0.1",
            "text/csv;q=0.2, application/json;q=0.1",
            "application/json;q=0.5, text/*;q=0.501",
            "*/*, application/json;q=0.5",
            "*/*, application/json;q=0",
            "text/csv; q=0.9, application/json; charset=utf-8; q=0.8",
            "text/html; level=\"1, 2\", *, text/csv",
        ] {
            assert_eq!(preferred(&[accept]), Format::Csv, "{accept}");
        }
        assert_eq!(preferred(&["application/json;q=0.5", "text/csv"]), Format::Csv);
    }

    #[test]
    fn json_is_for_all_others() {
        for accept in [
            "",
            "*/*",
            "application/json",
            "application/json, text/csv",
            "text/csv, application/json",
            "text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8",
            "text/csv;q=0.4, application/json;q=0.5",
            "text/csv;q=0, */*",
            "text/csv;q=0",
            "application/*;q=0.3, text/csv;q=0.2",
            "image/png",
            "text/html",
            "text/csv;q=much",
            "csv",
            "é",
        ] {
            assert_eq!(preferred(&[accept]), Format::Json, "{accept}");
        }
        assert_eq!(preferred(&[]), Format::Json);
    }

    #[test]
    fn an_answer_says_what_it_is_and_what_it_depends_on() {
        #[derive(Serialize)]
        struct Empty {}
        impl Table for Empty {
            const COLUMNS: &'static [&'static str] = &["id"];

            fn rows(&self) -> impl Iterator<Item: Serialize> {
                std::iter::empty::<(i64,)>()
            }
        }
        for (format, content_type) in
            [(Format::Json, "application/json"), (Format::Csv, "text/csv; charset=utf-8; header=present")]
        {
            let response = format.write(&Empty {});
            assert_eq!(response.headers()[CONTENT_TYPE], content_type);
            assert_eq!(response.headers()[VARY], "accept");
        }
    }
}
