//! What is known of one client id.

use std::{
    error::Error,
    fmt,
    future::Future,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::AtomicUsize},
    time::Duration,
};

use tokio::{
    runtime::Handle,
    sync::{Mutex as AsyncMutex, MutexGuard as AsyncMutexGuard},
    time::{Instant, timeout},
};

use crate::{error::BoxError, protocol::client::Client, store::unavailable::ClientUnavailable};

/// How long a store that failed is left alone, if there is a copy.
const BACKOFF: Duration = Duration::from_secs(1);

/// A request that was given up after it has asked for so long counts as a lookup that failed. It is long
/// for a store that is up: otherwise, whoever gives requests up could keep an old client in use.
const SLOW: Duration = Duration::from_millis(500);

pub(super) struct Times {
    pub(super) fresh_for: Duration,
    pub(super) stale_for: Duration,
    pub(super) lookup: Duration,
}

/// What a lookup ends with.
pub(super) type Answer = Result<Option<Arc<Client>>, LookupFailed>;

/// Why a lookup failed, for all who wait for it.
#[derive(Clone, Debug)]
pub(super) struct LookupFailed(Arc<BoxError>);

impl LookupFailed {
    pub(super) fn new(cause: impl Into<BoxError>) -> Self {
        Self(Arc::new(cause.into()))
    }

    pub(super) fn cause(&self) -> &BoxError {
        &self.0
    }
}

/// What the layer tells apart stays apart.
impl From<LookupFailed> for BoxError {
    fn from(failed: LookupFailed) -> Self {
        match failed.0.is::<ClientUnavailable>() {
            true => ClientUnavailable::new(Shown(failed)).into(),
            false => Box::new(Shown(failed)),
        }
    }
}

/// The error as the store has returned it.
#[derive(Debug)]
struct Shown(LookupFailed);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.0.fmt(f)
    }
}

impl Error for Shown {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.0.source()
    }
}

#[derive(Default)]
pub(super) struct Entry {
    /// The number of requests that use it, which changes only while the map of entries is locked.
    pub(super) users: AtomicUsize,
    /// Whoever holds this asks the store.
    turn: AsyncMutex<()>,
    /// Never locked across an `await`, nor while code of the user runs.
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    kept: Option<Kept>,
    /// The last lookup, if it failed.
    failure: Option<(LookupFailed, Instant)>,
    /// How many lookups have ended.
    lookups: u64,
}

struct Kept {
    client: Option<Arc<Client>>,
    /// Before the store was asked.
    asked_at: Instant,
}

/// What a request has to do.
pub(super) enum Step<'a> {
    Done(Answer),
    Ask(Turn<'a>),
}

impl Entry {
    pub(super) fn fresh(&self, now: Instant, times: &Times) -> Option<Option<Arc<Client>>> {
        self.lock().fresh(now, times).cloned()
    }

    /// Decides by the table in [`cached`](super). Waits for the lookup in progress.
    pub(super) async fn step<'a>(&'a self, times: &'a Times) -> Step<'a> {
        let (lookups_before, client) = {
            let state = self.lock();
            let now = Instant::now();
            if let Some(client) = state.fresh(now, times) {
                return Step::Done(Ok(client.clone()));
            }
            let client = state.usable(now, times);
            if let (Some((_, failed_at)), Some(client)) = (&state.failure, &client) {
                let is_left_alone = now.saturating_duration_since(*failed_at) < BACKOFF;
                let is_asked = self.turn.try_lock().is_err();
                if is_left_alone || is_asked {
                    return Step::Done(Ok(Some(Arc::clone(client))));
                }
            }
            (state.lookups, client)
        };
        // The timer costs about 80 ns. So it is there also if no client is kept: otherwise, the time would
        // tell which clients exist.
        let mut lock = pin!(self.turn.lock());
        let lock = match (within(times.lookup, lock.as_mut()).await, client) {
            (Some(lock), _) => lock,
            // Others, who ask and are given up one after the other, do not delay it further.
            (None, Some(client)) => return Step::Done(Ok(Some(client))),
            (None, None) => lock.await,
        };
        let state = self.lock();
        if state.lookups != lookups_before {
            return Step::Done(state.last_answer(times));
        }
        Step::Ask(Turn {
            entry: self,
            times,
            asked_at: Instant::now(),
            has_landed: false,
            _lock: lock,
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `None` if it took too long. Outside of a tokio runtime, there is no timer.
pub(super) async fn within<F: Future>(limit: Duration, future: F) -> Option<F::Output> {
    match Handle::try_current() {
        Ok(_) => timeout(limit, future).await.ok(),
        Err(_) => Some(future.await),
    }
}

impl State {
    fn fresh(&self, now: Instant, times: &Times) -> Option<&Option<Arc<Client>>> {
        let kept = self.kept.as_ref()?;
        let age = now.saturating_duration_since(kept.asked_at);
        (age < times.fresh_for).then_some(&kept.client)
    }

    /// The client for a request while the store is down.
    fn usable(&self, now: Instant, times: &Times) -> Option<Arc<Client>> {
        let kept = self.kept.as_ref()?;
        let age = now.saturating_duration_since(kept.asked_at);
        let client = kept.client.as_ref()?;
        (age < times.fresh_for.saturating_add(times.stale_for)).then(|| Arc::clone(client))
    }

    /// What the lookup that has just ended says.
    fn last_answer(&self, times: &Times) -> Answer {
        let Some((failure, _)) = &self.failure else {
            return Ok(self.kept.as_ref().and_then(|kept| kept.client.clone()));
        };
        let client = self.usable(Instant::now(), times);
        client.map(Some).ok_or_else(|| failure.clone())
    }
}

/// The right to ask the store, for one request at a time.
pub(super) struct Turn<'a> {
    entry: &'a Entry,
    times: &'a Times,
    asked_at: Instant,
    has_landed: bool,
    _lock: AsyncMutexGuard<'a, ()>,
}

impl Turn<'_> {
    /// Keeps what the store has said.
    pub(super) fn land(mut self, found: Answer) -> Answer {
        self.has_landed = true;
        match found {
            Ok(client) => {
                let mut state = self.entry.lock();
                state.lookups += 1;
                let old = state.kept.replace(Kept {
                    client: client.clone(),
                    asked_at: self.asked_at,
                });
                let failure = state.failure.take();
                drop(state);
                drop((old, failure));
                Ok(client)
            }
            Err(failure) => self.fail(failure),
        }
    }

    fn fail(&self, failure: LookupFailed) -> Answer {
        let mut state = self.entry.lock();
        state.lookups += 1;
        let old = state.failure.replace((failure, Instant::now()));
        let answer = state.last_answer(self.times);
        drop(state);
        drop(old);
        answer
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if self.has_landed || self.asked_at.elapsed() < SLOW {
            return;
        }
        // Without a copy, the next request asks.
        let client = self.entry.lock().usable(Instant::now(), self.times);
        if client.is_some() {
            let failure = "the store of clients did not respond before the request was given up";
            let _answer = self.fail(LookupFailed::new(failure));
        }
    }
}
