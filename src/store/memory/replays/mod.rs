//! One-time values in memory.

pub(crate) mod full;
mod shards;
#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc, time::SystemTime};

use self::{full::ReplaysFull, shards::Shards};
use crate::{
    protocol::replay::{Remembered, ReplayKey},
    store::replays::ReplayStore,
};

/// One-time values in memory: for a server that is one process. A clone shares
/// them.
///
/// They are gone when the process ends, so an assertion may be used a second time
/// after a restart, while it has not expired. Several processes, on one machine or
/// on many, share a `RedisReplays` (feature `redis`), or a [`ReplayStore`] of your
/// own.
///
/// # When it is full
///
/// It never forgets a value before its time. Once it is full it refuses whatever
/// is new, and so it does with what comes from a client that has used up its
/// share: the layer answers 503 then. An assertion is remembered for two minutes
/// longer than it is valid, which is at most an hour, so the default capacity is
/// good for 240 assertions a second that are all valid for the whole hour, and
/// for 5000 a second that are valid for a minute; of one client, whose share is a
/// quarter, for 60 and for 1250. A server with one busy client wants a larger
/// [`client_share`](Self::client_share).
///
/// # Memory
///
/// It grows as it is used, keeps what it has grown to, and takes at most 128 bytes
/// for each value of its capacity, and 16 KiB, whatever is sent. With the default
/// capacity that is 27 MB where few clients make the values, and up to 46 MB where
/// each value has another client.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use tower_token_endpoint::{MemoryReplays, Remembered, ReplayKey, ReplayStore};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let replays = MemoryReplays::new();
/// let key = ReplayKey::new("https://as.example.com", "s6BhdRkqt3", "id-1");
/// let until = SystemTime::now() + Duration::from_secs(60);
///
/// assert_eq!(replays.remember(&key, until).await?, Remembered::New);
/// assert_eq!(replays.remember(&key, until).await?, Remembered::Known);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct MemoryReplays {
    shared: Arc<Shards>,
    client_share: u32,
}

impl MemoryReplays {
    /// Remembers up to 917,504 values.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(shards::DEFAULT_CAPACITY)
    }

    /// Remembers up to this number of values at a time. Each of at most 64 shards
    /// holds its part of it, so that a large store may be full from 95 % on.
    #[must_use]
    pub fn with_capacity(values: usize) -> Self {
        Self {
            client_share: u32::try_from(values.div_ceil(4)).unwrap_or(u32::MAX),
            shared: Arc::new(Shards::new(values)),
        }
    }

    /// Keeps at most this number of values for one client, so that none can fill
    /// the store for the others. **Default: a quarter of the capacity.**
    ///
    /// A clone has the share of the one that it was cloned from.
    #[must_use]
    pub fn client_share(mut self, values: usize) -> Self {
        self.client_share = u32::try_from(values).unwrap_or(u32::MAX);
        self
    }

    fn remember_at(
        &self,
        key: &ReplayKey<'_>,
        until: SystemTime,
        now: SystemTime,
    ) -> Result<Remembered, ReplaysFull> {
        self.shared.remember(key, until, now, self.client_share)
    }
}

impl ReplayStore for MemoryReplays {
    type Error = ReplaysFull;

    async fn remember(
        &self,
        key: &ReplayKey<'_>,
        until: SystemTime,
    ) -> Result<Remembered, ReplaysFull> {
        self.remember_at(key, until, SystemTime::now())
    }
}

impl Default for MemoryReplays {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryReplays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shared = &*self.shared;
        f.debug_struct("MemoryReplays")
            .field("len", &shared.len())
            .field("capacity", &shared.capacity())
            .field("client_share", &self.client_share)
            .finish_non_exhaustive()
    }
}
