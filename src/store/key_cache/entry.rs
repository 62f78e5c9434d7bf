//! The state of one URI, and what a request has to do.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::watch, time::Instant};

use super::{
    budget::Budget,
    failure::{Cause, FetchFailed},
};
use crate::{
    protocol::jwt::key_set::{HasKey, KeySet},
    store::jwks::FetchedKeys,
};

/// How long a set is fresh: by default, and the limits of what the source says.
pub(super) const FRESH: Duration = Duration::from_secs(10 * 60);
const MIN_FRESH: Duration = Duration::from_secs(60);
const MAX_FRESH: Duration = Duration::from_secs(24 * 60 * 60);

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
    /// For keys that a fresh set does not have. Clients that share a URI also share this.
    for_unknown: Budget,
    pub(super) flight: Option<Flight>,
}

pub(super) struct Kept {
    pub(super) keys: Arc<KeySet>,
    fresh_until: Instant,
    /// Tells one set from another.
    pub(super) digest: u64,
    /// Whether the source said that there is no set.
    pub(super) is_gone: bool,
    /// If there is a set, once it is in an entry.
    pub(super) counted: Option<Counted>,
}

/// A set that is counted, until it is dropped. A newer set of its entry takes this over.
pub(super) struct Counted(pub(super) fn(f64));

impl Drop for Counted {
    fn drop(&mut self) {
        (self.0)(-1.0);
    }
}

impl Kept {
    /// Whether the set may be used. `stale_for` is how long after it was fresh; `None` means
    /// forever.
    fn is_usable(&self, now: Instant, stale_for: Option<Duration>) -> bool {
        let stale = now.checked_duration_since(self.fresh_until);
        stale.is_none_or(|stale| stale_for.is_none_or(|limit| stale < limit))
    }
}

/// What a request has to do.
pub(super) enum Step {
    Done(Outcome),
    /// Nothing: it is not known whether the client has the key.
    Pause,
    Wait(Flight),
    Fetch {
        landing: watch::Sender<Option<Outcome>>,
        /// The keys for a request that does not wait for the fetch.
        meanwhile: Option<Arc<KeySet>>,
    },
}

impl Entry {
    /// Decides by the table in [`key_cache`](super).
    pub(super) fn step(
        &self,
        now: Instant,
        stale_for: Option<Duration>,
        wanted: impl Fn(&KeySet) -> HasKey,
    ) -> Step {
        let within = |since: &Instant, time| now.saturating_duration_since(*since) < time;
        let mut state = self.lock();
        let state = &mut *state;

        let kept = state.kept.as_ref();
        let kept = kept.filter(|kept| kept.is_usable(now, stale_for));
        let keys = kept.map(|kept| Arc::clone(&kept.keys));
        let is_fresh = kept.is_some_and(|it| now < it.fresh_until);
        let failed = |time| state.failure.as_ref().filter(|(_, at)| within(at, time));
        let has_key = keys.as_deref().map_or(HasKey::No, &wanted);
        let usable = keys.as_ref().filter(|_| has_key.is_usable());
        let meanwhile = match usable {
            Some(keys) if is_fresh && has_key == HasKey::Yes => {
                return Step::Done(Ok(Arc::clone(keys)));
            }
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
        if let (true, Some(keys)) = (is_fresh, keys)
            && !state.for_unknown.spend(now)
        {
            return match &state.failure {
                _ if has_key.is_usable() => Step::Done(Ok(keys)),
                Some((failure, _)) => Step::Done(Err(failure.not_again())),
                // The client has no keys, and its source said so.
                None if has_key == HasKey::Nothing => Step::Done(Ok(keys)),
                None => Step::Pause,
            };
        }
        let (landing, flight) = watch::channel(None);
        state.flight = Some(flight);
        Step::Fetch { landing, meanwhile }
    }

    /// The set that may be used if a fetch failed.
    pub(super) fn kept(&self, now: Instant, stale_for: Option<Duration>) -> Option<Arc<KeySet>> {
        let state = self.lock();
        let kept = state.kept.as_ref();
        let kept = kept.filter(|kept| kept.is_usable(now, stale_for));
        kept.map(|kept| Arc::clone(&kept.keys))
    }

    pub(super) fn is_fresh(&self, now: Instant) -> bool {
        let state = self.lock();
        let kept = state.kept.as_ref();
        kept.is_some_and(|kept| now < kept.fresh_until)
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn read(fetched: &FetchedKeys) -> Result<Kept, Cause> {
    let keys = KeySet::fetched(fetched.json()).map_err(Cause::Unusable)?;
    let fresh = fetched.fresh_for().unwrap_or(FRESH);
    let mut hasher = DefaultHasher::new();
    (fetched.json(), fetched.is_gone()).hash(&mut hasher);
    Ok(Kept {
        keys: Arc::new(keys),
        fresh_until: Instant::now() + fresh.clamp(MIN_FRESH, MAX_FRESH),
        digest: hasher.finish(),
        is_gone: fetched.is_gone(),
        counted: None,
    })
}
