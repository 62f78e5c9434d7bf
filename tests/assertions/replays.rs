//! Replay stores: one that remembers and notes what it was asked, and some that do not work.

use std::collections::HashMap;
use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::SystemTime;

use tower::BoxError;
use tower_token_endpoint::replay::{Remembered, ReplayKey, ReplayStore};

/// What a store was asked to remember.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) issuer: String,
    pub(crate) client: String,
    pub(crate) jti: String,
    pub(crate) until: SystemTime,
}

/// Remembers for ever, and counts.
#[derive(Default)]
pub(crate) struct Recorder {
    seen: Mutex<HashMap<[u8; 32], SystemTime>>,
    asked: Mutex<Vec<Asked>>,
}

impl Recorder {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        lock(&self.asked).clone()
    }
}

impl ReplayStore for Recorder {
    type Error = BoxError;

    async fn remember(
        &self,
        key: &ReplayKey<'_>,
        until: SystemTime,
    ) -> Result<Remembered, BoxError> {
        lock(&self.asked).push(Asked {
            issuer: key.issuer().to_owned(),
            client: key.client_id().to_owned(),
            jti: key.value().to_owned(),
            until,
        });
        Ok(match lock(&self.seen).insert(key.digest(), until) {
            None => Remembered::New,
            Some(_) => Remembered::Known,
        })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("no panic before")
}

/// Fails, and says why in words that no answer may have.
pub(crate) struct Failing;

impl ReplayStore for Failing {
    type Error = BoxError;

    async fn remember(&self, _: &ReplayKey<'_>, _: SystemTime) -> Result<Remembered, BoxError> {
        Err("connection refused".into())
    }
}

/// Never answers.
pub(crate) struct Hanging;

impl ReplayStore for Hanging {
    type Error = BoxError;

    async fn remember(&self, _: &ReplayKey<'_>, _: SystemTime) -> Result<Remembered, BoxError> {
        pending().await
    }
}
