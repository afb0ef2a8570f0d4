//! Which URLs an issuer may have: https, or http to this machine.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use hyper::Uri;

/// Where every issuer tells about itself (OpenID Connect Discovery 1.0, 4).
const DISCOVERY: &str = "/.well-known/openid-configuration";

/// The longest URL of an issuer, in bytes.
const MAX_BYTES: usize = 512;

/// The URL of an issuer, in the spelling that its tokens have in `iss`: issuers are compared letter by letter.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IssuerUrl(String);

impl IssuerUrl {
    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where it tells about itself.
    pub(super) fn discovery(&self) -> String {
        format!("{}{DISCOVERY}", self.0.strip_suffix('/').unwrap_or(&self.0))
    }
}

impl FromStr for IssuerUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > MAX_BYTES {
            return Err("an issuer's URL has at most 512 bytes");
        }
        if text.contains(['?', '#']) {
            return Err("an issuer's URL has no query and no fragment");
        }
        trusted(text).map(|_| Self(text.into()))
    }
}

impl fmt::Display for IssuerUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A URL from which nobody in between can answer: https, or http to this machine.
pub(super) fn trusted(text: &str) -> Result<Uri, &'static str> {
    const NO_URL: &str = "this is no URL; one begins with https://";
    let uri: Uri = text.parse().map_err(|_| NO_URL)?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else { return Err(NO_URL) };
    if authority.as_str().contains('@') {
        return Err("a URL with a user or password is not supported");
    }
    match scheme {
        "https" => Ok(uri),
        "http" if is_this_machine(authority.host()) => Ok(uri),
        "http" => Err("http is only for issuers on this machine; others need https"),
        _ => Err(NO_URL),
    }
}

fn is_this_machine(host: &str) -> bool {
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host.eq_ignore_ascii_case("localhost") || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_is_for_all_and_http_for_this_machine() {
        for url in [
            "https://token.actions.githubusercontent.com",
            "https://gitlab.com",
            "https://gitlab.example:8443/with/a/path/",
            "http://127.0.0.1:8080",
            "http://127.9.9.9/a",
            "http://[::1]:1",
            "http://localhost:3000/",
            "http://LOCALHOST",
        ] {
            assert_eq!(url.parse::<IssuerUrl>().as_ref().map(IssuerUrl::as_str), Ok(url));
        }
        for url in [
            "http://gitlab.example",
            "http://127.0.0.1.example",
            "http://localhost.example",
            "http://10.0.0.1",
            "http://[::2]",
            "http://0.0.0.0",
            "ftp://gitlab.example",
            "https://",
            "https:gitlab.example",
            "gitlab.example",
            "/a",
            "",
            "https://me@gitlab.example",
            "http://127.0.0.1@gitlab.example",
            "https://me:secret@gitlab.example",
            "https://gitlab.example?a=b",
            "https://gitlab.example/#a",
            "https://gitlab example",
            "https://gitlab.example/\0",
        ] {
            assert!(url.parse::<IssuerUrl>().is_err(), "{url}");
        }
        assert!(format!("https://{}", "a".repeat(600)).parse::<IssuerUrl>().is_err());
    }

    #[test]
    fn discovery_is_below_the_issuer_s_path() {
        for (issuer, discovery) in [
            ("https://a.example", "https://a.example/.well-known/openid-configuration"),
            ("https://a.example/b/", "https://a.example/b/.well-known/openid-configuration"),
        ] {
            assert_eq!(issuer.parse::<IssuerUrl>().map(|issuer| issuer.discovery()), Ok(discovery.into()));
        }
    }
}
