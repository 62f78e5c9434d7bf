//! The counters of a store, in shards with a lock each.

use std::{
    hash::{BuildHasher, RandomState},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use super::shard::{CounterId, Shard, WAYS};
use crate::protocol::{
    gcra::Nanos,
    throttle::{Slots, ThrottleAttempt, ThrottleCounter},
};

pub(super) struct Shards {
    made: Instant,
    /// Keyed, so that somebody who chooses an address or an id cannot choose its place.
    hasher: RandomState,
    /// Their number is a power of two. All counters of a key are in one shard.
    pub(super) shards: Box<[Mutex<Shard>]>,
}

pub(super) const DEFAULT_CAPACITY: usize = 1 << 19;
const MAX_CAPACITY: usize = 1 << 26;
/// Also of a small store, or a few failures would fill all of them.
const MIN_BUCKETS: usize = 1 << 12;
/// Fewer counters are not worth a shard with its lock.
const SHARD: usize = 1 << 12;
const MAX_SHARDS: usize = 64;

impl Shards {
    pub(super) fn new(capacity: usize) -> Self {
        let capacity = capacity.clamp(1, MAX_CAPACITY);
        let shards = (capacity / SHARD).clamp(1, MAX_SHARDS);
        let shards = 1 << shards.ilog2();
        let ways = capacity.min(WAYS);
        let sets = capacity.div_ceil(shards).div_ceil(ways);
        let buckets = capacity.max(MIN_BUCKETS).div_ceil(shards);
        let shard = |_| Mutex::new(Shard::new(ways, sets, buckets));
        Self {
            made: Instant::now(),
            hasher: RandomState::new(),
            shards: (0..shards).map(shard).collect(),
        }
    }

    /// By the monotonic clock, so that no limit ends earlier if the system clock leaps ahead.
    pub(super) fn now(&self) -> Nanos {
        Nanos::try_from(self.made.elapsed().as_nanos()).unwrap_or(Nanos::MAX)
    }

    /// Takes a slot of each counter, or none.
    pub(super) fn take(&self, attempt: &ThrottleAttempt, now: Nanos) -> Slots {
        let mut shard = self.shard(attempt);
        let waits = attempt.counters().filter_map(|counter| {
            let id = self.id(attempt, &counter);
            let wait = shard.wait(id, counter.limit(), now)?;
            Some((wait, counter))
        });
        if let Some((retry_after, counter)) = waits.max_by_key(|(wait, _)| *wait) {
            return Slots::Exhausted {
                retry_after,
                counter,
            };
        }
        for counter in attempt.counters() {
            shard.take(self.id(attempt, &counter), counter.limit(), now);
        }
        Slots::Taken
    }

    pub(super) fn give_back(&self, attempt: &ThrottleAttempt) {
        let mut shard = self.shard(attempt);
        for counter in attempt.counters() {
            shard.give_back(self.id(attempt, &counter), counter.limit());
        }
    }

    pub(super) fn capacity(&self) -> usize {
        lock(&self.shards[0]).capacity() * self.shards.len()
    }

    fn shard(&self, attempt: &ThrottleAttempt) -> MutexGuard<'_, Shard> {
        let hash = self.hasher.hash_one(attempt.key());
        lock(&self.shards[(hash >> 40) as usize & (self.shards.len() - 1)])
    }

    fn id(&self, attempt: &ThrottleAttempt, counter: &ThrottleCounter) -> CounterId {
        let hash = self.hasher.hash_one((attempt.key(), counter.name()));
        CounterId::new(hash, counter.is_of_origin())
    }
}

/// The locked data is consistent at every step, so a panic elsewhere does no harm.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
