//! Cache of key sets by URI. A set is kept while it is fresh, and while its source is
//! down.
//!
//! | for this URI | a request |
//! |---|---|
//! | nothing is kept | fetches, or waits for the fetch in progress; if that fails: gets the error |
//! | nothing is kept, and the source failed within the last [`BACKOFF`](entry::BACKOFF) | gets the error at once |
//! | a fresh set with the key | gets it |
//! | a fresh set without the key | fetches, as often as [`FOR_UNKNOWN`](pausing) allows for all clients of the URI |
//! | a fresh set with a key without `kid`, for an assertion with a `kid` | the same, since a new key may have this `kid`; in the pause, or if a fetch fails: gets the set |
//! | a fresh set without the key, in the pause between two of these fetches | gets an error: it is not known whether the client has the key |
//! | the same, and the set has no keys | gets the set: the client took its keys out of use |
//! | a set that is no longer fresh | fetches; if that fails: gets the kept set, if it has the key |
//! | a set without the key, and the last fetch failed | gets the error: it is not known whether the client has the key |
//! | such a set with the key, and the source failed within the last [`OUTAGE`](entry::OUTAGE) | gets the kept set at once; it does not wait for the fetch |
//!
//! A set that is no longer fresh is kept while its source is down, but only for as long as
//! the setting of the layer says. After that, it counts as nothing. To take a key out of use,
//! a client must serve the set without it, or respond that there is no set; it is not enough
//! to switch the source off.

pub(crate) mod attempt;
mod entries;
mod entry;
pub(crate) mod failure;
pub(crate) mod pausing;
#[cfg(test)]
mod tests;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use http::Uri;
use tokio::{
    runtime::Handle,
    time::{Instant, timeout},
};

use self::{
    attempt::{Attempt, Reports, outcome_of},
    entries::Entries,
    entry::{Entry, Step, read},
    failure::{Cause, MAX_FETCH_TIME},
    pausing::Pausing,
};
use super::{jwks::AnyJwksSource, permits::Permits};
use crate::{
    error::BoxError,
    protocol::jwt::key_set::{HasKey, KeySet},
};

/// The number of URIs that are kept. Only registered URIs get here, so a stranger cannot
/// fill the cache.
const MAX_URIS: usize = 10_000;

/// The key sets of a layer.
pub(crate) struct KeyCache {
    source: Arc<dyn AnyJwksSource>,
    reports: Reports,
    fetches: Permits,
    /// The lock is held only for a lookup.
    entries: Mutex<Entries>,
}

impl KeyCache {
    pub(crate) fn new(source: Arc<dyn AnyJwksSource>, reports: Reports) -> Self {
        Self {
            source,
            reports,
            fetches: Permits::new(),
            entries: Mutex::new(Entries::new(MAX_URIS)),
        }
    }

    /// Returns the keys at this URI, with the key that is `wanted` if that is possible. A set
    /// that is not fresh is used for `stale_for`, or for ever.
    ///
    /// # Errors
    ///
    /// Returns an error if there are no such keys, and the source fails or was asked too often.
    pub(crate) async fn keys(
        &self,
        jwks_uri: &str,
        stale_for: Option<Duration>,
        wanted: impl Fn(&KeySet) -> HasKey,
    ) -> Result<Arc<KeySet>, BoxError> {
        let entry = self.entry(jwks_uri);
        let mut may_be_older = true;
        loop {
            let flight = match entry.step(Instant::now(), stale_for, &wanted) {
                Step::Done(outcome) => return Ok(outcome?),
                Step::Pause => return Err(Pausing.into()),
                Step::Wait(flight) => flight,
                Step::Fetch { landing, meanwhile } => {
                    let flight = landing.subscribe();
                    let entry = Arc::clone(&entry);
                    let attempt = Attempt::new(entry, landing, jwks_uri, stale_for, self.reports);
                    self.fetch(jwks_uri, attempt);
                    if let Some(keys) = meanwhile {
                        return Ok(keys);
                    }
                    may_be_older = false;
                    flight
                }
            };
            return match outcome_of(flight).await {
                // A fetch that was in progress may have read the set before the client
                // added the key. The next one has not.
                Ok(keys) if may_be_older && wanted(&keys) != HasKey::Yes && !keys.is_empty() => {
                    may_be_older = false;
                    continue;
                }
                Ok(keys) => Ok(keys),
                Err(failure) => {
                    let kept = entry.kept(Instant::now(), stale_for);
                    let usable = kept.filter(|keys| wanted(keys) != HasKey::No);
                    Ok(usable.ok_or(failure)?)
                }
            };
        }
    }

    fn entry(&self, jwks_uri: &str) -> Arc<Entry> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let (entry, removed) = entries.of(jwks_uri, Instant::now());
        drop(entries);
        drop(removed);
        entry
    }

    /// Fetches in a task of its own: the request that started it may be dropped.
    fn fetch(&self, jwks_uri: &str, attempt: Attempt) {
        let Ok(runtime) = Handle::try_current() else {
            return attempt.land(Err(Cause::NoRuntime));
        };
        let source = Arc::clone(&self.source);
        let fetches = self.fetches.clone();
        let jwks_uri: Box<str> = jwks_uri.into();
        runtime.spawn(async move {
            let fetching = async {
                let permit = fetches.acquire(&host(&jwks_uri)).await;
                let _permit = permit.map_err(Cause::Busy)?;
                source.fetch(&jwks_uri).await.map_err(Cause::Source)
            };
            attempt.land(match timeout(MAX_FETCH_TIME, fetching).await {
                Ok(Ok(fetched)) => read(&fetched),
                Ok(Err(cause)) => Err(cause),
                Err(_elapsed) => Err(Cause::Hangs),
            });
        });
    }
}

/// The host of a URI, or all of it if it has none.
fn host(jwks_uri: &str) -> String {
    let uri = jwks_uri.parse::<Uri>().ok();
    let host = uri.as_ref().and_then(Uri::host);
    host.unwrap_or(jwks_uri).to_ascii_lowercase()
}
