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

    /// Waits for the future, and no longer than there is time. Takes it pinned,
    /// since to move a future into another one makes both larger.
    pub(super) fn within<F: Future + ?Sized>(
        &mut self,
        mut future: Pin<&mut F>,
    ) -> impl Future<Output = Result<F::Output, Elapsed>> {
        poll_fn(move |cx| {
            if let Poll::Ready(output) = future.as_mut().poll(cx) {
                return Poll::Ready(Ok(output));
            }
            if !self.has_waited {
                // A server hands a body over at the second poll as a rule: a timer
                // for the first would be made, and dropped, for every request.
                self.has_waited = true;
                cx.waker().wake_by_ref();
                return Poll::Pending;
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
