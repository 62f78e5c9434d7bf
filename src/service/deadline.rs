//! The time that a decision may take.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
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

    pub(super) async fn bound<F: Future>(&mut self, future: F) -> Result<F::Output, Elapsed> {
        let mut future = pin!(future);
        poll_fn(|cx| {
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
        .await
    }
}
