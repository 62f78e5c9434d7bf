//! What is kept for each client, bounded.

use std::{
    collections::HashMap,
    sync::Mutex,
    time::{Duration, SystemTime},
};

use tower_token_endpoint::Client;

/// About how many values of each kind the server holds, such as codes, grants or access tokens.
const LIMIT: usize = 200_000;
/// The same for one client: the least and the most. So no client can push out what is kept for
/// another one.
const SHARES: (usize, usize) = (16, 10_000);
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
    by_client: HashMap<String, V>,
}

impl<V: Sweep> PerClient<V> {
    /// `make` makes the value of a client from its share: how many of each kind it may have.
    pub(crate) fn new(clients: usize, make: fn(usize) -> V) -> Self {
        let inner = Inner {
            swept: SystemTime::UNIX_EPOCH,
            by_client: HashMap::new(),
        };
        Self {
            share: (LIMIT / clients.max(1)).clamp(SHARES.0, SHARES.1),
            make,
            inner: Mutex::new(inner),
        }
    }

    /// How many values of a kind each client may have.
    pub(crate) fn share(&self) -> usize {
        self.share
    }

    /// Calls `act` with the value of a client and the time, under one lock: of two
    /// requests with the same code, one gets the tokens.
    pub(crate) fn of<R>(&self, client: &Client, act: impl FnOnce(&mut V, SystemTime) -> R) -> R {
        let now = SystemTime::now();
        self.at(client.client_id(), now, |value| act(value, now))
    }

    /// The same for a client by its id, at a time.
    pub(crate) fn at<R>(
        &self,
        client_id: &str,
        now: SystemTime,
        act: impl FnOnce(&mut V) -> R,
    ) -> R {
        let mut inner = self
            .inner
            .lock()
            .expect("no code that holds the lock panics");
        let inner = &mut *inner;
        if now
            .duration_since(inner.swept)
            .is_ok_and(|since| since >= SWEEP)
        {
            inner.swept = now;
            inner.by_client.retain(|_, value| value.sweep(now));
        }
        let value = inner
            .by_client
            .entry(client_id.to_owned())
            .or_insert_with(|| (self.make)(self.share));
        act(value)
    }
}
