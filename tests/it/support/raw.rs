//! Connections to the server, byte by byte.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};

use tokio::net::TcpSocket;

use super::{PATIENCE, Server};

/// A connection that stays open until this is dropped.
pub(crate) struct RawConnection {
    stream: BufReader<TcpStream>,
}

impl RawConnection {
    pub(crate) fn open(server: &Server) -> std::io::Result<Self> {
        let address = server.url.strip_prefix("http://").expect("an HTTP URL");
        Self::new(TcpStream::connect(address)?)
    }

    /// One from another address of this machine.
    pub(crate) async fn open_from(server: &Server, from: Ipv4Addr) -> std::io::Result<Self> {
        Self::open_at(server.url.strip_prefix("http://").expect("an HTTP URL"), from).await
    }

    /// One to a server at this address and port.
    pub(crate) async fn open_at(address: &str, from: Ipv4Addr) -> std::io::Result<Self> {
        let address = address.parse().expect("an address and a port");
        let socket = TcpSocket::new_v4()?;
        socket.bind((from, 0).into())?;
        let stream = socket.connect(address).await?.into_std()?;
        stream.set_nonblocking(false)?;
        Self::new(stream)
    }

    fn new(stream: TcpStream) -> std::io::Result<Self> {
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { stream: BufReader::new(stream) })
    }

    pub(crate) fn send(&mut self, bytes: &str) {
        self.stream.get_mut().write_all(bytes.as_bytes()).expect("send");
    }

    /// The status of the next answer, which is read to its end.
    pub(crate) fn status(&mut self) -> u16 {
        self.try_status().expect("an answer")
    }

    /// The same; none if the server has closed the connection instead.
    pub(crate) fn try_status(&mut self) -> Option<u16> {
        if self.stream.fill_buf().map_or(true, <[u8]>::is_empty) {
            return None;
        }
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line).expect("a line");
            match line.trim_end() {
                "" => break,
                line => lines.push(line.to_ascii_lowercase()),
            }
        }
        let length = lines.iter().find_map(|line| line.strip_prefix("content-length: "));
        let length = length.map_or(0, |length| length.parse().expect("a number"));
        self.stream.read_exact(&mut vec![0; length]).expect("the body");
        let status = lines.first().and_then(|line| line.split(' ').nth(1));
        Some(status.and_then(|status| status.parse().ok()).expect("a status line"))
    }

    /// All that comes until the server closes the connection.
    pub(crate) fn rest(mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        self.stream.read_to_end(&mut rest).expect("an orderly end");
        rest
    }

    /// Waits until the server closes the connection.
    pub(crate) fn closed(self) {
        assert_eq!(self.rest(), b"");
    }
}
