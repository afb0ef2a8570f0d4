//! How slow a caller may be who sends a body or takes an answer: half a minute, and more for what is long and comes.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Body;
use hyper::body::{Body as HttpBody, Bytes, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

/// How long anything may take.
pub(super) const GRACE: Duration = Duration::from_secs(30);

/// From then on, how many bytes there have to be in each second.
const PER_SECOND: u64 = 16 << 10;

/// How much longer it may take when so many bytes have come.
pub(super) fn time_for(bytes: usize) -> Duration {
    Duration::from_millis(bytes as u64 * 1_000 / PER_SECOND)
}

/// The body of a request, which breaks off when it comes too slowly.
pub(super) struct Paced {
    body: Body,
    /// Until when its next part has to come; none before it has been waited for.
    limit: Option<Pin<Box<Sleep>>>,
    too_slow: Arc<AtomicBool>,
}

/// Whether a body came too slowly.
pub(super) struct TooSlow(Arc<AtomicBool>);

impl Paced {
    pub(super) fn new(body: Body) -> (Self, TooSlow) {
        let too_slow = Arc::default();
        (Self { body, limit: None, too_slow: Arc::clone(&too_slow) }, TooSlow(too_slow))
    }
}

impl TooSlow {
    pub(super) fn is_so(&self) -> bool {
        self.0.load(Relaxed)
    }
}

impl HttpBody for Paced {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = self.get_mut();
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(context) {
            if let (Some(limit), Some(Ok(frame))) = (&mut this.limit, &frame) {
                let later = limit.deadline() + time_for(frame.data_ref().map_or(0, Bytes::len));
                limit.as_mut().reset(later);
            }
            return Poll::Ready(frame);
        }
        let limit = this.limit.get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + GRACE)));
        ready!(limit.as_mut().poll(context));
        this.too_slow.store(true, Relaxed);
        Poll::Ready(Some(Err(axum::Error::new("the body came too slowly"))))
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
    use futures::stream;
    use http_body_util::BodyExt;

    use super::*;

    /// How long a body is read that comes in so many parts of such a size, one in a second, and whether it is too slow.
    async fn lasts(parts: usize, size: usize) -> (u64, bool) {
        let part = move |at: usize| async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            (at < parts).then(|| (Ok::<_, axum::Error>(Bytes::from(vec![b'x'; size])), at + 1))
        };
        let (body, too_slow) = Paced::new(Body::from_stream(stream::unfold(0, part)));
        let since = Instant::now();
        let read = body.collect().await;
        assert_eq!(read.is_err(), too_slow.is_so());
        (since.elapsed().as_secs(), too_slow.is_so())
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_has_half_a_minute_and_more_when_it_is_long_and_comes() {
        assert_eq!(lasts(20, 1).await, (21, false));
        assert_eq!(lasts(1_000, 1).await, (30, true));
        assert_eq!(lasts(200, 20 << 10).await, (201, false));
        // 8 of 16 KiB a second: half of the time that passes comes back.
        assert_eq!(lasts(200, 8 << 10).await, (59, true));
    }
}
