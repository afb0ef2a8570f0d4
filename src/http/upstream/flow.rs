//! Bodies on their way to the old service and back, and noticing when they do not move any more.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Body;
use hyper::body::{Body as HttpBody, Bytes, Frame, Incoming, SizeHint};
use tokio::sync::watch;
use tokio::time::{Instant, Sleep};
use tracing::Span;

/// Whom everybody waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stalled {
    /// The caller has not sent the rest of its request.
    Caller,
    /// The old service does not take the request, or does not answer.
    Upstream,
}

/// The body of a request, which tells whenever it moves.
pub(super) struct Sending {
    body: Body,
    moves: watch::Sender<Stalled>,
}

/// How the body of a request gets on.
pub(super) struct Progress(watch::Receiver<Stalled>);

impl Sending {
    pub(super) fn new(body: Body) -> (Self, Progress) {
        // Who connects waits for the old service.
        let (moves, progress) = watch::channel(Stalled::Upstream);
        (Self { body, moves }, Progress(progress))
    }
}

impl Progress {
    /// Waits until nothing has moved for `limit`: no part of the body, and from its end on, nothing.
    pub(super) async fn stalls(mut self, limit: Duration) -> Stalled {
        loop {
            match tokio::time::timeout(limit, self.0.changed()).await {
                Err(_) => return *self.0.borrow(),
                Ok(Ok(())) => {}
                // The body was dropped, which is when the last of it has been sent.
                Ok(Err(_)) => {
                    tokio::time::sleep(limit).await;
                    return Stalled::Upstream;
                }
            }
        }
    }
}

impl HttpBody for Sending {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let Self { body, moves } = self.get_mut();
        let frame = Pin::new(body).poll_frame(context);
        match frame {
            Poll::Ready(_) => _ = moves.send_replace(Stalled::Upstream),
            // It is asked for more only when the old service has taken what there was. That alone is no progress.
            Poll::Pending => {
                _ = moves.send_if_modified(|stalled| {
                    *stalled = Stalled::Caller;
                    false
                })
            }
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

/// The body of an answer, which breaks off when the next part does not come in time.
///
/// It does not tell its size: answers to HEAD, and those with status 304, speak of a body that they do not have.
pub(super) struct Answer {
    body: Incoming,
    limit: Duration,
    /// Runs while the old service is waited for. A caller who is slow to take what came costs it no time.
    waiting: Option<Pin<Box<Sleep>>>,
    /// The request's, which has ended for the log when its answer is sent.
    span: Span,
}

impl Answer {
    pub(super) fn new(body: Incoming, limit: Duration) -> Self {
        Self { body, limit, waiting: None, span: Span::current() }
    }

    fn broke_off(&self, error: &dyn std::fmt::Display) {
        self.span.in_scope(|| tracing::warn!(%error, "the old service broke off in the middle of an answer"));
    }
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = self.get_mut();
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(context) {
            this.waiting = None;
            return Poll::Ready(frame.map(|frame| {
                frame.map_err(|error| {
                    this.broke_off(&error);
                    axum::Error::new(error)
                })
            }));
        }
        let limit = this.limit;
        let waiting = this.waiting.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(Instant::now() + limit)));
        ready!(waiting.as_mut().poll(context));
        let error = "its next part did not come in time";
        this.broke_off(&error);
        Poll::Ready(Some(Err(axum::Error::new(error))))
    }
}
