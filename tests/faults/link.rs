//! A way to Postgres over TCP, on which answers can be lost: what was asked is done, and whoever asked does not learn of it.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::unix;
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::rules::lock;

/// A listener that leads to a socket. What goes through it ends with the runtime.
pub(crate) struct Link {
    address: SocketAddr,
    traffic: Arc<Traffic>,
}

struct Traffic {
    state: Mutex<State>,
    /// How many bytes of answers are lost.
    lost: AtomicUsize,
    /// How often everything was cut.
    cuts: watch::Sender<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// Answers are lost from when on somebody says this.
    LosingAfter(&'static str),
    Losing,
}

impl Link {
    /// A link to the socket in this directory.
    pub(crate) fn to(socket: &Path, runtime: &Handle) -> anyhow::Result<Self> {
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let address = listener.local_addr()?;
        let (cuts, _) = watch::channel(0);
        let traffic = Arc::new(Traffic { state: Mutex::new(State::Open), lost: AtomicUsize::new(0), cuts });
        runtime.spawn(accept(listener, socket.into(), Arc::clone(&traffic)));
        Ok(Self { address, traffic })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on answers are lost; or from when on somebody says `after`.
    pub(crate) fn lose_answers(&self, after: Option<&'static str>) {
        self.traffic.lost.store(0, Ordering::Relaxed);
        *lock(&self.traffic.state) = after.map_or(State::Losing, State::LosingAfter);
    }

    pub(crate) fn has_lost_some(&self) -> bool {
        self.traffic.lost.load(Ordering::Relaxed) > 0
    }

    /// Ends all connections. Those that are made from now on work.
    pub(crate) fn cut(&self) {
        *lock(&self.traffic.state) = State::Open;
        self.traffic.cuts.send_modify(|cuts| *cuts += 1);
    }
}

async fn accept(listener: TcpListener, socket: PathBuf, traffic: Arc<Traffic>) {
    while let Ok((server, _)) = listener.accept().await {
        let (socket, traffic) = (socket.clone(), Arc::clone(&traffic));
        let mut cuts = traffic.cuts.subscribe();
        tokio::spawn(async move {
            // Whichever ends first ends both: all is dropped.
            tokio::select! {
                _ = cuts.changed() => {}
                _ = connect(server, &socket, &traffic) => {}
            }
        });
    }
}

async fn connect(server: TcpStream, socket: &Path, traffic: &Traffic) -> io::Result<()> {
    server.set_nodelay(true)?;
    let (from_server, to_server) = server.into_split();
    let (from_postgres, to_postgres) = UnixStream::connect(socket).await?.into_split();
    tokio::select! {
        ended = pass_requests(from_server, to_postgres, traffic) => ended,
        ended = pass_answers(from_postgres, to_server, traffic) => ended,
    }
}

async fn pass_requests(mut from: OwnedReadHalf, mut to: unix::OwnedWriteHalf, traffic: &Traffic) -> io::Result<()> {
    let mut bytes = vec![0; 64 << 10];
    loop {
        let read = from.read(&mut bytes).await?;
        if read == 0 {
            return Ok(());
        }
        {
            let mut state = lock(&traffic.state);
            if let State::LosingAfter(text) = *state
                && bytes[..read].windows(text.len()).any(|window| window == text.as_bytes())
            {
                *state = State::Losing;
            }
        }
        to.write_all(&bytes[..read]).await?;
    }
}

async fn pass_answers(mut from: unix::OwnedReadHalf, mut to: OwnedWriteHalf, traffic: &Traffic) -> io::Result<()> {
    let mut bytes = vec![0; 64 << 10];
    loop {
        let read = from.read(&mut bytes).await?;
        if read == 0 {
            return Ok(());
        }
        let is_lost = *lock(&traffic.state) == State::Losing;
        match is_lost {
            true => drop(traffic.lost.fetch_add(read, Ordering::Relaxed)),
            false => to.write_all(&bytes[..read]).await?,
        }
    }
}
