//! The access log in the Apache combined format, for log tooling that reads it.
//!
//! The format has fields for the caller's address, name and user agent, and for the page it came from: they are always
//! `-`, and the query is left out.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::task::{Context, Poll};
use std::thread::{self, JoinHandle};

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use hyper::body::{Body as HttpBody, Bytes, Frame, SizeHint};

use super::observe;
use crate::clock;

/// How many lines may wait to be written. When a disk is slower than that, new lines are lost rather than answers
/// delayed, and the log tells how many.
const WAITING: usize = 8_192;

/// The status of a request whose caller went before it was answered, as other servers log it.
const CALLER_WENT: u16 = 499;

/// An access log. Dropping it waits until its lines are written.
#[derive(Debug)]
pub struct CombinedLog {
    lines: Option<Lines>,
    writer: Option<JoinHandle<()>>,
}

/// Where a request's line goes.
#[derive(Debug, Clone)]
pub struct Lines {
    waiting: SyncSender<String>,
    /// How many were lost since the log last told of it.
    lost: Arc<AtomicU64>,
}

impl CombinedLog {
    /// Appends to the file at `path`, which is made if there is none.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub fn open(path: PathBuf) -> io::Result<Self> {
        let file = append(&path)?;
        let (sender, waiting) = sync_channel(WAITING);
        let lines = Lines { waiting: sender, lost: Arc::default() };
        let lost = Arc::clone(&lines.lost);
        let writer = Writer { path, file, torn: false };
        let writer = thread::Builder::new().name("access-log".into()).spawn(move || writer.run(&waiting, &lost))?;
        Ok(Self { lines: Some(lines), writer: Some(writer) })
    }

    /// Where requests put their lines.
    pub fn lines(&self) -> Option<Lines> {
        self.lines.clone()
    }
}

impl Drop for CombinedLog {
    /// Waits until the lines are written of which nobody holds [`Lines`] any more.
    fn drop(&mut self) {
        self.lines = None;
        if let Some(writer) = self.writer.take() {
            // It does not panic, and there is nobody left to tell.
            let _ = writer.join();
        }
    }
}

fn append(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).mode(0o640).open(path)
}

/// Writes lines, on a thread of its own.
struct Writer {
    path: PathBuf,
    file: File,
    /// Whether the file ends in a part of a line, as it does when the disk was full.
    torn: bool,
}

impl Writer {
    /// Writes lines until nobody sends any more. What cannot be written is lost, and told once.
    fn run(mut self, lines: &Receiver<String>, lost: &AtomicU64) {
        let mut failing = false;
        while let Ok(first) = lines.recv() {
            // All that wait, in one write.
            let text: String = std::iter::once(first).chain(lines.try_iter()).collect();
            // A file that cannot be made anew may still be there under its other name.
            let reopened = self.reopen_if_moved();
            let written = self.append(text.as_bytes()).and(reopened);
            match (&written, failing) {
                (Err(error), false) => tracing::error!(%error, "cannot write the access log; lines may be lost"),
                (Ok(()), true) => tracing::info!("the access log is written again"),
                _ => {}
            }
            failing = written.is_err();
            match lost.swap(0, Ordering::Relaxed) {
                0 => {}
                lines => tracing::warn!(lines, "the access log cannot keep up; lines are lost"),
            }
        }
    }

    /// Log rotation moves the file away and expects a new one.
    fn reopen_if_moved(&mut self) -> io::Result<()> {
        let open = self.file.metadata()?;
        let is_there = self.path.metadata().is_ok_and(|there| (there.dev(), there.ino()) == (open.dev(), open.ino()));
        if !is_there {
            self.file = append(&self.path)?;
            self.torn = false;
        }
        Ok(())
    }

    fn append(&mut self, text: &[u8]) -> io::Result<()> {
        if self.torn {
            self.file.write_all(b"\n")?;
            self.torn = false;
        }
        let mut rest = text;
        while !rest.is_empty() {
            match self.file.write(rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => {
                    self.torn = rest[count - 1] != b'\n';
                    rest = &rest[count..];
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Puts a line into the log when the answer to a request has been sent, or was broken off.
pub(super) async fn requests(lines: Lines, request: Request, next: Next) -> Response {
    let time = clock::now().format("%d/%b/%Y:%H:%M:%S +0000");
    let (method, path) = (request.method(), escaped(observe::told(request.uri().path())));
    let start = format!("- - - [{time}] \"{method} {path} {:?}\"", request.version());
    let mut line = Line { lines, start, status: CALLER_WENT, bytes: 0 };
    let response = next.run(request).await;
    line.status = response.status().as_u16();
    response.map(|body| Body::new(Counted { body, line }))
}

/// As Apache escapes what it logs: a quote or backslash with a backslash, and what is not printable ASCII as `\xhh`.
fn escaped(path: &str) -> String {
    let mut escaped = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'"' | b'\\' => escaped.extend(['\\', byte.into()]),
            b' '..=b'~' => escaped.push(byte.into()),
            // Writing to a string does not fail.
            _ => _ = write!(escaped, "\\x{byte:02x}"),
        }
    }
    escaped
}

/// A line that is put into the log when it is dropped.
struct Line {
    lines: Lines,
    start: String,
    status: u16,
    bytes: u64,
}

impl Drop for Line {
    fn drop(&mut self) {
        let bytes = if self.bytes == 0 { "-".to_owned() } else { self.bytes.to_string() };
        let line = format!("{} {} {bytes} \"-\" \"-\"\n", self.start, self.status);
        if let Err(TrySendError::Full(_)) = self.lines.waiting.try_send(line) {
            self.lines.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// A body whose bytes are counted as they are sent.
struct Counted {
    body: Body,
    line: Line,
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let Self { body, line } = self.get_mut();
        let frame = Pin::new(body).poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &frame {
            line.bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_path_can_end_its_field_or_line() {
        assert_eq!(escaped("/a%22/b"), "/a%22/b");
        assert_eq!(escaped("/\"\\\u{7f}\u{85}\n"), r#"/\"\\\x7f\xc2\x85\x0a"#);
    }

    #[test]
    fn a_line_that_was_torn_is_ended_before_the_next() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("log");
        let mut writer = Writer { file: append(&path).expect("a file"), path: path.clone(), torn: false };
        writer.append(b"one\ntw").expect("written");
        writer.append(b"three\n").expect("written");
        assert_eq!(std::fs::read_to_string(&path).expect("the log"), "one\ntw\nthree\n");
    }
}
