//! The state of one URI, and what a request has to do.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::watch, time::Instant};

use super::failure::{Cause, FetchFailed};
use crate::{protocol::jwt::key_set::KeySet, store::jwks::FetchedKeys};

/// How long a set is fresh: by default, and the limits of what the source says.
pub(super) const FRESH: Duration = Duration::from_secs(10 * 60);
const MIN_FRESH: Duration = Duration::from_secs(60);
const MAX_FRESH: Duration = Duration::from_secs(24 * 60 * 60);

/// The time between two fetches of a fresh set for a key that it does not have. Clients
/// that share a URI also share this limit.
const BETWEEN_UNKNOWN: Duration = Duration::from_secs(60);

/// How long a source that failed is left alone.
pub(super) const BACKOFF: Duration = Duration::from_secs(5);

/// How long a source that failed counts as down, so that a request that has a set does
/// not wait for it. It is short: a set that nobody used in the meantime may be old, and
/// should be fetched before it is used.
const OUTAGE: Duration = Duration::from_secs(60);

/// What a fetch ends with.
pub(super) type Outcome = Result<Arc<KeySet>, FetchFailed>;

/// A fetch in progress, for all requests that wait for it.
pub(super) type Flight = watch::Receiver<Option<Outcome>>;

/// The state of one URI. The lock is never held across an `await`.
#[derive(Default)]
pub(super) struct Entry(Mutex<State>);

#[derive(Default)]
pub(super) struct State {
    pub(super) kept: Option<Kept>,
    /// The last fetch, if it failed.
    pub(super) failure: Option<(FetchFailed, Instant)>,
    fetched_for_unknown: Option<Instant>,
    pub(super) flight: Option<Flight>,
}

pub(super) struct Kept {
    pub(super) keys: Arc<KeySet>,
    fresh_until: Instant,
}

/// What a request has to do.
pub(super) enum Step {
    Done(Outcome),
    Wait(Flight),
    Fetch {
        landing: watch::Sender<Option<Outcome>>,
        /// The keys for a request that does not wait for the fetch.
        meanwhile: Option<Arc<KeySet>>,
    },
}

impl Entry {
    /// Decides by the table in [`key_cache`](super).
    pub(super) fn step(&self, now: Instant, wanted: impl Fn(&KeySet) -> bool) -> Step {
        let within = |since: &Instant, time| now.saturating_duration_since(*since) < time;
        let mut state = self.lock();
        let state = &mut *state;

        let keys = state.kept.as_ref().map(|kept| Arc::clone(&kept.keys));
        let is_fresh = state.kept.as_ref().is_some_and(|it| now < it.fresh_until);
        let failed = |time| state.failure.as_ref().filter(|(_, at)| within(at, time));
        let meanwhile = match &keys {
            Some(keys) if !wanted(keys) => None,
            Some(keys) if is_fresh => return Step::Done(Ok(Arc::clone(keys))),
            Some(keys) => failed(OUTAGE).map(|_| Arc::clone(keys)),
            None => None,
        };
        match (&state.flight, &meanwhile) {
            (Some(_), Some(keys)) => return Step::Done(Ok(Arc::clone(keys))),
            (Some(flight), None) => return Step::Wait(flight.clone()),
            (None, _) => {}
        }
        if let Some((failure, _)) = failed(BACKOFF) {
            return Step::Done(meanwhile.ok_or_else(|| failure.not_again()));
        }
        if let (true, Some(keys)) = (is_fresh, keys) {
            let last = state.fetched_for_unknown.as_ref();
            if last.is_some_and(|last| within(last, BETWEEN_UNKNOWN)) {
                return Step::Done(match &state.failure {
                    Some((failure, _)) => Err(failure.not_again()),
                    None => Ok(keys),
                });
            }
            state.fetched_for_unknown = Some(now);
        }
        let (landing, flight) = watch::channel(None);
        state.flight = Some(flight);
        Step::Fetch { landing, meanwhile }
    }

    pub(super) fn kept(&self) -> Option<Arc<KeySet>> {
        let state = self.lock();
        state.kept.as_ref().map(|kept| Arc::clone(&kept.keys))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn read(fetched: &FetchedKeys) -> Result<Kept, Cause> {
    let keys = KeySet::fetched(fetched.json()).map_err(Cause::Unusable)?;
    let fresh = fetched.freshness().unwrap_or(FRESH);
    Ok(Kept {
        keys: Arc::new(keys),
        fresh_until: Instant::now() + fresh.clamp(MIN_FRESH, MAX_FRESH),
    })
}
