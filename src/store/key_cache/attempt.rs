//! A fetch that is in progress.

use std::sync::Arc;

use tokio::{sync::watch, time::Instant};

use super::{
    entry::{Entry, Flight, Kept, Outcome},
    failure::{Cause, FetchFailed},
};

pub(super) async fn outcome_of(mut flight: Flight) -> Outcome {
    match flight.wait_for(Option::is_some).await.as_deref() {
        Ok(Some(outcome)) => outcome.clone(),
        Ok(None) | Err(_) => Err(FetchFailed::new(Cause::Abandoned)),
    }
}

/// A fetch in progress. However it ends, the requests that wait are told: also if the
/// source panics, or if the runtime shuts down.
pub(super) struct Attempt {
    entry: Arc<Entry>,
    landing: Option<watch::Sender<Option<Outcome>>>,
    on_failure: OnFailure,
}

/// Called for each fetch that failed. The flag is whether an earlier set is kept.
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
        let is_set_kept = state.kept.is_some();
        let outcome = match fetched {
            Ok(kept) => {
                let keys = Arc::clone(&kept.keys);
                state.kept = Some(kept);
                state.failure = None;
                Ok(keys)
            }
            Err(cause) => {
                let failure = FetchFailed::new(cause);
                state.failure = Some((failure.clone(), Instant::now()));
                Err(failure)
            }
        };
        drop(state);
        let failure = outcome.as_ref().err().cloned();
        landing.send_replace(Some(outcome));
        // At last: it runs code of the user.
        if let Some(failure) = failure {
            (self.on_failure)(&failure, is_set_kept);
        }
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        self.end(Err(Cause::Abandoned));
    }
}
