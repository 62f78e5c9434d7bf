//! A fetch that is in progress.

use std::{sync::Arc, time::Duration};

use tokio::{sync::watch, time::Instant};

use super::{
    entry::{Counted, Entry, Flight, Kept, Outcome},
    failure::{Cause, FetchFailed},
};
use crate::protocol::jwt::key_set::SkippedKey;

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
    jwks_uri: Box<str>,
    stale_for: Option<Duration>,
    reports: Reports,
}

/// Called with what the operator has to know.
#[derive(Clone, Copy)]
pub(crate) struct Reports {
    /// For each fetch that failed, with the URI. The flag is whether an earlier set is kept.
    pub(crate) failed: fn(&str, &FetchFailed, bool),
    /// For each key of a new set that is skipped, with the URI of the set.
    pub(crate) skipped: fn(&str, &SkippedKey),
    /// If the source says that there is no set at this URI, once until it has one again.
    pub(crate) gone: fn(&str),
    /// With how many sets more are kept, which may be less than zero.
    pub(crate) kept: fn(f64),
}

impl Attempt {
    pub(super) fn new(
        entry: Arc<Entry>,
        landing: watch::Sender<Option<Outcome>>,
        jwks_uri: &str,
        stale_for: Option<Duration>,
        reports: Reports,
    ) -> Self {
        Self {
            entry,
            landing: Some(landing),
            jwks_uri: jwks_uri.into(),
            stale_for,
            reports,
        }
    }

    pub(super) fn land(mut self, fetched: Result<Kept, Cause>) {
        self.end(fetched);
    }

    fn end(&mut self, fetched: Result<Kept, Cause>) {
        let Some(landing) = self.landing.take() else {
            return;
        };
        let is_set_kept = self.entry.kept(Instant::now(), self.stale_for).is_some();
        let mut state = self.entry.lock();
        state.flight = None;
        let (mut is_new, mut is_gone, mut is_first) = (false, false, false);
        let mut uncounted = None;
        let outcome = match fetched {
            Ok(mut kept) => {
                let keys = Arc::clone(&kept.keys);
                let last = state.kept.as_ref().map(|last| last.digest);
                is_new = last != Some(kept.digest);
                is_gone = kept.is_gone;
                let counted = state.kept.as_mut().and_then(|last| last.counted.take());
                if is_gone {
                    uncounted = counted;
                } else {
                    is_first = counted.is_none();
                    kept.counted = counted.or_else(|| Some(Counted(self.reports.kept)));
                }
                state.kept = Some(kept);
                state.failure = None;
                Ok(keys)
            }
            // Nobody has asked the source, so it is neither left alone nor down.
            Err(cause @ Cause::Busy(_)) => Err(FetchFailed::new(cause)),
            Err(cause) => {
                let failure = FetchFailed::new(cause);
                state.failure = Some((failure.clone(), Instant::now()));
                Err(failure)
            }
        };
        drop(state);
        landing.send_replace(Some(outcome.clone()));
        // Last, since these run code of the user.
        drop(uncounted);
        if is_first {
            (self.reports.kept)(1.0);
        }
        match outcome {
            Ok(keys) if is_new => {
                for key in keys.skipped() {
                    (self.reports.skipped)(&self.jwks_uri, key);
                }
                if is_gone {
                    (self.reports.gone)(&self.jwks_uri);
                }
            }
            Ok(_) => {}
            Err(failure) => (self.reports.failed)(&self.jwks_uri, &failure, is_set_kept),
        }
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        self.end(Err(Cause::Abandoned));
    }
}
