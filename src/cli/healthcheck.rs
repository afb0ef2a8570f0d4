//! `stationmaster healthcheck`.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::Args;
use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::config::Listen;

/// How long the service may take to answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Ask the server on this machine whether it works
///
/// For container health checks: prints what /healthz answers, and exits with 0 if the server works, else with 1.
#[derive(Debug, Args)]
pub(super) struct Healthcheck {
    #[command(flatten)]
    listen: Listen,
}

impl Healthcheck {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let address = reachable(self.listen.listen);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let answer = runtime.block_on(async { tokio::time::timeout(TIMEOUT, ask(address)).await });
        let (status, body) = answer
            .with_context(|| format!("the server at {address} did not answer within {}s", TIMEOUT.as_secs()))??;
        writeln!(std::io::stdout(), "{body}").context("cannot write to standard output")?;
        ensure!(status.is_success(), "the server at {address} is not healthy: {status}");
        Ok(())
    }
}

async fn ask(address: SocketAddr) -> anyhow::Result<(hyper::StatusCode, String)> {
    let stream = TcpStream::connect(address)
        .await
        .with_context(|| format!("no server answers at {address}; is it running, and is --listen the same?"))?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    let request = hyper::Request::get("/healthz").header("host", address.to_string()).body(Empty::<Bytes>::new())?;
    let answer = sender.send_request(request).await?;
    let status = answer.status();
    let body = answer.into_body().collect().await?.to_bytes();
    connection.abort();
    Ok((status, String::from_utf8_lossy(&body).into_owned()))
}

/// A server that listens everywhere is asked on loopback.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}
