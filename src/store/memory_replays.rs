//! One-time values in memory.

use std::{
    collections::HashMap,
    error, fmt,
    hash::{BuildHasher, Hash, RandomState},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, AtomicUsize, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use super::ReplayStore;
use crate::protocol::replay::{Remembered, ReplayKey};

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
    shared: Arc<Shared>,
    client_share: u32,
}

struct Shared {
    /// Keyed, so that nobody who chooses a `jti` or an id chooses its place too.
    hasher: RandomState,
    /// A power of two of them.
    shards: Box<[Shard]>,
    /// Which shard is swept next for a client that has used up its share.
    next_to_sweep: AtomicUsize,
    /// How many values a shard takes.
    shard_capacity: usize,
    /// How many values are kept for each client. Locked while a shard is, never
    /// the other way round.
    clients: Box<[Mutex<Table<ClientRef, u32>>]>,
}

struct Shard {
    entries: Mutex<Table<Digest, Entry>>,
    /// Nothing in the shard expires before. Written while the entries are locked.
    earliest: AtomicU32,
}

type Table<K, V> = HashMap<K, V, RandomState>;

/// Half of a SHA-256: to find two values for one takes 2⁶⁴ steps, and gains a
/// client the refusal of its own assertion.
type Digest = [u8; 16];

/// A keyed hash of a client: two clients share a count once in 2³².
type ClientRef = u32;

#[derive(Clone, Copy)]
struct Entry {
    /// In whole seconds since 1970, rounded up.
    expires: u32,
    client: ClientRef,
}

impl MemoryReplays {
    /// As many values as fill tables of 2²⁰ places to seven eighths.
    const CAPACITY: usize = 7 << 17;
    /// A shard of fewer values is not worth its lock.
    const SHARD: usize = 1 << 13;
    const SHARDS: usize = 64;

    /// Remembers up to 917,504 values.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(Self::CAPACITY)
    }

    /// Remembers up to this number of values at a time. Each of at most 64 shards
    /// holds its part of it, so that a large store may be full from 95 % on.
    #[must_use]
    pub fn with_capacity(values: usize) -> Self {
        let shards = (values / Self::SHARD).clamp(1, Self::SHARDS);
        let shards = 1 << shards.ilog2();
        let hasher = RandomState::new();
        let locked = |_| Mutex::new(HashMap::with_hasher(hasher.clone()));
        Self {
            client_share: u32::try_from(values.div_ceil(4)).unwrap_or(u32::MAX),
            shared: Arc::new(Shared {
                shards: (0..shards).map(|_| Shard::new(hasher.clone())).collect(),
                next_to_sweep: AtomicUsize::new(0),
                shard_capacity: values / shards,
                clients: (0..shards).map(locked).collect(),
                hasher,
            }),
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
        let digest = key.digest();
        let digest = *digest.first_chunk().expect("16 of 32 bytes");
        let shared = &*self.shared;
        let entry = Entry {
            expires: seconds_rounded_up(until),
            client: shared.client_ref(key),
        };
        let now = seconds(now);
        let answer = shared.remember(digest, entry, self.client_share, now);
        // The values of a client are everywhere, and some may have expired.
        if answer == Err(ReplaysFull::ClientShare) && shared.sweep_some(now) {
            return shared.remember(digest, entry, self.client_share, now);
        }
        answer
    }
}

impl Shared {
    fn remember(
        &self,
        digest: Digest,
        entry: Entry,
        client_share: u32,
        now: u32,
    ) -> Result<Remembered, ReplaysFull> {
        let shard = self.shard(&digest);
        let mut entries = lock(&shard.entries);
        match entries.get_mut(&digest) {
            Some(known) if !known.has_expired(now) => return Ok(Remembered::Known),
            _ if entry.has_expired(now) => return Ok(Remembered::New),
            Some(expired) => expired.expires = entry.expires,
            None => {
                // A table grows by doubling. First it is seen whether it has to.
                if entries.len() >= self.shard_capacity.min(entries.capacity()) {
                    self.sweep_locked(shard, &mut entries, now);
                }
                if entries.len() >= self.shard_capacity {
                    return Err(ReplaysFull::Store);
                }
                self.count(entry.client, client_share)?;
                entries.insert(digest, entry);
            }
        }
        shard.earliest.fetch_min(entry.expires, Ordering::Relaxed);
        Ok(Remembered::New)
    }

    /// Counts one more value for the client, where it has one left.
    fn count(&self, client: ClientRef, share: u32) -> Result<(), ReplaysFull> {
        let mut counts = lock(self.counts(client));
        if let Some(count) = counts.get_mut(&client) {
            if *count >= share {
                return Err(ReplaysFull::ClientShare);
            }
            *count += 1;
            return Ok(());
        }
        if share == 0 {
            return Err(ReplaysFull::ClientShare);
        }
        if counts.len() == counts.capacity() {
            retain(&mut counts, |count| *count > 0);
            // Where that freed little, the next one should not do it again.
            let len = counts.len();
            counts.reserve((len / 2).max(1));
        }
        counts.insert(client, 1);
        Ok(())
    }

    /// Drops what has expired in the next shards that have anything, and tells
    /// whether there were any: in a few, since to go through all of them would hold
    /// the request up. A client has as much in each.
    fn sweep_some(&self, now: u32) -> bool {
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

    fn sweep_locked(&self, shard: &Shard, entries: &mut Table<Digest, Entry>, now: u32) {
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

    /// By bits that choose no place within a table.
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

    fn len(&self) -> usize {
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
    fn has_expired(self, now: u32) -> bool {
        self.expires <= now
    }
}

/// Later than any time that [`seconds`] gives: what lasts beyond the year 2106.
const NEVER: u32 = u32::MAX;

fn seconds(time: SystemTime) -> u32 {
    let since_1970 = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u32::try_from(since_1970.as_secs()).map_or(NEVER - 1, |seconds| seconds.min(NEVER - 1))
}

fn seconds_rounded_up(time: SystemTime) -> u32 {
    let since_1970 = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let begun = u64::from(since_1970.subsec_nanos() > 0);
    u32::try_from(since_1970.as_secs() + begun).unwrap_or(NEVER)
}

/// Takes everything out and puts back what is kept. Removed one by one, values
/// would leave marks in the table, and a table full of them doubles.
fn retain<K: Eq + Hash, V>(table: &mut Table<K, V>, mut kept: impl FnMut(&V) -> bool) {
    let kept: Vec<_> = table.drain().filter(|(_, value)| kept(value)).collect();
    table.extend(kept);
}

/// What is locked is whole at every step, so a panic elsewhere spoils nothing.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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
            .field("capacity", &(shared.shard_capacity * shared.shards.len()))
            .field("client_share", &self.client_share)
            .finish_non_exhaustive()
    }
}

/// Why [`MemoryReplays`] takes no new value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReplaysFull {
    /// It holds as many as it may, and none has expired.
    Store,
    /// It holds as many of this client as it may, and none of them has expired.
    ClientShare,
}

impl fmt::Display for ReplaysFull {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Store => "the store of one-time values is full: assertions should expire sooner, or its capacity be larger",
            Self::ClientShare => "the client's share of the store of one-time values is used up: its assertions should \
                 expire sooner, or `client_share` be larger",
        })
    }
}

impl error::Error for ReplaysFull {}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::{collection::vec, prelude::*};

    use super::*;

    const ISSUER: &str = "https://as.example.com";

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1_700_000_000 + seconds)
    }

    fn of<'a>(client_id: &'a str, jti: &'a str) -> ReplayKey<'a> {
        ReplayKey::new(ISSUER, client_id, jti)
    }

    #[test]
    fn a_value_is_new_once_until_its_time() {
        let replays = MemoryReplays::new();
        let asked = |until, now| replays.remember_at(&of("a", "1"), until, now);
        assert_eq!(asked(at(10), at(0)), Ok(Remembered::New));
        assert_eq!(asked(at(10), at(0)), Ok(Remembered::Known));
        assert_eq!(asked(at(10), at(9)), Ok(Remembered::Known));
        assert_eq!(asked(at(20), at(10)), Ok(Remembered::New));
        assert_eq!(asked(at(30), at(19)), Ok(Remembered::Known));
    }

    #[test]
    fn who_asks_again_changes_no_time() {
        let replays = MemoryReplays::new();
        let asked = |until, now| replays.remember_at(&of("a", "1"), until, now);
        assert_eq!(asked(at(10), at(0)), Ok(Remembered::New));
        assert_eq!(asked(at(5), at(1)), Ok(Remembered::Known));
        assert_eq!(asked(at(90), at(2)), Ok(Remembered::Known));
        assert_eq!(asked(at(0), at(3)), Ok(Remembered::Known));
        assert_eq!(asked(at(30), at(9)), Ok(Remembered::Known));
        assert_eq!(asked(at(30), at(10)), Ok(Remembered::New));
    }

    #[test]
    fn a_part_of_a_second_is_a_whole_one() {
        let replays = MemoryReplays::new();
        let half = Duration::from_millis(500);
        let asked = |until, now| replays.remember_at(&of("a", "1"), until, now);
        assert_eq!(asked(at(10) + half, at(0)), Ok(Remembered::New));
        let last_moment = at(10) + half - Duration::from_nanos(1);
        assert_eq!(asked(at(20), last_moment), Ok(Remembered::Known));
        assert_eq!(asked(at(20), at(11)), Ok(Remembered::New));
    }

    #[test]
    fn what_has_passed_already_is_new_and_takes_no_place() {
        let replays = MemoryReplays::with_capacity(1);
        for jti in ["1", "2", "1"] {
            let passed = replays.remember_at(&of("a", jti), at(5), at(5));
            assert_eq!(passed, Ok(Remembered::New));
        }
        assert_eq!(
            replays.remember_at(&of("a", "1"), at(6), at(5)),
            Ok(Remembered::New)
        );
    }

    #[test]
    fn a_time_beyond_counting_is_never_forgotten() {
        let replays = MemoryReplays::new();
        let centuries = |n: u64| UNIX_EPOCH + Duration::from_secs(n * 36_525 * 86_400);
        let asked = |now| replays.remember_at(&of("a", "1"), centuries(9), now);
        assert_eq!(asked(at(0)), Ok(Remembered::New));
        assert_eq!(asked(centuries(2)), Ok(Remembered::Known));
        assert_eq!(asked(centuries(20)), Ok(Remembered::Known));
    }

    #[test]
    fn a_clock_before_1970_forgets_nothing() {
        let replays = MemoryReplays::new();
        let asked = |now| replays.remember_at(&of("a", "1"), at(0), now);
        let before = UNIX_EPOCH - Duration::from_secs(86_400);
        assert_eq!(asked(before), Ok(Remembered::New));
        assert_eq!(asked(before), Ok(Remembered::Known));
    }

    #[test]
    fn a_full_store_refuses_until_something_expires() {
        let replays = MemoryReplays::with_capacity(2).client_share(2);
        let asked = |jti, until, now| replays.remember_at(&of("a", jti), at(until), at(now));
        assert_eq!(asked("1", 10, 0), Ok(Remembered::New));
        assert_eq!(
            replays.remember_at(&of("b", "2"), at(20), at(0)),
            Ok(Remembered::New)
        );
        assert_eq!(asked("3", 30, 9), Err(ReplaysFull::Store));
        assert_eq!(asked("1", 30, 9), Ok(Remembered::Known));
        assert_eq!(asked("3", 30, 10), Ok(Remembered::New));
        assert_eq!(asked("1", 30, 10), Err(ReplaysFull::Store));
    }

    #[test]
    fn a_client_has_its_share_and_no_more() {
        let replays = MemoryReplays::with_capacity(100_000).client_share(3);
        let asked =
            |client, jti, until, now| replays.remember_at(&of(client, jti), at(until), at(now));
        for (jti, until) in [("1", 10), ("2", 20), ("3", 30)] {
            assert_eq!(asked("a", jti, until, 0), Ok(Remembered::New));
        }
        assert_eq!(asked("a", "4", 40, 0), Err(ReplaysFull::ClientShare));
        assert_eq!(asked("b", "4", 40, 0), Ok(Remembered::New));
        assert_eq!(asked("a", "4", 40, 10), Ok(Remembered::New));
        assert_eq!(asked("a", "5", 40, 19), Err(ReplaysFull::ClientShare));
        assert_eq!(asked("a", "5", 40, 20), Ok(Remembered::New));
        let elsewhere = ReplayKey::new("https://other.example", "a", "5");
        assert_eq!(
            replays.remember_at(&elsewhere, at(40), at(20)),
            Ok(Remembered::New)
        );
    }

    #[test]
    fn a_quarter_is_the_share_of_a_client() {
        let replays = MemoryReplays::with_capacity(100);
        let news = (0..100).filter(|jti: &u32| {
            replays.remember_at(&of("a", &jti.to_string()), at(9), at(0)) == Ok(Remembered::New)
        });
        assert_eq!(news.count(), 25);
    }

    #[test]
    fn nothing_is_taken_where_nothing_may_be_kept() {
        let none = MemoryReplays::with_capacity(0).client_share(1);
        assert_eq!(
            none.remember_at(&of("a", "1"), at(9), at(0)),
            Err(ReplaysFull::Store)
        );
        let none = MemoryReplays::with_capacity(9).client_share(0);
        assert_eq!(
            none.remember_at(&of("a", "1"), at(9), at(0)),
            Err(ReplaysFull::ClientShare)
        );
    }

    #[test]
    fn tables_do_not_grow_by_what_was_forgotten() {
        let replays = MemoryReplays::with_capacity(448).client_share(448);
        let mut news = 0;
        for second in 0..1000 {
            for n in 0..100 {
                let jti = format!("{second} {n}");
                // Others come and go, so that their counts do.
                let client = if n % 2 == 0 { "a" } else { &*jti };
                let asked = replays.remember_at(&of(client, &jti), at(second + 4), at(second));
                news += u32::from(asked == Ok(Remembered::New));
            }
        }
        assert_eq!(news, 100_000);
        let [shard] = &*replays.shared.shards else {
            panic!("a small store has one shard")
        };
        assert_eq!(lock(&shard.entries).capacity(), 448);
        let [clients] = &*replays.shared.clients else {
            panic!("and one of clients")
        };
        assert!(
            lock(clients).capacity() <= 448,
            "{}",
            lock(clients).capacity()
        );
    }

    #[test]
    fn a_poisoned_lock_is_no_end() {
        let replays = MemoryReplays::with_capacity(9);
        assert_eq!(
            replays.remember_at(&of("a", "1"), at(9), at(0)),
            Ok(Remembered::New)
        );
        let poison = std::thread::scope(|scope| {
            let locking = || {
                let _guards = (
                    lock(&replays.shared.shards[0].entries),
                    lock(&replays.shared.clients[0]),
                );
                panic!("on purpose");
            };
            scope.spawn(locking).join().is_err()
        });
        assert!(poison && replays.shared.clients[0].is_poisoned());
        assert_eq!(
            replays.remember_at(&of("a", "1"), at(9), at(0)),
            Ok(Remembered::Known)
        );
        assert_eq!(
            replays.remember_at(&of("a", "2"), at(9), at(0)),
            Ok(Remembered::New)
        );
    }

    /// What the store should do, in the plainest way.
    struct Model {
        capacity: usize,
        share: usize,
        entries: HashMap<(u8, u8), u64>,
    }

    impl Model {
        fn remember(
            &mut self,
            key: (u8, u8),
            until: u64,
            now: u64,
        ) -> Result<Remembered, ReplaysFull> {
            self.entries.retain(|_, until| *until > now);
            let of_client = self
                .entries
                .keys()
                .filter(|(client, _)| *client == key.0)
                .count();
            if self.entries.contains_key(&key) {
                Ok(Remembered::Known)
            } else if until <= now {
                Ok(Remembered::New)
            } else if self.entries.len() >= self.capacity {
                Err(ReplaysFull::Store)
            } else if of_client >= self.share {
                Err(ReplaysFull::ClientShare)
            } else {
                self.entries.insert(key, until);
                Ok(Remembered::New)
            }
        }
    }

    proptest! {
        #[test]
        fn it_does_what_the_model_does(
            capacity in 0_usize..40,
            share in 0_usize..20,
            calls in vec((0_u8..4, 0_u8..32, 0_u64..12, 0_u64..3), 1..400),
        ) {
            let replays = MemoryReplays::with_capacity(capacity).client_share(share);
            let mut model = Model { capacity, share, entries: HashMap::new() };
            let mut now = 0;
            for (client, jti, lasting, passing) in calls {
                now += passing / 2;
                let (client_id, jti_text) = (client.to_string(), jti.to_string());
                let answer = replays.remember_at(&of(&client_id, &jti_text), at(now + lasting), at(now));
                prop_assert_eq!(answer, model.remember((client, jti), now + lasting, now));
            }
            let counted: u32 = replays.shared.clients.iter().flat_map(|it| lock(it).values().copied().collect::<Vec<_>>()).sum();
            prop_assert_eq!(counted as usize, replays.shared.len());
        }
    }
}
