//! The counters behind one lock.
//!
//! A counter is in a place of its own or in a bucket, and never in both:
//!
//! - It moves into its bucket if its place is needed for another. Its bucket then has its slots
//!   beside those of others, so it never shows fewer taken slots than the counter has.
//! - It gets a place of its own only if all slots of its bucket are free. Then it has none there.
//!
//! A counter that moves into a bucket adds only the time until its slots are free. If one of them is given
//! back later, the bucket loses a whole period, although a part of it had passed before the move. So the
//! other counters of the bucket may be free earlier: by the time for which the attempt was under way, and
//! by a period at most.
//!
//! A place has no owner from the moment at which all slots are free, so nothing is ever swept.

use std::{ops::Range, time::Duration};

use crate::protocol::{
    gcra::{AllFree, Nanos},
    throttle::ThrottleLimit,
};

pub(super) struct Shard {
    /// The counter of each place. The places are in sets, and a counter can only be in its set.
    ids: Box<[u64]>,
    /// When all slots of the counter of each place are free.
    all_free: Box<[Nanos]>,
    /// The number of places in a set.
    ways: usize,
    /// Those of origins, and those of clients.
    buckets: [Box<[Nanos]>; 2],
}

/// The keyed hash of a counter. Two counters are one with a probability of 2⁻⁶³.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct CounterId(u64);

/// As many as lie in two cache lines. With more, a set would be full less often.
pub(super) const WAYS: usize = 16;

impl CounterId {
    pub(super) fn new(hash: u64, is_of_origin: bool) -> Self {
        Self(hash & !1 | u64::from(!is_of_origin))
    }

    /// One of `len` sets, by the upper half of the hash.
    fn set(self, len: usize) -> usize {
        scale(self.0 >> 32, len)
    }

    /// The array of buckets, and one of its `len` buckets, by the lower half.
    fn bucket(self, len: usize) -> (usize, usize) {
        let kind = usize::from(self.0 & 1 == 1);
        (kind, scale(self.0 & 0xffff_fffe, len))
    }
}

/// Maps 32 bits to an index below `len`, which is at most 2²⁶.
fn scale(bits: u64, len: usize) -> usize {
    ((bits * len as u64) >> 32) as usize
}

impl Shard {
    pub(super) fn new(ways: usize, sets: usize, buckets: usize) -> Self {
        let zeros = |len| vec![0; len].into_boxed_slice();
        Self {
            ids: zeros(ways * sets),
            all_free: zeros(ways * sets),
            ways,
            buckets: [zeros(buckets), zeros(buckets)],
        }
    }

    pub(super) fn capacity(&self) -> usize {
        self.ids.len()
    }

    /// The time until a slot is free. `None` if one is free now.
    pub(super) fn wait(
        &mut self,
        id: CounterId,
        limit: ThrottleLimit,
        now: Nanos,
    ) -> Option<Duration> {
        AllFree(*self.counted(id)).wait(limit, now)
    }

    /// Takes one slot, whether it is free or not.
    pub(super) fn take(&mut self, id: CounterId, limit: ThrottleLimit, now: Nanos) {
        let counted = self.counted(id);
        let taken = AllFree(*counted).taken(limit, now);
        let is_elsewhere = !AllFree(*counted).has_come(now) || self.place(id).is_some();
        if is_elsewhere || !self.put(id, taken, now) {
            *self.counted(id) = taken.0;
        }
    }

    /// Gives one slot back.
    pub(super) fn give_back(&mut self, id: CounterId, limit: ThrottleLimit) {
        let counted = self.counted(id);
        *counted = AllFree(*counted).given_back(limit).0;
    }

    /// Where the counter is counted: in its place, or in its bucket.
    fn counted(&mut self, id: CounterId) -> &mut Nanos {
        match self.place(id) {
            Some(place) => &mut self.all_free[place],
            None => self.bucket(id),
        }
    }

    /// Gives the counter a place of its own, unless all others of its set are free later.
    fn put(&mut self, id: CounterId, taken: AllFree, now: Nanos) -> bool {
        let set = self.set(id);
        let Some(place) = set.min_by_key(|&place| self.all_free[place]) else {
            return false;
        };
        let other = AllFree(self.all_free[place]);
        if !other.has_come(now) {
            if other > taken {
                return false;
            }
            let bucket = self.bucket(CounterId(self.ids[place]));
            *bucket = AllFree(*bucket).joined(other, now).0;
        }
        self.ids[place] = id.0;
        self.all_free[place] = taken.0;
        true
    }

    /// The place of the counter, if it has one.
    fn place(&self, id: CounterId) -> Option<usize> {
        self.set(id).find(|&place| self.ids[place] == id.0)
    }

    fn set(&self, id: CounterId) -> Range<usize> {
        let first = id.set(self.ids.len() / self.ways) * self.ways;
        first..first + self.ways
    }

    fn bucket(&mut self, id: CounterId) -> &mut Nanos {
        let (kind, bucket) = id.bucket(self.buckets[0].len());
        &mut self.buckets[kind][bucket]
    }

    /// For how long the places will be taken, added up.
    #[cfg(test)]
    pub(super) fn taken_in_places(&self, now: Nanos) -> Nanos {
        self.all_free.iter().map(|it| it.saturating_sub(now)).sum()
    }

    /// For how long each bucket will be.
    #[cfg(test)]
    pub(super) fn taken_in_buckets(&self, now: Nanos) -> [Vec<Nanos>; 2] {
        let taken = |it: &[Nanos]| it.iter().map(|it| it.saturating_sub(now)).collect();
        [taken(&self.buckets[0]), taken(&self.buckets[1])]
    }
}
