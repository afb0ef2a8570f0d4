//! The settings of who may connect, how much they may ask, and in what they are encrypted.

use std::net::IpAddr;
use std::path::PathBuf;

use anyhow::{bail, ensure};
use clap::Args;
use ipnet::IpNet;

use crate::domain::rate::{Limit, Rate};
use crate::http::{LimitOptions, TlsFiles};

/// How much callers may ask.
#[derive(Debug, Clone, Args)]
pub struct LimitArgs {
    /// How much one address may ask: so many requests per s, m or h, and after the colon how many may come at once; `off`
    /// for no limit. Of IPv6, a network of 64 bits counts as one address
    ///
    /// More is answered 429. It is not for trusted proxies themselves, and not for /livez, /healthz and /metrics.
    #[arg(long, env = "STATIONMASTER_LIMIT_ADDRESS", value_name = "RATE", default_value = "1000/s:5000")]
    pub limit_address: Limit,
    /// How often one cluster may check in, in the same form. More is answered 429
    #[arg(long, env = "STATIONMASTER_LIMIT_CLUSTER", value_name = "RATE", default_value = "60/m")]
    pub limit_cluster: Limit,
    /// A network of proxies, such as 10.1.0.0/16 or 10.1.2.3, that tell in X-Forwarded-For whom they pass on; give it again
    /// for each one, or separate them by commas. `none` if there are none
    ///
    /// What others say in X-Forwarded-For does not count. The caller is the last in it that is no trusted proxy.
    #[arg(long, env = "STATIONMASTER_TRUSTED_PROXY", value_name = "CIDR", value_delimiter = ',',
          default_values = ["127.0.0.0/8", "::1/128"], value_parser = proxy)]
    pub trusted_proxy: Vec<Proxy>,
    /// A network from which versions may be published and changed; give it again for each one, or separate them by commas.
    /// From anywhere if left out
    ///
    /// A token is needed as well, as everywhere. What comes from elsewhere is answered 403.
    #[arg(long, env = "STATIONMASTER_PUBLISH_FROM", value_name = "CIDR", value_delimiter = ',', value_parser = network)]
    pub publish_from: Vec<IpNet>,
    /// The most connections at a time. It is kept within what the system allows the process to open
    ///
    /// The last tenth of them is for trusted proxies alone, so that a probe from this machine always has one.
    #[arg(long, env = "STATIONMASTER_MAX_CONNECTIONS", value_name = "COUNT", default_value_t = 10_000,
          value_parser = clap::value_parser!(u32).range(10..=1_000_000))]
    pub max_connections: u32,
    /// The most connections at a time of one address that is no trusted proxy
    #[arg(long, env = "STATIONMASTER_MAX_CONNECTIONS_PER_ADDRESS", value_name = "COUNT", default_value_t = 1_000,
          value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub max_connections_per_address: u32,
}

/// In what connections are encrypted.
#[derive(Debug, Clone, Args)]
pub struct TlsArgs {
    #[command(flatten)]
    certificate: TlsCertificate,
    /// The key of that certificate: a file in PEM form, without a password
    #[arg(long, env = "STATIONMASTER_TLS_KEY", value_name = "FILE")]
    tls_key: Option<PathBuf>,
}

/// Whether connections are encrypted.
#[derive(Debug, Clone, Args)]
pub struct TlsCertificate {
    /// The certificate to serve https with, and those that lead to its authority: a file in PEM form. It and its key are
    /// read again when they change
    ///
    /// `healthcheck` asks by https if it is given. Whose certificate it is does not count there.
    #[arg(long, env = "STATIONMASTER_TLS_CERT", value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,
}

/// A network of proxies, or the word that there are none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proxy {
    /// Those in this network.
    In(IpNet),
    /// There are none.
    None,
}

impl LimitArgs {
    /// What the server is to hold its callers to; `others` is how many files it needs for other things.
    ///
    /// # Errors
    /// Settings that exclude each other.
    pub fn options(&self, others: u64) -> anyhow::Result<LimitOptions> {
        let none = self.trusted_proxy.contains(&Proxy::None);
        ensure!(!none || self.trusted_proxy.len() == 1, "--trusted-proxy none excludes all others; leave it out");
        let networks = self.trusted_proxy.iter().filter_map(|proxy| match proxy {
            Proxy::In(network) => Some(*network),
            Proxy::None => None,
        });
        let connections = crate::http::raise_file_limit(u64::from(self.max_connections), others);
        if connections < u64::from(self.max_connections) {
            tracing::warn!(
                connections,
                "fewer connections than --max-connections, as the limit of open files is too low"
            );
        }
        Ok(LimitOptions {
            per_address: self.limit_address.0,
            trusted_proxies: networks.collect(),
            publish_from: self.publish_from.clone(),
            connections: connections.try_into().unwrap_or(usize::MAX),
            connections_per_address: self.max_connections_per_address.try_into().unwrap_or(usize::MAX),
        })
    }

    /// How often a cluster may check in.
    pub fn per_cluster(&self) -> Option<Rate> {
        self.limit_cluster.0
    }
}

impl TlsArgs {
    /// The files, if the server is to speak https.
    ///
    /// # Errors
    /// One of them without the other.
    pub fn files(&self) -> anyhow::Result<Option<TlsFiles>> {
        match (self.certificate.tls_cert.clone(), self.tls_key.clone()) {
            (Some(certificate), Some(key)) => Ok(Some(TlsFiles { certificate, key })),
            (None, None) => Ok(None),
            _ => bail!("https needs both --tls-cert and --tls-key; give the other one too, or neither"),
        }
    }
}

fn proxy(text: &str) -> Result<Proxy, String> {
    match text {
        "none" => Ok(Proxy::None),
        text => network(text).map(Proxy::In),
    }
}

/// A network, or one address.
fn network(text: &str) -> Result<IpNet, String> {
    let one = |text: &str| text.parse::<IpAddr>().ok().map(IpNet::from);
    let network = text.parse().ok().or_else(|| one(text));
    network.ok_or_else(|| "a network is written as 10.1.0.0/16, 2001:db8::/32 or 10.1.2.3".to_owned())
}
