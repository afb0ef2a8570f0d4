//! At what address a caller is, also behind proxies. It is used while the request is answered, and never stored or logged.

use std::net::{IpAddr, Ipv6Addr};

use axum::http::{HeaderMap, HeaderName};
use ipnet::IpNet;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Whose `X-Forwarded-For` counts.
#[derive(Debug)]
pub(super) struct TrustedProxies(Vec<IpNet>);

/// At what address a caller is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CallerAddress {
    pub(super) address: IpAddr,
    /// Whether nobody but trusted proxies is known to stand behind it.
    pub(super) is_trusted: bool,
}

impl TrustedProxies {
    pub(super) fn new(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    /// Who connects.
    pub(super) fn peer(&self, address: IpAddr) -> CallerAddress {
        CallerAddress { address, is_trusted: is_in(&self.0, address) }
    }

    /// Who asks, of whom it comes through `peer`: the last in `X-Forwarded-For` that is no trusted proxy.
    ///
    /// What cannot be read in it, such as `unknown`, and what stands before that, is left out of account.
    pub(super) fn caller(&self, peer: IpAddr, headers: &HeaderMap) -> CallerAddress {
        let mut caller = self.peer(peer);
        // A header that comes twice is one list (RFC 9110, 5.3).
        let lists = headers.get_all(X_FORWARDED_FOR).iter().rev();
        let mut members = lists.flat_map(|list| list.as_bytes().rsplit(|byte| *byte == b','));
        while caller.is_trusted {
            let Some(address) = members.next().and_then(|member| read(member.trim_ascii())) else { break };
            caller = self.peer(address);
        }
        caller
    }
}

/// Whether an address is in one of these networks.
pub(super) fn is_in(networks: &[IpNet], address: IpAddr) -> bool {
    networks.iter().any(|network| network.contains(&address))
}

/// An address of IPv4 is written as such, also where the system has it as one of IPv6.
pub(super) fn canonical(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

/// What counts as one caller: of IPv6 a network of 64 bits, within which its owner has any address.
pub(super) fn owner(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
    }
}

/// An address, perhaps with a port: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:80`.
fn read(member: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(member).ok()?;
    let address = match text.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0.parse().ok().map(IpAddr::V6),
        None => text.parse().ok().or_else(|| text.rsplit_once(':')?.0.parse().ok().map(IpAddr::V4)),
    };
    address.map(canonical)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn caller(peer: &str, lists: &[&'static str]) -> (String, bool) {
        let networks = ["127.0.0.0/8", "::1/128", "10.0.0.0/8"].map(|network| network.parse().expect("a network"));
        let mut headers = HeaderMap::new();
        for list in lists {
            headers.append(X_FORWARDED_FOR, HeaderValue::from_static(list));
        }
        let caller = TrustedProxies::new(networks.into()).caller(peer.parse().expect("an address"), &headers);
        (caller.address.to_string(), caller.is_trusted)
    }

    #[test]
    fn the_caller_is_the_last_that_is_no_trusted_proxy() {
        for (peer, lists, address, is_trusted) in [
            ("192.0.2.1", vec!["198.51.100.7"], "192.0.2.1", false),
            ("127.0.0.1", vec!["198.51.100.7"], "198.51.100.7", false),
            ("127.0.0.1", vec!["198.51.100.7, 192.0.2.9,10.1.2.3"], "192.0.2.9", false),
            ("10.0.0.1", vec!["198.51.100.7", "10.9.9.9 , 127.0.0.1"], "198.51.100.7", false),
            ("::1", vec!["2001:db8::7"], "2001:db8::7", false),
            ("::1", vec!["[2001:db8::7]:4711"], "2001:db8::7", false),
            ("::1", vec!["::ffff:198.51.100.7"], "198.51.100.7", false),
            ("127.0.0.1", vec!["198.51.100.7:4711"], "198.51.100.7", false),
            // Nobody stands behind them.
            ("127.0.0.1", vec![], "127.0.0.1", true),
            ("127.0.0.1", vec!["10.1.2.3, 10.2.2.2"], "10.1.2.3", true),
            // What a caller made up stands before what a proxy added.
            ("127.0.0.1", vec!["10.1.2.3, 198.51.100.7"], "198.51.100.7", false),
            ("127.0.0.1", vec!["198.51.100.7, nonsense"], "127.0.0.1", true),
            ("127.0.0.1", vec!["198.51.100.7, unknown, 10.1.2.3"], "10.1.2.3", true),
            ("127.0.0.1", vec![""], "127.0.0.1", true),
        ] {
            assert_eq!(caller(peer, &lists), (address.to_owned(), is_trusted), "{peer} {lists:?}");
        }
    }

    #[test]
    fn of_ipv6_a_network_is_one_owner() {
        let owner = |text: &str| owner(text.parse().expect("an address")).to_string();
        assert_eq!(owner("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(owner("192.0.2.1"), "192.0.2.1");
    }
}
