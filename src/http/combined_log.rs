//! The access log in the Apache combined format, for log tooling that reads it.
//!
//! The format has fields for the caller's address, name and user agent, and for the page it came from: they are always `-`, as is the query left out.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::task::{Context, Poll};
use std::thread::{self, JoinHandle};

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use hyper::body::{Body as HttpBody, Bytes, Frame, SizeHint};

use crate::clock;

/// How many lines may wait to be written. When a disk is slower than that, lines are lost rather than answers delayed.
const WAITING: usize = 8_192;

/// An access log. Dropping it waits until its lines are written.
#[derive(Debug)]
pub struct CombinedLog {
    lines: Option<SyncSender<String>>,
    writer: Option<JoinHandle<()>>,
}

/// Where a request's line goes.
#[derive(Debug, Clone)]
pub struct Lines(SyncSender<String>);

impl CombinedLog {
    /// Appends to the file at `path`, which is made if there is none.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub fn open(path: PathBuf) -> io::Result<Self> {
        let file = append(&path)?;
        let (lines, waiting) = sync_channel(WAITING);
        let writer = thread::Builder::new().name("access-log".into()).spawn(move || write(&path, file, &waiting))?;
        Ok(Self { lines: Some(lines), writer: Some(writer) })
    }

    /// Where requests put their lines.
    pub fn lines(&self) -> Option<Lines> {
        self.lines.clone().map(Lines)
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

/// Writes lines until nobody sends any more. A file that was moved away or removed is made anew.
fn write(path: &Path, mut file: File, lines: &Receiver<String>) {
    let mut failing = false;
    while let Ok(first) = lines.recv() {
        // All that wait, in one write.
        let text: String = std::iter::once(first).chain(lines.try_iter()).collect();
        let written = reopen_if_moved(path, &mut file).and_then(|()| file.write_all(text.as_bytes()));
        match (&written, failing) {
            (Err(error), false) => tracing::error!(%error, "cannot write the access log; lines are lost"),
            (Ok(()), true) => tracing::info!("the access log is written again"),
            _ => {}
        }
        failing = written.is_err();
    }
}

/// Log rotation moves the file away and expects a new one.
fn reopen_if_moved(path: &Path, file: &mut File) -> io::Result<()> {
    let open = file.metadata()?;
    let is_there = path.metadata().is_ok_and(|there| (there.dev(), there.ino()) == (open.dev(), open.ino()));
    if !is_there {
        *file = append(path)?;
    }
    Ok(())
}

/// Puts a line into the log when the answer to a request has been sent, or was broken off.
pub(super) async fn requests(lines: Lines, request: Request, next: Next) -> Response {
    let time = clock::now().format("%d/%b/%Y:%H:%M:%S +0000");
    let (method, path) = (request.method(), escaped(request.uri().path()));
    let start = format!("- - - [{time}] \"{method} {path} {:?}\"", request.version());
    let response = next.run(request).await;
    let line = Line { lines, start: format!("{start} {}", response.status().as_u16()), bytes: 0 };
    response.map(|body| Body::new(Counted { body, line }))
}

/// As Apache escapes what it logs: a quote or backslash with a backslash. A path has no control characters.
fn escaped(path: &str) -> String {
    path.replace('\\', "\\\\").replace('"', "\\\"")
}

/// A line that is put into the log when it is dropped.
struct Line {
    lines: Lines,
    start: String,
    bytes: u64,
}

impl Drop for Line {
    fn drop(&mut self) {
        let bytes = if self.bytes == 0 { "-".to_owned() } else { self.bytes.to_string() };
        let line = format!("{} {bytes} \"-\" \"-\"\n", self.start);
        if let Err(TrySendError::Full(_)) = self.lines.0.try_send(line) {
            tracing::warn!("the access log cannot keep up; a line is lost");
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
