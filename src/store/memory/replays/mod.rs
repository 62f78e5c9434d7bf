//! In-memory store of one-time values.

pub(crate) mod full;
mod shards;
#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc, time::SystemTime};

use self::{full::ReplayStoreFull, shards::Shards};
use crate::{
    protocol::replay::{Remembered, ReplayKey},
    store::replays::ReplayStore,
};

/// In-memory [`ReplayStore`], for a server that is one process.
///
/// A clone shares the values. They are gone when the process ends, so after a restart an
/// assertion may be used a second time until it expires. For several processes, on one
/// machine or on many, use a `RedisReplayStore` (feature `redis`) or a [`ReplayStore`] of
/// your own.
///
/// # Capacity
///
/// The store never forgets a value before its time. If it is full, or if a client has used
/// up its share, it returns an error for a new value, and the request gets a 503.
///
/// An assertion is valid for at most one hour, and is remembered for two minutes longer
/// than it is valid. The default capacity is enough for this many assertions a second:
///
/// | assertions are valid for | from all clients | from one client (default share) |
/// |---|---|---|
/// | 1 hour | 240 | 60 |
/// | 1 minute | 5000 | 1250 |
///
/// If one client sends most of the assertions, raise its
/// [`client_share`](Self::client_share).
///
/// # Memory
///
/// The memory grows with the number of values and does not shrink. A store with the default
/// capacity takes at most 27 MB if few clients send the values, and at most 46 MB if each
/// value is from another client. With another capacity, the limit is 128 bytes for each value
/// of the capacity, plus 16 KiB.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use tower_token_endpoint::replay::{
///     MemoryReplayStore, Remembered, ReplayKey, ReplayPurpose::ClientAssertion, ReplayStore,
/// };
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let replays = MemoryReplayStore::new();
/// let key = ReplayKey::new(ClientAssertion, "https://as.example.com", "s6BhdRkqt3", "id-1");
/// let until = SystemTime::now() + Duration::from_secs(60);
///
/// assert_eq!(replays.remember(&key, until).await?, Remembered::New);
/// assert_eq!(replays.remember(&key, until).await?, Remembered::Known);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use]
pub struct MemoryReplayStore {
    shared: Arc<Shards>,
    client_share: u32,
}

impl MemoryReplayStore {
    /// Makes a store with the default capacity, which is 917,504 values.
    pub fn new() -> Self {
        Self::with_capacity(shards::DEFAULT_CAPACITY)
    }

    /// Makes a store with a capacity of this number of values.
    ///
    /// The values are divided among at most 64 shards, which do not fill evenly. So a large
    /// store may already be full at 95 % of its capacity.
    pub fn with_capacity(values: usize) -> Self {
        Self {
            client_share: u32::try_from(values.div_ceil(4)).unwrap_or(u32::MAX),
            shared: Arc::new(Shards::new(values)),
        }
    }

    /// Sets the number of values that one client may have, so that no client can fill
    /// the store for the others.
    ///
    /// **Default: a quarter of the capacity.** A clone has the share of the store that it
    /// was cloned from.
    pub fn client_share(mut self, values: usize) -> Self {
        self.client_share = u32::try_from(values).unwrap_or(u32::MAX);
        self
    }

    fn remember_at(
        &self,
        key: &ReplayKey<'_>,
        until: SystemTime,
        now: SystemTime,
    ) -> Result<Remembered, ReplayStoreFull> {
        self.shared.remember(key, until, now, self.client_share)
    }
}

impl ReplayStore for MemoryReplayStore {
    type Error = ReplayStoreFull;

    async fn remember(
        &self,
        key: &ReplayKey<'_>,
        until: SystemTime,
    ) -> Result<Remembered, ReplayStoreFull> {
        self.remember_at(key, until, SystemTime::now())
    }
}

impl Default for MemoryReplayStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryReplayStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shared = &*self.shared;
        f.debug_struct("MemoryReplayStore")
            .field("len", &shared.len())
            .field("capacity", &shared.capacity())
            .field("client_share", &self.client_share)
            .finish_non_exhaustive()
    }
}
