//! The time that a decision may take.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    runtime::Handle,
    time::{Sleep, sleep},
};

/// Limits several waits together.
///
/// Most decisions hardly wait, so the timer is made when one waits for the
/// second time. Outside of a tokio runtime there are no timers and nothing is limited.
pub(super) struct Deadline {
    limit: Duration,
    has_waited: bool,
    timer: Option<Pin<Box<Sleep>>>,
}

pub(super) struct Elapsed;

impl Deadline {
    pub(super) const fn new(limit: Duration) -> Self {
        Self {
            limit,
            has_waited: false,
            timer: None,
        }
    }

    /// Ready when the time is over. Call it when something else has to wait.
    pub(super) fn poll_elapsed(&mut self, cx: &mut Context<'_>) -> Poll<Elapsed> {
        if !self.has_waited {
            // A server usually hands a body over at the second poll: a timer for the
            // first would be made, and dropped, for every request.
            self.has_waited = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        if self.timer.is_none() && Handle::try_current().is_ok() {
            self.timer = Some(Box::pin(sleep(self.limit)));
        }
        match &mut self.timer {
            Some(timer) => timer.as_mut().poll(cx).map(|()| Elapsed),
            None => Poll::Pending,
        }
    }

    /// Waits for the future, and no longer than there is time.
    pub(super) fn within<F: Future + ?Sized>(
        &mut self,
        mut future: Pin<&mut F>,
    ) -> impl Future<Output = Result<F::Output, Elapsed>> {
        poll_fn(move |cx| match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Ok(output)),
            Poll::Pending => self.poll_elapsed(cx).map(Err),
        })
    }
}
