//! Cache of key sets by URI. A set is kept while it is fresh, and while its source is
//! down.
//!
//! | for this URI | a request |
//! |---|---|
//! | nothing is kept | fetches, or waits for the fetch in progress; if that fails: gets the error |
//! | nothing is kept, and the source failed within the last [`BACKOFF`](entry::BACKOFF) | gets the error at once |
//! | a fresh set with the key | gets it |
//! | a fresh set without the key | fetches, at most once in [`BETWEEN_UNKNOWN`](entry::BETWEEN_UNKNOWN) for all clients of the URI; otherwise gets the kept set |
//! | a set that is no longer fresh | fetches; if that fails: gets the kept set, if it has the key |
//! | a set without the key, and the last fetch failed | gets the error: it is not known whether the client has the key |
//! | such a set with the key, and the source failed within the last [`OUTAGE`](entry::OUTAGE) | gets the kept set at once; it does not wait for the fetch |
//!
//! A set is kept for as long as its source is down. To take a key out of use, a client
//! must serve the set without it; it is not enough to switch the source off.

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
    failure::{Cause, MAX_FETCH_TIME},
};
use super::jwks::AnyJwksSource;
use crate::{error::BoxError, protocol::jwt::key_set::KeySet};

/// The number of URIs that are kept; the least recently used one goes first. Only
/// registered URIs get here, so a stranger cannot fill the cache.
const MAX_URIS: usize = 10_000;

/// The number of fetches at the same time: each may hold a connection, and a thread that
/// resolves a name.
const MAX_FETCHES: usize = 64;

/// The key sets of a layer.
pub(crate) struct KeyCache {
    source: Arc<dyn AnyJwksSource>,
    on_failure: OnFailure,
    fetches: Arc<Semaphore>,
    max_uris: usize,
    /// The lock is held only for a lookup.
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
    pub(crate) fn new(source: Arc<dyn AnyJwksSource>, on_failure: OnFailure) -> Self {
        Self {
            source,
            on_failure,
            fetches: Arc::new(Semaphore::new(MAX_FETCHES)),
            max_uris: MAX_URIS,
            entries: Mutex::default(),
        }
    }

    /// Returns the keys at this URI, with the key that is `wanted` if that is possible.
    ///
    /// # Errors
    ///
    /// Returns an error if there are no such keys, and the source fails.
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
        if entries.by_uri.len() >= self.max_uris {
            // This walks over all entries, but only before a fetch, which takes longer.
            // An entry that a request waits for stays, or it would be fetched twice.
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

    /// Fetches in a task of its own: the request that started it may be dropped.
    fn fetch(&self, jwks_uri: &str, attempt: Attempt) {
        let Ok(runtime) = Handle::try_current() else {
            return attempt.land(Err(Cause::NoRuntime));
        };
        let source = Arc::clone(&self.source);
        let fetches = Arc::clone(&self.fetches);
        let jwks_uri: Box<str> = jwks_uri.into();
        runtime.spawn(async move {
            let fetching = async {
                // The semaphore is never closed, so there will be a permit.
                let _permit = fetches.acquire().await;
                source.fetch(&jwks_uri).await
            };
            attempt.land(match timeout(MAX_FETCH_TIME, fetching).await {
                Ok(Ok(fetched)) => read(&fetched),
                Ok(Err(error)) => Err(Cause::Source(error)),
                Err(_elapsed) => Err(Cause::Hangs),
            });
        });
    }
}
