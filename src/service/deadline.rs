//! The time that a decision may take.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    task::Poll,
    time::Duration,
};

use tokio::{
    runtime::Handle,
    time::{Sleep, sleep},
};

/// Bounds several waits together.
///
/// Most decisions never wait, so the timer is made when one does for the first
/// time. Outside of a tokio runtime there are no timers and nothing is bound.
pub(super) struct Deadline {
    limit: Duration,
    timer: Option<Pin<Box<Sleep>>>,
}

pub(super) struct Elapsed;

impl Deadline {
    pub(super) const fn new(limit: Duration) -> Self {
        Self { limit, timer: None }
    }

    /// Takes a pinned future, so that none is moved once more to be bound.
    pub(super) fn bound<F: Future>(
        &mut self,
        mut future: Pin<&mut F>,
    ) -> impl Future<Output = Result<F::Output, Elapsed>> {
        poll_fn(move |cx| {
            if let Poll::Ready(output) = future.as_mut().poll(cx) {
                return Poll::Ready(Ok(output));
            }
            if self.timer.is_none() && Handle::try_current().is_ok() {
                self.timer = Some(Box::pin(sleep(self.limit)));
            }
            match &mut self.timer {
                Some(timer) => timer.as_mut().poll(cx).map(|()| Err(Elapsed)),
                None => Poll::Pending,
            }
        })
    }
}
