//! What is kept for each client, bounded.
//!
//! Registered clients have equal shares. Clients with a document are as many as strangers like, so they have
//! room of their own, by host: who has one host pushes out nothing of another one.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard},
    time::{Duration, SystemTime},
};

use axum::http::Uri;
use tower_token_endpoint::Client;

use crate::recent::Recent;

/// About how many values of each kind the server holds for registered clients, such as codes, grants or
/// access tokens.
const LIMIT: usize = 200_000;
/// The same for one registered client: the least and the most. So no client can push out what is kept
/// for another one.
const SHARES: (usize, usize) = (16, 10_000);

/// From how many hosts there are documents for whose clients something is kept.
const HOSTS: usize = 100;
/// How many clients of one host these are.
const CLIENTS_OF_HOST: usize = 10;
/// How many values of each kind one of these clients may have.
const DOCUMENT_SHARE: usize = 100;
/// The same for all of them: how many clients, and how many values of each kind.
pub(crate) const DOCUMENTS: usize = HOSTS * CLIENTS_OF_HOST;
pub(crate) const DOCUMENTS_LIMIT: usize = DOCUMENTS * DOCUMENT_SHARE;

/// How often what has expired is removed for every client.
const SWEEP: Duration = Duration::from_secs(10);

/// What holds values that expire.
pub(crate) trait Sweep {
    /// Removes what has expired, and returns whether anything is left.
    fn sweep(&mut self, now: SystemTime) -> bool;
}

/// A value for each client that has used the server recently. A request reaches only the value
/// of its client.
pub(crate) struct PerClient<V> {
    share: usize,
    make: fn(usize) -> V,
    inner: Mutex<Inner<V>>,
}

struct Inner<V> {
    swept: SystemTime,
    registered: HashMap<String, V>,
    /// By host, and then by client.
    documents: Recent<Recent<V>>,
}

impl<V: Sweep> PerClient<V> {
    /// `make` makes the value of a client from its share: how many of each kind it may have. `clients`
    /// is how many are registered.
    pub(crate) fn new(clients: usize, make: fn(usize) -> V) -> Self {
        let inner = Inner {
            swept: SystemTime::UNIX_EPOCH,
            registered: HashMap::new(),
            documents: Recent::new(HOSTS),
        };
        Self {
            share: (LIMIT / clients.max(1)).clamp(SHARES.0, SHARES.1),
            make,
            inner: Mutex::new(inner),
        }
    }

    /// How many values of a kind each registered client may have.
    pub(crate) fn share(&self) -> usize {
        self.share
    }

    /// Calls `act` with the value of a client and the time, under one lock: of two
    /// requests with the same code, one gets the tokens.
    pub(crate) fn of<R>(&self, client: &Client, act: impl FnOnce(&mut V, SystemTime) -> R) -> R {
        let now = SystemTime::now();
        let act = |value: &mut V| act(value, now);
        match client.is_from_document() {
            true => self.at_document(client.client_id(), now, act),
            false => self.at(client.client_id(), now, act),
        }
    }

    /// The same for a registered client by its id, at a time.
    pub(crate) fn at<R>(
        &self,
        client_id: &str,
        now: SystemTime,
        act: impl FnOnce(&mut V) -> R,
    ) -> R {
        let mut inner = self.lock(now);
        let value = inner.registered.entry(client_id.to_owned());
        act(value.or_insert_with(|| (self.make)(self.share)))
    }

    /// The same for a client with a document.
    pub(crate) fn at_document<R>(
        &self,
        client_id: &str,
        now: SystemTime,
        act: impl FnOnce(&mut V) -> R,
    ) -> R {
        let mut inner = self.lock(now);
        let clients = inner
            .documents
            .entry(&host(client_id), || Recent::new(CLIENTS_OF_HOST));
        act(clients.entry(client_id, || (self.make)(DOCUMENT_SHARE)))
    }

    /// Calls `act` if there is a value for the client with this id.
    pub(crate) fn find<R>(
        &self,
        client_id: &str,
        now: SystemTime,
        act: impl FnOnce(&mut V) -> R,
    ) -> Option<R> {
        let mut inner = self.lock(now);
        let inner = &mut *inner;
        let value = match inner.registered.get_mut(client_id) {
            Some(value) => value,
            None => inner.documents.get(&host(client_id))?.get(client_id)?,
        };
        Some(act(value))
    }

    /// Removes what has expired, if that is due.
    fn lock(&self, now: SystemTime) -> MutexGuard<'_, Inner<V>> {
        let mut inner = self
            .inner
            .lock()
            .expect("no code that holds the lock panics");
        if now
            .duration_since(inner.swept)
            .is_ok_and(|since| since >= SWEEP)
        {
            inner.swept = now;
            inner.registered.retain(|_, value| value.sweep(now));
            inner.documents.sweep(now);
        }
        inner
    }
}

/// The host of a document, for all of its ports.
fn host(client_id: &str) -> String {
    let url = client_id.parse::<Uri>().ok();
    let host = url.as_ref().and_then(Uri::host).unwrap_or_default();
    host.to_ascii_lowercase()
}
