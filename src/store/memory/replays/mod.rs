//! In-memory store of one-time values.

mod clock;
mod shards;
#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc, time::SystemTime};

use self::{
    clock::Now,
    shards::{SHARES, Shards},
};
use crate::{
    protocol::replay::{Remembered, ReplayKey},
    store::{full::ReplayStoreFull, replays::ReplayStore},
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
/// The share of a client is 1/128 of the capacity, so 100 clients that use up their shares
/// leave more than a fifth of the store for all others. All clients
/// [from documents](crate::Client::is_from_document) have 32 of these shares together, with any setting: documents of
/// one host share one, with those of some other hosts.
///
/// An assertion is valid for at most one hour, and is remembered for two minutes longer
/// than it is valid. The default capacity is enough for this many assertions a second:
///
/// | assertions are valid for | from all clients | from one client (default share) |
/// |---|---|---|
/// | 1 hour | 240 | 1.9 |
/// | 5 minutes | 2100 | 17 |
/// | 1 minute | 5000 | 39 |
///
/// A DPoP proof is remembered for three minutes, if nothing else is set. From one client, that is 39 proofs a
/// second. Anybody can send proofs in the name of a public client, and so use up its share: use
/// [`throttle`](crate::throttle) or a limit in front against that.
///
/// If a client sends more, let its assertions be valid for a shorter time, or raise the
/// [`client_share`](Self::client_share).
///
/// # Clock
///
/// How long a value is remembered is decided once, when it comes, and is measured by a
/// monotonic clock. So a system clock that leaps ahead does not make a value new again. If
/// the system clock is set back, all values are remembered for so much longer.
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
            client_share: u32::try_from((values / SHARES).max(1)).unwrap_or(u32::MAX),
            shared: Arc::new(Shards::new(values)),
        }
    }

    /// Sets the number of values that one client may have, so that no client can fill
    /// the store for the others.
    ///
    /// **Default: 1/128 of the capacity**, which is 7,168 values of the default capacity, and
    /// at least one value. A clone has the share of the store that it was cloned from.
    pub fn client_share(mut self, values: usize) -> Self {
        self.client_share = u32::try_from(values).unwrap_or(u32::MAX);
        self
    }

    fn remember_at(
        &self,
        key: &ReplayKey<'_>,
        until: SystemTime,
        now: Now,
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
        self.remember_at(key, until, self.shared.clock.now())
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
