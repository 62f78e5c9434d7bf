//! Cache of key sets by URI. A set is kept while it is fresh, and while its source is
//! down.
//!
//! | for this URI | a request |
//! |---|---|
//! | nothing is kept | fetches, or waits for the fetch in progress; if that fails: gets the error |
//! | nothing is kept, and the source failed within the last [`BACKOFF`](entry::BACKOFF) | gets the error at once |
//! | a fresh set with the key | gets it |
//! | a fresh set without the key | fetches, as often as the [`Budget`](budget::Budget) of all clients of the URI allows |
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
pub(crate) mod budget;
mod entries;
mod entry;
pub(crate) mod failure;
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
    budget::Pausing,
    entries::Entries,
    entry::{Entry, Step, read},
    failure::{Cause, MAX_FETCH_TIME},
};
use super::{
    jwks::AnyJwksSource,
    permits::{Busy, For, Permits},
};
use crate::{
    error::BoxError,
    protocol::jwt::key_set::{HasKey, KeySet},
};

/// The number of URIs of registered clients that are kept. A stranger cannot fill the cache.
pub(crate) const MAX_URIS: usize = 10_000;

/// The key sets of a layer.
pub(crate) struct KeyCache {
    source: Arc<dyn AnyJwksSource>,
    reports: Reports,
    /// `None`: the source has limits of its own.
    fetches: Option<Permits>,
    /// The lock is held only for a lookup.
    entries: Mutex<Entries>,
}

impl KeyCache {
    pub(crate) fn new(source: Arc<dyn AnyJwksSource>, reports: Reports, max_uris: usize) -> Self {
        Self {
            source,
            reports,
            fetches: Some(Permits::new()),
            entries: Mutex::new(Entries::new(max_uris)),
        }
    }

    /// The key sets of a source that limits what is fetched at once. To wait for two limits takes longer, and whoever
    /// holds all of one keeps everybody from the other.
    #[cfg(feature = "client-documents")]
    pub(crate) fn of_limited(
        source: Arc<dyn AnyJwksSource>,
        reports: Reports,
        max_uris: usize,
    ) -> Self {
        Self {
            fetches: None,
            ..Self::new(source, reports, max_uris)
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
                Ok(keys)
                    if may_be_older && matches!(wanted(&keys), HasKey::Perhaps | HasKey::No) =>
                {
                    may_be_older = false;
                    continue;
                }
                Ok(keys) => Ok(keys),
                Err(failure) => {
                    let kept = entry.kept(Instant::now(), stale_for);
                    let usable = kept.filter(|keys| wanted(keys).is_usable());
                    Ok(usable.ok_or(failure)?)
                }
            };
        }
    }

    /// Forgets the set at this URI, or all sets.
    #[cfg_attr(
        not(feature = "client-documents"),
        expect(
            dead_code,
            reason = "the sets of registered clients are fetched again soon"
        )
    )]
    pub(crate) fn forget(&self, jwks_uri: Option<&str>) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let removed = entries.forget(jwks_uri);
        drop(entries);
        drop(removed);
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
                let _permit = match fetches {
                    Some(fetches) => {
                        let permit = fetches.acquire(&host(&jwks_uri), For::Anybody).await;
                        Some(permit.map_err(Cause::Busy)?)
                    }
                    None => None,
                };
                let fetched = source.fetch(&jwks_uri).await;
                // A source may have limits of its own.
                fetched.map_err(|error| match error.downcast_ref::<Busy>() {
                    Some(&busy) => Cause::Busy(busy),
                    None => Cause::Source(error),
                })
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
pub(crate) fn host(jwks_uri: &str) -> String {
    let uri = jwks_uri.parse::<Uri>().ok();
    let host = uri.as_ref().and_then(Uri::host);
    host.unwrap_or(jwks_uri).to_ascii_lowercase()
}
