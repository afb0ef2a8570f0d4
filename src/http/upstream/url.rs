//! The URL of the old service.

use std::str::FromStr;

use axum::http::Uri;
use axum::http::uri::{Authority, PathAndQuery, Scheme};

/// Where the old service is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpstreamUrl {
    scheme: Scheme,
    authority: Authority,
    /// Comes before each path; without a slash at its end.
    base: String,
}

impl UpstreamUrl {
    pub(super) fn is_https(&self) -> bool {
        self.scheme == Scheme::HTTPS
    }

    /// Where the old service has what is asked for here; none if that would be too long.
    pub(super) fn target(&self, asked: &Uri) -> Option<Uri> {
        let path = match asked.path_and_query().map_or("/", PathAndQuery::as_str) {
            // The whole service is meant, not a path (RFC 9110, 7.1).
            "*" => "*".to_owned(),
            path => format!("{}{path}", self.base),
        };
        Uri::builder().scheme(self.scheme.clone()).authority(self.authority.clone()).path_and_query(path).build().ok()
    }
}

impl FromStr for UpstreamUrl {
    type Err = &'static str;

    /// The errors do not repeat the URL, which may have a password in it.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = text.parse::<Uri>().map_err(|_| "this is no URL")?.into_parts();
        let (Some(scheme), Some(authority)) = (parts.scheme, parts.authority) else {
            return Err("a URL begins with http:// or https://");
        };
        if scheme != Scheme::HTTP && scheme != Scheme::HTTPS {
            return Err("a URL begins with http:// or https://");
        }
        if authority.as_str().contains('@') {
            return Err("a URL with a user or password is not supported");
        }
        let after_host = authority.as_str().strip_prefix(authority.host()).unwrap_or_default();
        if authority.host().is_empty() || !(after_host.is_empty() || authority.port_u16().is_some_and(|port| port > 0))
        {
            return Err("a URL names a host, and a port from 1 to 65535 if any");
        }
        let path = parts.path_and_query.unwrap_or_else(|| PathAndQuery::from_static("/"));
        // A fragment is not kept when a URL is read.
        if path.query().is_some() || text.contains('#') {
            return Err("a URL with a query or fragment is not supported");
        }
        Ok(Self { scheme, authority, base: path.path().trim_end_matches('/').to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        for text in ["http://old", "https://old:8443/", "http://old/base/", "http://[::1]:80"] {
            assert!(text.parse::<UpstreamUrl>().is_ok(), "{text}");
        }
        let faulty = ["", "old", "/old", "ftp://old", "http://me:secret@old", "http://old/?a=b", "http://old/#a"];
        for text in faulty.into_iter().chain(["http://old:99999", "http://old:x", "http://old:0", "http://:80"]) {
            assert!(text.parse::<UpstreamUrl>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_base_comes_before_each_path() {
        let old: UpstreamUrl = "http://old/base/".parse().expect("a URL");
        for (asked, target) in
            [("/a?b", "http://old/base/a?b"), ("//a", "http://old/base//a"), ("/", "http://old/base/")]
        {
            assert_eq!(old.target(&asked.parse().expect("a target")).expect("a URL"), target);
        }
        let asterisk = old.target(&Uri::from_static("*")).expect("a URL");
        assert_eq!(asterisk.path_and_query().map(PathAndQuery::as_str), Some("*"));
    }
}
