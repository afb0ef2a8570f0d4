//! Connections to the server, byte by byte.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::Server;

/// A connection that stays open until this is dropped.
pub(crate) struct RawConnection {
    stream: BufReader<TcpStream>,
}

impl RawConnection {
    pub(crate) fn open(server: &Server) -> std::io::Result<Self> {
        let address = server.url.strip_prefix("http://").expect("an HTTP URL");
        let stream = TcpStream::connect(address)?;
        // Only a test that fails waits for so long.
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        Ok(Self { stream: BufReader::new(stream) })
    }

    pub(crate) fn send(&mut self, bytes: &str) {
        self.stream.get_mut().write_all(bytes.as_bytes()).expect("send");
    }

    /// The status of the next answer, which is read to its end.
    pub(crate) fn status(&mut self) -> u16 {
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
        status.and_then(|status| status.parse().ok()).expect("a status line")
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
