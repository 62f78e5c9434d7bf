//! What is known of one URL, and what a request has to do.

use std::{
    ops::RangeInclusive,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::watch, time::Instant};

use super::{
    admission::Admitted,
    failure::{Cause, NoClient, NotFetched},
    window::Window,
};
use crate::{
    error::BoxError,
    protocol::client::Client,
    store::{
        permits::{Busy, For},
        unavailable::ClientUnavailable,
    },
};

/// How long it is remembered that there is no client.
const REFUSED_FOR: Duration = Duration::from_secs(60);

/// How long a document counts as unreachable, so that a request with a copy does not wait for the fetch.
const OUTAGE: Duration = Duration::from_secs(60);

pub(super) struct Times {
    pub(super) fresh: RangeInclusive<Duration>,
    pub(super) max_copy_age: Duration,
}

/// What a fetch ends with.
#[derive(Clone)]
pub(super) enum Outcome {
    Client(Arc<Client>),
    NoClient(NoClient),
    NotFetched(NotFetched),
}

/// A fetch in progress, for all requests that wait for it.
pub(super) type Flight = watch::Receiver<Option<Outcome>>;

/// The lock is never held across an `await`, nor while code of the user runs.
#[derive(Default)]
pub(super) struct Entry(Mutex<State>);

#[derive(Default)]
struct State {
    kept: Option<Kept>,
    refused: Option<(NoClient, Instant)>,
    /// When the last fetch failed.
    failed_at: Option<Instant>,
    fetches: Window<5>,
    flight: Option<Flight>,
}

pub(super) struct Kept {
    pub(super) client: Arc<Client>,
    pub(super) fetched_at: Instant,
    pub(super) fresh_for: Duration,
    pub(super) _counted: Counted,
}

impl Kept {
    fn age(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.fetched_at)
    }
}

/// A document that is counted, until it is dropped.
pub(super) struct Counted(fn(f64));

impl Counted {
    /// `count` is told how many documents more there are.
    pub(super) fn new(count: fn(f64)) -> Self {
        count(1.0);
        Self(count)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        (self.0)(-1.0);
    }
}

/// What a request has to do.
pub(super) enum Step {
    Done(Outcome),
    Wait(Flight),
    Fetch {
        landing: watch::Sender<Option<Outcome>>,
        admitted: Admitted,
        /// The client for a request that does not wait for the fetch.
        copy: Option<Arc<Client>>,
    },
}

/// What was known of a URL before its fetch ended.
pub(super) type Before = (Option<Kept>, Option<(NoClient, Instant)>);

/// What changed when a fetch ended.
pub(super) struct Landed {
    pub(super) outcome: Outcome,
    pub(super) had_document: bool,
    /// Whether a copy is used although the fetch failed.
    pub(super) has_copy: bool,
}

impl Entry {
    /// What is known without a fetch.
    pub(super) fn fresh(&self, now: Instant) -> Option<Outcome> {
        self.lock().fresh(now)
    }

    /// Why there is no client, or why it is not known yet.
    pub(super) fn why_unknown(&self, now: Instant) -> Option<BoxError> {
        let state = self.lock();
        match state.flight {
            Some(_) => Some(ClientUnavailable::new("its document is being fetched").into()),
            None => state.refused(now).map(Into::into),
        }
    }

    /// The client, fresh or not.
    pub(super) fn client(&self) -> Option<Arc<Client>> {
        let state = self.lock();
        state.kept.as_ref().map(|kept| Arc::clone(&kept.client))
    }

    /// Decides by the table in [`documents`](super). `admit` is called if the document is to be fetched.
    pub(super) fn step(
        &self,
        now: Instant,
        times: &Times,
        admit: impl FnOnce(For) -> Result<Admitted, Busy>,
    ) -> Step {
        let mut state = self.lock();
        if let Some(outcome) = state.fresh(now) {
            return Step::Done(outcome);
        }
        let copy = state.copy(now, times);
        let is_down = state
            .failed_at
            .is_some_and(|at| now.saturating_duration_since(at) < OUTAGE);
        let meanwhile = copy.clone().filter(|_| is_down);
        match (&state.flight, &meanwhile) {
            (Some(_), Some(client)) => return Step::Done(Outcome::Client(Arc::clone(client))),
            (Some(flight), None) => return Step::Wait(flight.clone()),
            (None, _) => {}
        }
        let whose = match state.kept {
            Some(_) => For::Anybody,
            None => For::Stranger,
        };
        let admitted = match state.fetches.is_open(now) {
            true => admit(whose),
            false => Err(Busy::TooOften("it is fetched at most 5 times a minute")),
        };
        match (admitted, copy) {
            (Ok(admitted), _) => {
                // Not before: otherwise, a crowd at the permits would use it up without a fetch.
                state.fetches.note(now);
                let (landing, flight) = watch::channel(None);
                state.flight = Some(flight);
                Step::Fetch {
                    landing,
                    admitted,
                    copy: meanwhile,
                }
            }
            (Err(_), Some(client)) => Step::Done(Outcome::Client(client)),
            (Err(busy), None) => Step::Done(Outcome::NotFetched(Cause::Busy(busy).into())),
        }
    }

    /// Keeps what the fetch has ended with. To drop what was known before runs code of the user, so the
    /// caller does that.
    pub(super) fn land(
        &self,
        fetched: Result<Kept, Outcome>,
        now: Instant,
        times: &Times,
    ) -> (Landed, Before) {
        let mut state = self.lock();
        state.flight = None;
        let had_document = state.kept.is_some();
        let mut before = Before::default();
        let mut has_copy = false;
        let outcome = match fetched {
            Ok(kept) => {
                let client = Arc::clone(&kept.client);
                before = (state.kept.replace(kept), state.refused.take());
                state.failed_at = None;
                Outcome::Client(client)
            }
            Err(Outcome::NoClient(why)) => {
                let refused = state.refused.replace((why.clone(), now));
                before = (state.kept.take(), refused);
                state.failed_at = None;
                Outcome::NoClient(why)
            }
            // Nobody was asked, so nobody is down.
            Err(Outcome::NotFetched(failed)) if failed.is_busy() => {
                state.fetches.forget_last();
                let copy = state.copy(now, times);
                copy.map_or(Outcome::NotFetched(failed), Outcome::Client)
            }
            Err(failed) => {
                state.failed_at = Some(now);
                let copy = state.copy(now, times);
                has_copy = copy.is_some();
                copy.map_or(failed, Outcome::Client)
            }
        };
        let landed = Landed {
            outcome,
            had_document,
            has_copy,
        };
        (landed, before)
    }

    pub(super) fn has_document(&self) -> bool {
        self.lock().kept.is_some()
    }

    /// Forgets the document, but not how often it was fetched. The caller drops it, since that runs code of
    /// the user.
    #[must_use]
    pub(super) fn drop_document(&self) -> Option<Kept> {
        self.lock().kept.take()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn fresh(&self, now: Instant) -> Option<Outcome> {
        let kept = self.kept.as_ref();
        let fresh = kept.filter(|kept| kept.age(now) < kept.fresh_for);
        match fresh {
            Some(kept) => Some(Outcome::Client(Arc::clone(&kept.client))),
            None => self.refused(now).map(Outcome::NoClient),
        }
    }

    fn refused(&self, now: Instant) -> Option<NoClient> {
        let (why, at) = self.refused.as_ref()?;
        (now.saturating_duration_since(*at) < REFUSED_FOR).then(|| why.clone())
    }

    /// The client while its document cannot be fetched.
    fn copy(&self, now: Instant, times: &Times) -> Option<Arc<Client>> {
        let kept = self.kept.as_ref()?;
        (kept.age(now) < times.max_copy_age).then(|| Arc::clone(&kept.client))
    }
}
