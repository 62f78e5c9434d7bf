//! The values of a store, in shards with a lock each.

use std::{
    collections::HashMap,
    hash::{BuildHasher, Hash, RandomState},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, AtomicUsize, Ordering},
    },
    time::SystemTime,
};

use super::clock::{Clock, NEVER, Now, Seconds};
use crate::{
    protocol::{
        client::id_url::ClientIdUrl,
        replay::{Remembered, ReplayKey},
    },
    store::full::ReplayStoreFull,
};

/// The values, and the number of values of each client.
pub(super) struct Shards {
    pub(super) clock: Clock,
    /// Keyed, so that somebody who chooses a `jti` or an id cannot choose its place.
    hasher: RandomState,
    /// Their number is a power of two.
    pub(super) shards: Box<[Shard]>,
    /// Which shard is swept next for a client that has used up its share.
    next_to_sweep: AtomicUsize,
    /// The number of values that a shard can hold.
    shard_capacity: usize,
    /// The number of values that are kept for each client. It may be locked while a shard
    /// is locked, never the other way round.
    pub(super) clients: Box<[Mutex<Table<ClientRef, u32>>]>,
}

pub(super) struct Shard {
    pub(super) entries: Mutex<Table<Digest, Entry>>,
    /// No value of the shard expires earlier. Written while the entries are locked.
    earliest: AtomicU32,
}

pub(super) type Table<K, V> = HashMap<K, V, RandomState>;

/// Half of a SHA-256. It takes 2⁶⁴ steps to find two values with the same digest, and
/// all that a client gains is that its own assertion is refused.
pub(super) type Digest = [u8; 16];

/// A keyed hash of a client. Two clients share a count with a probability of 2⁻³².
pub(super) type ClientRef = u32;

#[derive(Clone, Copy)]
pub(super) struct Entry {
    expires: Seconds,
    client: ClientRef,
}

/// As many values as fill tables of 2²⁰ places to seven eighths.
pub(super) const DEFAULT_CAPACITY: usize = 7 << 17;
/// Fewer values are not worth a shard with its lock.
const SHARD: usize = 1 << 13;
const MAX_SHARDS: usize = 64;

/// The number of shares in a store. It is more than 100, so that as many clients leave room
/// for others, and not much more, since a share bounds how often a client can authenticate.
pub(super) const SHARES: usize = 128;

/// How many of these shares all clients from documents have together.
const GROUPS: u64 = 32;

impl Shards {
    pub(super) fn new(capacity: usize) -> Self {
        let shards = (capacity / SHARD).clamp(1, MAX_SHARDS);
        let shards = 1 << shards.ilog2();
        let hasher = RandomState::new();
        let locked = |_| Mutex::new(HashMap::with_hasher(hasher.clone()));
        Self {
            clock: Clock::new(),
            shards: (0..shards).map(|_| Shard::new(hasher.clone())).collect(),
            next_to_sweep: AtomicUsize::new(0),
            shard_capacity: capacity / shards,
            clients: (0..shards).map(locked).collect(),
            hasher,
        }
    }

    pub(super) fn remember(
        &self,
        key: &ReplayKey<'_>,
        until: SystemTime,
        now: Now,
        client_share: u32,
    ) -> Result<Remembered, ReplayStoreFull> {
        let digest = key.digest();
        let digest = *digest.first_chunk().expect("16 of 32 bytes");
        let seconds = self.clock.seconds(now);
        let (client, client_share) = match key.is_of_document() {
            true => {
                let share = self.capacity() / SHARES;
                let share = u32::try_from(share.max(1)).unwrap_or(u32::MAX);
                (self.documents_ref(key), client_share.min(share))
            }
            false => (self.client_ref(key), client_share),
        };
        let entry = Entry {
            expires: Clock::when(seconds, until, now),
            client,
        };
        let now = seconds;
        let remembered = self.insert(digest, entry, client_share, now);
        // The values of a client are in all shards, and some may have expired.
        if remembered == Err(ReplayStoreFull::ClientShare) && self.sweep_some(now) {
            return self.insert(digest, entry, client_share, now);
        }
        remembered
    }

    fn insert(
        &self,
        digest: Digest,
        entry: Entry,
        client_share: u32,
        now: Seconds,
    ) -> Result<Remembered, ReplayStoreFull> {
        let shard = self.shard(&digest);
        let mut entries = lock(&shard.entries);
        match entries.get_mut(&digest) {
            Some(known) if !known.has_expired(now) => return Ok(Remembered::Known),
            _ if entry.has_expired(now) => return Ok(Remembered::New),
            Some(expired) => expired.expires = entry.expires,
            None => {
                // A table grows by doubling, so expired values are dropped first.
                if entries.len() >= self.shard_capacity.min(entries.capacity()) {
                    self.sweep_locked(shard, &mut entries, now);
                }
                if entries.len() >= self.shard_capacity {
                    return Err(ReplayStoreFull::Store);
                }
                self.count(entry.client, client_share)?;
                entries.insert(digest, entry);
            }
        }
        shard.earliest.fetch_min(entry.expires, Ordering::Relaxed);
        Ok(Remembered::New)
    }

    /// Counts one more value for the client, if its share allows it.
    fn count(&self, client: ClientRef, share: u32) -> Result<(), ReplayStoreFull> {
        let mut counts = lock(self.counts(client));
        if let Some(count) = counts.get_mut(&client) {
            if *count >= share {
                return Err(ReplayStoreFull::ClientShare);
            }
            *count += 1;
            return Ok(());
        }
        if share == 0 {
            return Err(ReplayStoreFull::ClientShare);
        }
        if counts.len() == counts.capacity() {
            retain(&mut counts, |count| *count > 0);
            // If that freed little, the next call should not repeat it.
            let len = counts.len();
            counts.reserve((len / 2).max(1));
        }
        counts.insert(client, 1);
        Ok(())
    }

    /// Drops expired values in the next few shards that have any, and returns whether
    /// there were such shards. All shards at once would delay the request. Each shard has
    /// about the same number of values of a client.
    fn sweep_some(&self, now: Seconds) -> bool {
        const AT_ONCE: usize = 2;
        let start = self.next_to_sweep.fetch_add(AT_ONCE, Ordering::Relaxed);
        let (before, from) = self.shards.split_at(start % self.shards.len());
        let has_expired = |shard: &&Shard| shard.earliest.load(Ordering::Relaxed) <= now;
        let mut swept = false;
        for shard in from.iter().chain(before).filter(has_expired).take(AT_ONCE) {
            self.sweep_locked(shard, &mut lock(&shard.entries), now);
            swept = true;
        }
        swept
    }

    fn sweep_locked(&self, shard: &Shard, entries: &mut Table<Digest, Entry>, now: Seconds) {
        if shard.earliest.load(Ordering::Relaxed) > now {
            return;
        }
        let mut earliest = NEVER;
        retain(entries, |entry| {
            let kept = !entry.has_expired(now);
            if kept {
                earliest = earliest.min(entry.expires);
            } else if let Some(count) = lock(self.counts(entry.client)).get_mut(&entry.client) {
                *count -= 1;
            }
            kept
        });
        shard.earliest.store(earliest, Ordering::Relaxed);
    }

    fn shard(&self, digest: &Digest) -> &Shard {
        &self.shards[self.index(digest)]
    }

    fn counts(&self, client: ClientRef) -> &Mutex<Table<ClientRef, u32>> {
        &self.clients[self.index(&client)]
    }

    /// Uses bits that do not choose the place within a table.
    fn index(&self, of: &impl Hash) -> usize {
        (self.hasher.hash_one(of) >> 40) as usize & (self.shards.len() - 1)
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "a hash is as good cut in half"
    )]
    fn client_ref(&self, key: &ReplayKey<'_>) -> ClientRef {
        self.hasher.hash_one((key.issuer(), key.client_id())) as ClientRef
    }

    /// All documents of a host, and of some other hosts: there are as many as anybody likes.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a hash is as good cut in half"
    )]
    fn documents_ref(&self, key: &ReplayKey<'_>) -> ClientRef {
        let url = ClientIdUrl::of_schemes(key.client_id(), &["https", "http"]);
        let host = url.map_or_else(|_| String::new(), |url| url.host().to_ascii_lowercase());
        let group = self.hasher.hash_one((key.issuer(), host)) % GROUPS;
        self.hasher.hash_one(("documents", group)) as ClientRef
    }

    pub(super) fn capacity(&self) -> usize {
        self.shard_capacity * self.shards.len()
    }

    pub(super) fn len(&self) -> usize {
        let lens = self.shards.iter().map(|shard| lock(&shard.entries).len());
        lens.sum()
    }
}

impl Shard {
    fn new(hasher: RandomState) -> Self {
        Self {
            entries: Mutex::new(HashMap::with_hasher(hasher)),
            earliest: AtomicU32::new(NEVER),
        }
    }
}

impl Entry {
    fn has_expired(self, now: Seconds) -> bool {
        self.expires <= now
    }
}

/// Empties the table and inserts again what is kept. If values were removed one by one,
/// they would leave marks in the table, and a table full of marks doubles.
fn retain<K: Eq + Hash, V>(table: &mut Table<K, V>, mut kept: impl FnMut(&V) -> bool) {
    let kept: Vec<_> = table.drain().filter(|(_, value)| kept(value)).collect();
    table.extend(kept);
}

/// The locked data is consistent at every step, so a panic elsewhere does no harm.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
