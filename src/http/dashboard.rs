//! The dashboard: its page, and the files that the page loads. `build.rs` puts them into the program.

use axum::Router;
use axum::http::header::{self, HeaderMap, HeaderName};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use headers::{ETag, HeaderMapExt, IfNoneMatch};

use crate::service;

const PAGE: &str = "/";
const ASSET: &str = "/assets/{*file}";

/// Its routes, for `/metrics`.
pub(super) const PATHS: [&str; 2] = [PAGE, ASSET];

/// What goes with every file. The page loads what is of this server, runs no script within it, and is in no frame.
const POLICY: [(HeaderName, &str); 4] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
         form-action 'none'; frame-ancestors 'none'; base-uri 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

const FOR_EVER: (HeaderName, &str) = (header::CACHE_CONTROL, "public, max-age=31536000, immutable");
const ASK_AGAIN: (HeaderName, &str) = (header::CACHE_CONTROL, "no-cache");
const VARY: (HeaderName, &str) = (header::VARY, "accept-encoding");

/// A file of the dashboard.
struct File {
    path: &'static str,
    content_type: &'static str,
    /// What tells its content from other contents.
    tag: &'static str,
    plain: &'static [u8],
    gzip: &'static [u8],
}

/// All files. The path of an asset has a hash of all of them in it, which the page knows.
static FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/dashboard.rs"));

pub(super) fn router() -> Router {
    Router::new().route(PAGE, get(file)).route(ASSET, get(file))
}

async fn file(uri: Uri, asked: HeaderMap) -> Response {
    let Some(file) = FILES.iter().find(|file| file.path == uri.path()) else {
        return service::no_such_page();
    };
    let caching = if file.path == PAGE { ASK_AGAIN } else { FOR_EVER };
    // Weak, as it stands for the file in whatever coding it is sent.
    let tag = format!("W/\"{}\"", file.tag);
    let held: Option<IfNoneMatch> = asked.typed_get();
    if tag.parse::<ETag>().is_ok_and(|tag| held.is_some_and(|held| !held.precondition_passes(&tag))) {
        return (StatusCode::NOT_MODIFIED, [caching, VARY], [(header::ETAG, tag)]).into_response();
    }
    let head = ([caching, VARY, (header::CONTENT_TYPE, file.content_type)], [(header::ETAG, tag)], POLICY);
    match takes_gzip(&asked) {
        true => (head, [(header::CONTENT_ENCODING, "gzip")], file.gzip).into_response(),
        false => (head, file.plain).into_response(),
    }
}

/// Whether an answer may be gzipped (RFC 9110, 12.5.3).
fn takes_gzip(asked: &HeaderMap) -> bool {
    let fields = asked.get_all(header::ACCEPT_ENCODING).iter().filter_map(|field| field.to_str().ok());
    let codings: Vec<_> = fields.flat_map(|field| field.split(',')).map(parts).collect();
    let weight = |wanted: &str| {
        let (_, weight) = codings.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted))?;
        Some(*weight)
    };
    weight("gzip").or_else(|| weight("*")).is_some_and(|weight| weight > 0.0)
}

/// A coding and its weight.
fn parts(coding: &str) -> (&str, f32) {
    let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
    let weight = weight.trim().trim_start_matches(['q', 'Q']).trim_start_matches('=');
    (name.trim(), weight.parse().unwrap_or(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_sent_to_those_who_take_it() {
        for (accepted, expected) in [
            ("gzip", true),
            ("deflate, GZIP;q=0.5, br", true),
            ("*", true),
            ("", false),
            ("br, identity", false),
            ("gzip;q=0", false),
            ("gzip; q=0.000, *", false),
            ("*;q=0", false),
            ("identity;q=0, *;q=0.1", true),
        ] {
            let asked = HeaderMap::from_iter([(header::ACCEPT_ENCODING, accepted.parse().expect("a value"))]);
            assert_eq!(takes_gzip(&asked), expected, "{accepted}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}
