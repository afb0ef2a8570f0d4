//! Whether a connection still moves: when its caller has to have sent or taken something, and the stream that notes it.
//!
//! A request costs a few stores. Nothing is armed and disarmed: whoever serves the connection looks every now and then.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use hyper::body::{Body as HttpBody, Bytes, Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, sleep_until};

use super::pace;

/// How long the head of a request may take, from its first byte on; also from when the connection is made.
const HEAD: Duration = Duration::from_secs(10);

/// How long a connection may wait for its next request: longer than load balancers keep theirs, so that they close them.
const IDLE: Duration = Duration::from_secs(75);

/// How often it is looked, at least; so much longer may everything take.
const LOOK: Duration = Duration::from_secs(2);

/// The end of no time.
const NEVER: u64 = u64::MAX;

/// No byte of the next request is here.
const WAITING: u8 = 0;
/// Its head is being read.
const READING: u8 = 1;
/// It is being answered.
const ANSWERING: u8 = 2;
/// The whole answer is on its way.
const SENDING: u8 = 3;

/// What is known of a connection. Times are milliseconds since it was made.
#[derive(Debug)]
pub(super) struct Pulse {
    since: Instant,
    phase: AtomicU8,
    /// When the head of a request has to be here.
    head_by: AtomicU64,
    /// When what waits to be sent has to be taken.
    taken_by: AtomicU64,
}

impl Pulse {
    pub(super) fn new() -> Self {
        let (phase, head_by) = (AtomicU8::new(READING), AtomicU64::new(milliseconds(HEAD)));
        Self { since: Instant::now(), phase, head_by, taken_by: AtomicU64::new(NEVER) }
    }

    /// A request is here and its answer begins.
    pub(super) fn answering(&self) {
        self.phase.store(ANSWERING, Relaxed);
        self.head_by.store(NEVER, Relaxed);
    }

    /// Ready once the caller has taken too long.
    pub(super) async fn stops(&self) {
        loop {
            let now = self.now();
            let limit = self.head_by.load(Relaxed).min(self.taken_by.load(Relaxed));
            if limit <= now {
                return;
            }
            let look = limit.min(now + milliseconds(LOOK));
            sleep_until(self.since + Duration::from_millis(look)).await;
        }
    }

    fn received(&self) {
        if self.phase.load(Relaxed) == WAITING {
            self.phase.store(READING, Relaxed);
            self.head_by.store(self.now() + milliseconds(HEAD), Relaxed);
        }
    }

    fn answered(&self) {
        if self.phase.load(Relaxed) == ANSWERING {
            self.phase.store(SENDING, Relaxed);
        }
    }

    fn sent(&self) {
        self.taken_by.store(NEVER, Relaxed);
        if self.phase.load(Relaxed) == SENDING {
            self.phase.store(WAITING, Relaxed);
            self.head_by.store(self.now() + milliseconds(IDLE), Relaxed);
        }
    }

    /// So many bytes were taken, and the caller takes no more for now if that is none.
    fn taken(&self, bytes: usize) {
        let limit = self.taken_by.load(Relaxed);
        match bytes {
            0 if limit == NEVER => self.taken_by.store(self.now() + milliseconds(pace::GRACE), Relaxed),
            _ if limit != NEVER => self.taken_by.store(limit + milliseconds(pace::time_for(bytes)), Relaxed),
            _ => {}
        }
    }

    fn now(&self) -> u64 {
        milliseconds(self.since.elapsed())
    }
}

fn milliseconds(time: Duration) -> u64 {
    time.as_millis() as u64
}

/// A stream whose pulse is taken.
pub(super) struct Watched<S> {
    stream: S,
    pulse: Arc<Pulse>,
}

impl<S> Watched<S> {
    pub(super) fn new(stream: S, pulse: Arc<Pulse>) -> Self {
        Self { stream, pulse }
    }

    fn wrote(&self, wrote: Poll<std::io::Result<usize>>) -> Poll<std::io::Result<usize>> {
        match &wrote {
            Poll::Pending => self.pulse.taken(0),
            Poll::Ready(Ok(bytes)) => self.pulse.taken(*bytes),
            Poll::Ready(Err(_)) => {}
        }
        wrote
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(context, buffer);
        if buffer.filled().len() > before {
            this.pulse.received();
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        let this = self.get_mut();
        let wrote = Pin::new(&mut this.stream).poll_write(context, bytes);
        this.wrote(wrote)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        let this = self.get_mut();
        let wrote = Pin::new(&mut this.stream).poll_write_vectored(context, slices);
        this.wrote(wrote)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        let this = self.get_mut();
        let flushed = Pin::new(&mut this.stream).poll_flush(context);
        match flushed {
            Poll::Pending => this.pulse.taken(0),
            Poll::Ready(_) => this.pulse.sent(),
        }
        flushed
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        let this = self.get_mut();
        let shut = Pin::new(&mut this.stream).poll_shutdown(context);
        if shut.is_pending() {
            this.pulse.taken(0);
        }
        shut
    }
}

/// The body of an answer, which notes when all of it has been passed on.
pub(super) struct Passed {
    body: Body,
    pulse: Arc<Pulse>,
}

impl Passed {
    pub(super) fn new(body: Body, pulse: Arc<Pulse>) -> Self {
        Self { body, pulse }
    }
}

impl Drop for Passed {
    fn drop(&mut self) {
        self.pulse.answered();
    }
}

impl HttpBody for Passed {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.get_mut().body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
