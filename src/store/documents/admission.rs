//! How much may be fetched that strangers name: documents, and the key sets that documents name.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use http::Uri;
use tokio::time::Instant;

use super::failure::{Cause, NotFetched};
use crate::{
    error::BoxError,
    store::{
        budget::{Budget, Rate},
        jwks::{AnyJwksSource, FetchedKeys, JwksSource},
        key::Key,
        permits::{Permit, Permits},
        recent::Recent,
    },
};

/// At most 30 in a minute.
const OF_HOST: Rate = Rate {
    at_once: 21,
    pause: Duration::from_secs(6),
};

/// How many hosts are counted. If a stranger invents more, the one that was not asked for the longest time
/// is counted anew.
const MAX_HOSTS: usize = 10_000;

/// A clone shares the limits.
#[derive(Clone)]
pub(super) struct Admission {
    permits: Permits,
    hosts: Arc<Mutex<Recent<Key, Budget>>>,
}

impl Admission {
    pub(super) fn new() -> Self {
        Self {
            permits: Permits::new(),
            hosts: Arc::default(),
        }
    }

    /// Admits one fetch from this host, without waiting. The permit is for as long as the fetch takes.
    pub(super) fn admit(&self, host: &str, now: Instant) -> Result<Permit, Cause> {
        let host = host.to_ascii_lowercase();
        let permit = self.permits.try_acquire(&host).ok_or(Cause::TooMany)?;
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let key = Key::new("", &host);
        let mut budget = hosts.take(&key).unwrap_or_default();
        let is_admitted = budget.spend(&OF_HOST, now);
        if hosts.len() >= MAX_HOSTS
            && let Some(oldest) = hosts.oldest()
        {
            hosts.remove(oldest);
        }
        hosts.add(key, budget);
        drop(hosts);
        match is_admitted {
            true => Ok(permit),
            false => Err(Cause::TooOften(
                "its host is asked at most 30 times a minute",
            )),
        }
    }
}

/// Source of the key sets that documents name, within the same limits.
pub(super) struct AdmittedKeys {
    pub(super) source: Arc<dyn AnyJwksSource>,
    pub(super) admission: Admission,
}

impl JwksSource for AdmittedKeys {
    type Error = BoxError;

    async fn fetch(&self, jwks_uri: &str) -> Result<FetchedKeys, BoxError> {
        let uri = jwks_uri.parse::<Uri>().ok();
        let host = uri.as_ref().and_then(Uri::host).unwrap_or(jwks_uri);
        let permit = self.admission.admit(host, Instant::now());
        let _permit = permit.map_err(NotFetched::from)?;
        self.source.fetch(jwks_uri).await
    }
}
