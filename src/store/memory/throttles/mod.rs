//! In-memory store of failed authentications.

mod shard;
mod shards;
#[cfg(test)]
mod tests;

use std::{convert::Infallible, fmt, sync::Arc};

use self::shards::Shards;
use crate::{
    protocol::throttle::{Slots, ThrottleAttempt},
    store::throttles::Throttle,
};

/// In-memory [`Throttle`], for a server that is one process.
///
/// A clone shares the counters. For several processes, on one machine or on many, use a
/// `RedisThrottle` (feature `redis`) or a [`Throttle`] of your own: otherwise each process allows
/// as many failures as the limit says.
///
/// # Memory
///
/// The memory is bounded: 32 bytes for each counter of the [capacity](Self::with_capacity), plus
/// 64 KiB. With the default capacity, this is 17 MB. It is allocated when the store is made, and a
/// call allocates nothing.
///
/// # If the store is full
///
/// A failure is counted for a source and for a client from that source, so it uses two counters
/// until their slots are free again. Beside its counters, the store has two fixed arrays of
/// *buckets*: one for sources, and one for clients. Each has as many buckets as the store has
/// counters, and at least 4,096. A keyed hash, which nobody can predict, chooses the bucket of a
/// counter.
///
/// If no place is free, the store removes the counter whose slots will all be free first. The slots
/// that are taken of it are counted in its bucket from then on. So every failure is still counted,
/// but counters in the same bucket share the slots of one.
///
/// So a stranger who fills the store with failures from many addresses can also fill some of the
/// buckets, and an honest source or client whose bucket is full is refused. For this, the stranger
/// needs as many failures in a bucket as the burst of the limit. If `F` of his failures are not
/// free again, then at most this share of the honest sources is refused, and the same with the
/// limit of clients:
///
/// ```text
/// F / (burst × buckets)
/// ```
///
/// | failures that are not free again (default limits and capacity) | sources refused | clients refused |
/// |---|---|---|
/// | 10,000 | less than 0.1 % | less than 0.4 % |
/// | 100,000 | less than 1 % | less than 4 % |
/// | 1,000,000 | less than 10 % | less than 39 % |
///
/// With the default limits, a failure is free again after a minute at most, but in a bucket, the
/// times of several counters add up. All layers that share a
/// store should have the same limits: in a bucket, a failure counts for as long as its own limit
/// says.
///
/// # Places
///
/// A counter can have one of 16 places, which the keyed hash chooses, and the store counts as full
/// for this counter if these are taken. So of a store that is half full, less than 1 % of the
/// counters are in buckets.
///
/// ```
/// use std::time::Duration;
/// use tower_token_endpoint::throttle::{
///     MemoryThrottle, Slots, Throttle, ThrottleAttempt, ThrottleCounter, ThrottleLimit,
/// };
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let limit = ThrottleLimit::new(1, Duration::from_secs(3));
/// let counter = ThrottleCounter::new([0; 16], limit);
/// let attempt = ThrottleAttempt::from_parts([7; 32], [Some(counter), None, None]);
///
/// let throttle = MemoryThrottle::new();
/// assert_eq!(throttle.take(&attempt).await?, Slots::Taken);
/// let Slots::Exhausted { retry_after, counter: full } = throttle.take(&attempt).await? else {
///     panic!("there is one slot");
/// };
/// assert!(retry_after <= Duration::from_secs(3));
/// assert_eq!(full, counter);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use]
pub struct MemoryThrottle {
    shared: Arc<Shards>,
}

impl MemoryThrottle {
    /// Makes a store with the default capacity, which is 524,288 counters.
    pub fn new() -> Self {
        Self::with_capacity(shards::DEFAULT_CAPACITY)
    }

    /// Makes a store with a capacity of this number of counters.
    ///
    /// The number is rounded up to full sets of places, and is between 1 and 67,108,864.
    pub fn with_capacity(counters: usize) -> Self {
        Self {
            shared: Arc::new(Shards::new(counters)),
        }
    }

    /// What [`take`](Throttle::take) returns, which is never an error.
    pub(crate) fn take_slots(&self, attempt: &ThrottleAttempt) -> Slots {
        self.shared.take(attempt, self.shared.now())
    }

    /// Gives back what [`take_slots`](Self::take_slots) took.
    pub(crate) fn give_back_slots(&self, attempt: &ThrottleAttempt) {
        self.shared.give_back(attempt);
    }
}

impl Throttle for MemoryThrottle {
    type Error = Infallible;

    async fn take(&self, attempt: &ThrottleAttempt) -> Result<Slots, Infallible> {
        Ok(self.shared.take(attempt, self.shared.now()))
    }

    async fn give_back(&self, attempt: &ThrottleAttempt) -> Result<(), Infallible> {
        self.shared.give_back(attempt);
        Ok(())
    }

    fn take_now(&self, attempt: &ThrottleAttempt) -> Option<Result<Slots, Infallible>> {
        Some(Ok(self.shared.take(attempt, self.shared.now())))
    }

    fn give_back_now(&self, attempt: &ThrottleAttempt) -> Option<Result<(), Infallible>> {
        self.shared.give_back(attempt);
        Some(Ok(()))
    }
}

impl Default for MemoryThrottle {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryThrottle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryThrottle")
            .field("capacity", &self.shared.capacity())
            .finish_non_exhaustive()
    }
}
