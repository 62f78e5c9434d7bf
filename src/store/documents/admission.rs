//! How much may be fetched that strangers name: documents, and the key sets that documents name.
//!
//! What was fetched before is not invented. So it always has a part of the permits, of the places to wait for one, and
//! of the times that a host is asked: otherwise, who invents URLs could keep the documents of others from being fetched
//! again.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};

use super::window::Window;
use crate::{
    error::BoxError,
    protocol::jwt::key_set::KeySet,
    store::{
        jwks::{AnyJwksSource, FetchedKeys, JwksSource},
        key::Key,
        key_cache,
        permits::{Busy, For, Permit, Permits},
        recent::Recent,
    },
};

const TOO_OFTEN: Busy = Busy::TooOften(
    "its host is asked at most 30 times a minute, 20 of them for what was not fetched before",
);

/// How many hosts are counted. If a stranger invents more, the one that was not asked for the longest time
/// is counted anew.
const MAX_HOSTS: usize = 10_000;

/// How many URIs of key sets are counted, in the same way.
const MAX_URIS: usize = 10_000;

/// How many fetches may wait for a permit.
const MAX_WAITING: usize = 256;

/// How many of them may be for strangers.
const MAX_WAITING_FOR_STRANGERS: usize = 192;

/// A clone shares the limits.
#[derive(Clone)]
pub(super) struct Admission {
    permits: Permits,
    places: Arc<Semaphore>,
    places_of_strangers: Arc<Semaphore>,
    hosts: Arc<Mutex<Recent<Key, OfHost>>>,
}

/// How often a host is asked.
#[derive(Default)]
struct OfHost {
    all: Window<30>,
    strangers: Window<20>,
}

impl OfHost {
    fn is_open(&self, whose: For, now: Instant) -> bool {
        self.all.is_open(now) && (whose == For::Anybody || self.strangers.is_open(now))
    }

    fn note(&mut self, whose: For, now: Instant) {
        self.all.note(now);
        if whose == For::Stranger {
            self.strangers.note(now);
        }
    }
}

/// A fetch that may begin once it has its permit.
pub(super) struct Admitted {
    permits: Permits,
    host: String,
    whose: For,
    place: Place,
}

/// A place among those who wait.
struct Place {
    _all: OwnedSemaphorePermit,
    _stranger: Option<OwnedSemaphorePermit>,
}

impl Admitted {
    /// Waits for the permit, which is for as long as the fetch takes.
    pub(super) async fn permit(self) -> Result<Permit, Busy> {
        let permit = self.permits.acquire(&self.host, self.whose).await;
        drop(self.place);
        permit
    }
}

impl Admission {
    pub(super) fn new() -> Self {
        Self {
            permits: Permits::new(),
            places: Arc::new(Semaphore::new(MAX_WAITING)),
            places_of_strangers: Arc::new(Semaphore::new(MAX_WAITING_FOR_STRANGERS)),
            hosts: Arc::default(),
        }
    }

    /// Whether a stranger may have something fetched from this host now.
    pub(super) fn is_open(&self, host: &str, now: Instant) -> Result<(), Busy> {
        let mut hosts = self.hosts();
        let host = hosts.get(&Key::new("", &host.to_ascii_lowercase()));
        let is_open = host.is_none_or(|host| host.is_open(For::Stranger, now));
        let has_place = |places: &Semaphore| places.available_permits() > 0;
        if !has_place(&self.places) || !has_place(&self.places_of_strangers) {
            return Err(Busy::Waited);
        }
        is_open.then_some(()).ok_or(TOO_OFTEN)
    }

    /// Admits one fetch from this host.
    pub(super) fn admit(&self, host: &str, whose: For, now: Instant) -> Result<Admitted, Busy> {
        let host = host.to_ascii_lowercase();
        let place = self.place(whose)?;
        let key = Key::new("", &host);
        let mut hosts = self.hosts();
        let mut of_host = hosts.take(&key).unwrap_or_default();
        let is_open = of_host.is_open(whose, now);
        if is_open {
            of_host.note(whose, now);
        }
        if hosts.len() >= MAX_HOSTS
            && let Some(oldest) = hosts.oldest()
        {
            hosts.remove(oldest);
        }
        hosts.add(key, of_host);
        drop(hosts);
        let permits = self.permits.clone();
        is_open
            .then_some(Admitted {
                permits,
                host,
                whose,
                place,
            })
            .ok_or(TOO_OFTEN)
    }

    fn place(&self, whose: For) -> Result<Place, Busy> {
        let take = |places: &Arc<Semaphore>| {
            let place = Arc::clone(places).try_acquire_owned();
            place.map_err(|_| Busy::Waited)
        };
        let is_stranger = whose == For::Stranger;
        let stranger = is_stranger.then(|| take(&self.places_of_strangers));
        Ok(Place {
            _stranger: stranger.transpose()?,
            _all: take(&self.places)?,
        })
    }

    fn hosts(&self) -> MutexGuard<'_, Recent<Key, OfHost>> {
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Source of the key sets that documents name, within the same limits.
pub(super) struct AdmittedKeys {
    source: Arc<dyn AnyJwksSource>,
    admission: Admission,
    /// The URIs that had a key set.
    known: Mutex<Recent<Key, ()>>,
    max_known: usize,
    /// How often each URI was fetched, apart from `known`: a stranger who invents URIs pushes out none of those.
    fetches: Mutex<Recent<Key, Window<5>>>,
}

impl AdmittedKeys {
    pub(super) fn new(
        source: Arc<dyn AnyJwksSource>,
        admission: Admission,
        max_known: usize,
    ) -> Self {
        Self {
            source,
            admission,
            known: Mutex::default(),
            max_known,
            fetches: Mutex::default(),
        }
    }

    fn fetches(&self) -> MutexGuard<'_, Recent<Key, Window<5>>> {
        self.fetches.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Admits one fetch of this key set.
    fn admit(&self, key: Key, host: &str) -> Result<Admitted, Busy> {
        let now = Instant::now();
        let fetches = self.fetches().get(&key).map(|it| it.is_open(now));
        if fetches == Some(false) {
            return Err(Busy::TooOften("it is fetched at most 5 times a minute"));
        }
        let admitted = self.admission.admit(host, self.whose(key), now)?;
        let mut fetches = self.fetches();
        let mut of_uri = fetches.take(&key).unwrap_or_default();
        of_uri.note(now);
        if fetches.len() >= MAX_URIS
            && let Some(oldest) = fetches.oldest()
        {
            fetches.remove(oldest);
        }
        fetches.add(key, of_uri);
        Ok(admitted)
    }

    /// Forgets the last fetch, which did not begin.
    fn forget_last(&self, key: Key) {
        let mut fetches = self.fetches();
        if let Some(mut of_uri) = fetches.take(&key) {
            of_uri.forget_last();
            fetches.add(key, of_uri);
        }
    }

    fn whose(&self, key: Key) -> For {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        match known.get(&key) {
            Some(()) => For::Anybody,
            None => For::Stranger,
        }
    }

    fn note(&self, key: Key) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.get(&key).is_some() {
            return;
        }
        if known.len() >= self.max_known
            && let Some(oldest) = known.oldest()
        {
            known.remove(oldest);
        }
        known.add(key, ());
    }
}

impl JwksSource for AdmittedKeys {
    type Error = BoxError;

    async fn fetch(&self, jwks_uri: &str) -> Result<FetchedKeys, BoxError> {
        let key = Key::new("", jwks_uri);
        let host = key_cache::host(jwks_uri);
        let permit = self.admit(key, &host)?.permit().await;
        let _permit = permit.inspect_err(|_| self.forget_last(key))?;
        let fetched = self.source.fetch(jwks_uri).await?;
        if !fetched.is_gone() && KeySet::fetched(fetched.json()).is_ok() {
            self.note(key);
        }
        Ok(fetched)
    }
}
