//! Futures without `#[tokio::test]`.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::LazyLock;
use std::task::{Context, Poll, Waker};

use tokio::runtime::{Builder, Runtime};

/// Runs a future to its end, in a runtime that all tests of the crate share.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
        let mut builder = Builder::new_current_thread();
        builder.enable_all().build().expect("a runtime")
    });
    RUNTIME.block_on(future)
}

/// Polls a future, in no runtime but the test's own.
pub(crate) fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// When a future is dropped.
#[derive(Clone, Copy, Debug)]
pub(crate) enum DroppedAt {
    /// As soon as this many polls of it were pending.
    Pending(usize),
    /// After as many, but only when it was woken, so that what it waits for is there.
    Woken(usize),
}

/// Polls a future as its runtime does, and drops it. `None` if it was not ready before that.
pub(crate) async fn dropped_at<F: Future>(at: DroppedAt, future: F) -> Option<F::Output> {
    let (DroppedAt::Pending(last) | DroppedAt::Woken(last)) = at;
    let mut future = pin!(future);
    let mut polls = 0;
    poll_fn(|cx| {
        if polls == last {
            return Poll::Ready(None);
        }
        polls += 1;
        match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if polls == last && matches!(at, DroppedAt::Pending(_)) => {
                Poll::Ready(None)
            }
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}
