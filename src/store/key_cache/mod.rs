//! Key sets by URI: kept while they are fresh, and while their source is down.
//!
//! | of this URI | a request |
//! |---|---|
//! | nothing is kept | fetches, or waits for the fetch that is under way; where it fails: the error |
//! | nothing is kept, and the source failed within the last [`BACKOFF`](entry::BACKOFF) | gets the error at once |
//! | a fresh set with the key | gets it |
//! | a fresh set without the key | fetches, at most once in [`BETWEEN_UNKNOWN`](entry::BETWEEN_UNKNOWN) for all clients of the URI; else gets the set that is kept |
//! | a set that is fresh no longer | fetches; where it fails: gets that set, if it has the key |
//! | a set without the key, and the last fetch failed | gets the error: whether the client has the key is not known |
//! | such a set with the key, and the source failed within the last [`OUTAGE`](entry::OUTAGE) | gets it at once; what fetches meanwhile is no request |
//!
//! A set stays for as long as its source is down. Who takes a key out of use
//! must serve the set without it; to switch the source off takes no key out.

mod attempt;
mod entry;
pub(crate) mod failure;
#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{
    runtime::Handle,
    sync::Semaphore,
    time::{Instant, timeout},
};

use self::{
    attempt::{Attempt, OnFailure, outcome_of},
    entry::{Entry, Step, read},
    failure::{Cause, LONGEST_FETCH},
};
use super::jwks::AnyKeySource;
use crate::{error::BoxError, protocol::jwt::key_set::KeySet};

/// More URIs than this are not kept; the least recently used goes first. All of
/// them are registered: nobody fills this from outside.
const MOST_URIS: usize = 10_000;

/// More sets than this are not fetched at once: each may hold a connection, and a
/// thread that resolves a name.
const MOST_FETCHES: usize = 64;

/// The key sets of a layer.
pub(crate) struct KeyCache {
    source: Arc<dyn AnyKeySource>,
    on_failure: OnFailure,
    fetches: Arc<Semaphore>,
    most_uris: usize,
    /// The lock is held for a look-up and no longer.
    entries: Mutex<Entries>,
}

#[derive(Default)]
struct Entries {
    by_uri: HashMap<Box<str>, Used>,
    uses: u64,
}

struct Used {
    entry: Arc<Entry>,
    last: u64,
}

impl KeyCache {
    pub(crate) fn new(source: Arc<dyn AnyKeySource>, on_failure: OnFailure) -> Self {
        Self {
            source,
            on_failure,
            fetches: Arc::new(Semaphore::new(MOST_FETCHES)),
            most_uris: MOST_URIS,
            entries: Mutex::default(),
        }
    }

    /// The keys at this URI: with the key that is `wanted`, if it can be had.
    ///
    /// # Errors
    ///
    /// Where there are none, and the source fails.
    pub(crate) async fn keys(
        &self,
        jwks_uri: &str,
        wanted: impl Fn(&KeySet) -> bool,
    ) -> Result<Arc<KeySet>, BoxError> {
        let entry = self.entry(jwks_uri);
        let step = entry.step(Instant::now(), &wanted);
        let flight = match step {
            Step::Done(outcome) => return Ok(outcome?),
            Step::Wait(flight) => flight,
            Step::Fetch { landing, meanwhile } => {
                let flight = landing.subscribe();
                self.fetch(
                    jwks_uri,
                    Attempt::new(Arc::clone(&entry), landing, self.on_failure),
                );
                match meanwhile {
                    Some(keys) => return Ok(keys),
                    None => flight,
                }
            }
        };
        match outcome_of(flight).await {
            Ok(keys) => Ok(keys),
            Err(failure) => Ok(entry.kept().filter(|keys| wanted(keys)).ok_or(failure)?),
        }
    }

    fn entry(&self, jwks_uri: &str) -> Arc<Entry> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let entries = &mut *entries;
        entries.uses += 1;
        let last = entries.uses;
        if let Some(used) = entries.by_uri.get_mut(jwks_uri) {
            used.last = last;
            return Arc::clone(&used.entry);
        }
        if entries.by_uri.len() >= self.most_uris {
            // A walk over all of them, but only before a fetch, which takes longer. One
            // that somebody waits for stays, or there would be a second fetch of it.
            let idle = entries.by_uri.iter();
            let idle = idle.filter(|(_, used)| Arc::strong_count(&used.entry) == 1);
            let oldest = idle.min_by_key(|(_, used)| used.last);
            if let Some(uri) = oldest.map(|(uri, _)| uri.clone()) {
                entries.by_uri.remove(&uri);
            }
        }
        let entry = Arc::new(Entry::default());
        let used = Used {
            entry: Arc::clone(&entry),
            last,
        };
        entries.by_uri.insert(jwks_uri.into(), used);
        entry
    }

    /// In a task of its own: the request that it was started for may be dropped.
    fn fetch(&self, jwks_uri: &str, attempt: Attempt) {
        let Ok(runtime) = Handle::try_current() else {
            return attempt.land(Err(Cause::NoRuntime));
        };
        let source = Arc::clone(&self.source);
        let fetches = Arc::clone(&self.fetches);
        let jwks_uri: Box<str> = jwks_uri.into();
        runtime.spawn(async move {
            let fetching = async {
                // It is never closed, so there is a permit in the end.
                let _permit = fetches.acquire().await;
                source.fetch(&jwks_uri).await
            };
            attempt.land(match timeout(LONGEST_FETCH, fetching).await {
                Ok(Ok(fetched)) => read(&fetched),
                Ok(Err(error)) => Err(Cause::Source(error)),
                Err(_elapsed) => Err(Cause::Hangs),
            });
        });
    }
}
