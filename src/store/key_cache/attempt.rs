//! A fetch that is under way.

use std::sync::Arc;

use tokio::{sync::watch, time::Instant};

use super::{
    entry::{Entry, Flight, Kept, Outcome},
    failure::{Cause, FetchFailed},
};

pub(super) async fn outcome_of(mut flight: Flight) -> Outcome {
    match flight.wait_for(Option::is_some).await.as_deref() {
        Ok(Some(outcome)) => outcome.clone(),
        Ok(None) | Err(_) => Err(FetchFailed::of(Cause::Abandoned)),
    }
}

/// A fetch on its way. However it ends, those who wait are told: also where the
/// source panics, or the runtime shuts down.
pub(super) struct Attempt {
    entry: Arc<Entry>,
    landing: Option<watch::Sender<Option<Outcome>>>,
    on_failure: OnFailure,
}

/// Is told of a fetch that failed, and whether an earlier set is kept.
pub(crate) type OnFailure = fn(&FetchFailed, bool);

impl Attempt {
    pub(super) const fn new(
        entry: Arc<Entry>,
        landing: watch::Sender<Option<Outcome>>,
        on_failure: OnFailure,
    ) -> Self {
        Self {
            entry,
            landing: Some(landing),
            on_failure,
        }
    }

    pub(super) fn land(mut self, fetched: Result<Kept, Cause>) {
        self.end(fetched);
    }

    fn end(&mut self, fetched: Result<Kept, Cause>) {
        let Some(landing) = self.landing.take() else {
            return;
        };
        let mut state = self.entry.lock();
        state.flight = None;
        let outcome = match fetched {
            Ok(kept) => {
                let keys = Arc::clone(&kept.keys);
                state.kept = Some(kept);
                state.failure = None;
                Ok(keys)
            }
            Err(cause) => {
                let failure = FetchFailed::of(cause);
                (self.on_failure)(&failure, state.kept.is_some());
                state.failure = Some((failure.clone(), Instant::now()));
                Err(failure)
            }
        };
        drop(state);
        landing.send_replace(Some(outcome));
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        self.end(Err(Cause::Abandoned));
    }
}
