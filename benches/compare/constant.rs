//! The reference for reading: a bare axum server that answers a constant, in a process of its own.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Context;
use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderValue, StatusCode, header};
use axum::routing::get;
use clap::Args;
use nix::sys::signal::Signal;

use super::process::Process;
use super::server::first_line;

/// How it answers.
#[derive(Debug, Args)]
pub(crate) struct Constant {
    /// The status of every answer
    #[arg(long)]
    status: u16,
    /// The file with its body
    #[arg(long)]
    body: PathBuf,
}

/// It, running.
#[derive(Debug)]
pub(crate) struct ConstantServer {
    pub(crate) url: String,
    pub(crate) process: Process,
}

impl ConstantServer {
    /// Starts one that answers with this status and the contents of this file.
    pub(crate) fn start(status: StatusCode, body: &Path) -> anyhow::Result<Self> {
        let program = std::env::current_exe().context("cannot tell where this program is")?;
        let mut command = Command::new(program);
        command.args(["constant", "--status", status.as_str(), "--body"]).arg(body);
        let mut process = Process::start(command.stdin(Stdio::null()).stdout(Stdio::piped()), Signal::SIGTERM)?;
        let url = first_line(&mut process).context("the constant server does not start")?;
        Ok(Self { url: format!("{url}/constant"), process })
    }
}

impl Constant {
    /// Serves until it is killed, with as many threads as the server has: tokio's own number.
    pub(crate) fn serve(self) -> anyhow::Result<()> {
        let status = StatusCode::from_u16(self.status).context("no status")?;
        let body: Bytes = std::fs::read(&self.body).context("cannot read the body")?.into();
        let json = [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))];
        let answer = (status, json, body);
        let posted = answer.clone();
        let routes = get(async move || answer.clone()).post(async move |_: Bytes| posted.clone());
        let router = Router::new().route("/constant", routes);
        let runtime =
            tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start threads")?;
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
            writeln!(std::io::stdout(), "listening on http://{}", listener.local_addr()?)?;
            axum::serve(listener, router).await.context("cannot serve")
        })
    }
}
