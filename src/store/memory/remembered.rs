//! Which secrets matched a slow hash, so that it need not be computed again.
//!
//! What is kept is a MAC with a key that only this process has, so neither the key of the table
//! nor the time of a lookup tells anything about a secret, and a copy of the table cannot be
//! used to guess secrets.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    hash::{BuildHasher as _, BuildHasherDefault, Hasher, RandomState},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::{
    crypto::{Mac, MacKey},
    protocol::matched_secret::MatchedSecret,
};

/// Secrets that a slow hash was computed for and matched, so that the next request with the same
/// secret does not compute it again.
///
/// [`remember_verified_secrets`] switches this on. After a [`SecretHash`] matched and the client
/// was accepted, the layer keeps a MAC (HMAC-SHA256) of the client, the
/// [stored hash][stored] and the presented secret. The key is random and does not
/// leave the process. The next request with the same secret costs one MAC instead of the hash.
///
/// - A wrong or expired secret is never kept, and neither is one that is sent by a method that
///   the client is not registered for. Requests that are refused compute all hashes as before, so
///   the time still does not tell which clients exist.
/// - If the stored secret is changed or removed, or if it expires, what is kept is of no use. The
///   client is looked up, and its expiry is checked, for every request.
/// - A client has at most one entry for each of its hashes, and somebody who does not authenticate
///   has none. So set [`max_entries`](Self::max_entries) to at least the number of hashes of all
///   clients. Otherwise, clients push out the entries of others.
/// - Entries and the key are wiped when they are dropped.
///
/// A hash without [stored text][stored], such as that of a vault, is computed for
/// every request.
///
/// A clone shares the entries. Layers of [`for_endpoint`] share them as well.
///
/// ```
/// use std::time::Duration;
/// use tower_token_endpoint::{
///     MemoryClientStore, TokenEndpointLayer, client::hashing::RememberedSecrets,
/// };
///
/// # let clients = MemoryClientStore::from_json(b"[]")?;
/// let remembered = RememberedSecrets::new().max_age(Duration::from_secs(60));
/// let layer = TokenEndpointLayer::builder(clients, "https://as.example.com")
///     .remember_verified_secrets(remembered)
///     .build()?;
/// # Ok::<_, tower_token_endpoint::BoxError>(())
/// ```
///
/// [`SecretHash`]: crate::client::SecretHash
/// [stored]: crate::client::SecretHash::stored
/// [`for_endpoint`]: crate::TokenEndpointLayer::for_endpoint
/// [`remember_verified_secrets`]: crate::layer::TokenEndpointLayerBuilder::remember_verified_secrets
#[derive(Clone)]
#[must_use]
pub struct RememberedSecrets(Arc<Shared>);

struct Shared {
    limits: Limits,
    /// `None` if the system has no random bytes. A layer refuses it.
    key: Option<MacKey>,
    hasher: RandomState,
    /// The lock is held only for a lookup.
    table: Mutex<Table>,
}

#[derive(Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) max_entries: usize,
    pub(crate) max_age: Duration,
}

/// The place of a hash of a client, by a keyed hash that nobody can choose. If two of them fall
/// together, each makes the other one be computed again.
type Place = u64;

/// The place and the MAC of a secret.
pub(crate) struct Mark {
    place: Place,
    mac: Mac,
}

struct Entry {
    mark: Mark,
    kept_at: Instant,
}

#[derive(Default)]
struct Table {
    /// Boxed: a table that grows leaves copies of what it held.
    entries: HashMap<Place, Box<Entry>, BuildHasherDefault<PlaceHasher>>,
    /// The places of the entries, and when each was kept, roughly from the oldest to the
    /// youngest. An entry that was kept again since then is moved to the end later.
    order: VecDeque<(Place, Instant)>,
}

/// Of a place, which is a keyed hash already.
#[derive(Default)]
struct PlaceHasher(u64);

/// How many entries are moved to the end in one call.
const MAX_MOVES: usize = 8;

const DEFAULT: Limits = Limits {
    max_entries: 10_000,
    max_age: Duration::from_secs(600),
};

impl RememberedSecrets {
    /// Makes an empty table, with a new random key.
    pub fn new() -> Self {
        Self::with(DEFAULT)
    }

    /// Sets the number of entries: one for each hash of a client. If all are used, the entry that
    /// was added first is removed.
    ///
    /// **Default: 10,000.** Zero, or more than 4,294,967,295, is a
    /// [`ConfigError`](crate::layer::ConfigError) when a layer is built.
    ///
    /// The table starts empty again, and clones that were made before keep their own.
    pub fn max_entries(self, max_entries: usize) -> Self {
        Self::with(Limits {
            max_entries,
            ..self.0.limits
        })
    }

    /// Sets for how long an entry is used after its hash was computed.
    ///
    /// **Default: 10 minutes.** Zero is a [`ConfigError`](crate::layer::ConfigError) when a layer is
    /// built.
    ///
    /// The table starts empty again, and clones that were made before keep their own.
    pub fn max_age(self, max_age: Duration) -> Self {
        Self::with(Limits {
            max_age,
            ..self.0.limits
        })
    }

    fn with(limits: Limits) -> Self {
        Self(Arc::new(Shared {
            limits,
            key: MacKey::random(),
            hasher: RandomState::new(),
            table: Mutex::default(),
        }))
    }

    pub(crate) fn limits(&self) -> Limits {
        self.0.limits
    }

    pub(crate) fn has_key(&self) -> bool {
        self.0.key.is_some()
    }

    /// The mark of a secret. `None` only if there is no key.
    pub(crate) fn mark(&self, secret: MatchedSecret<'_>) -> Option<Mark> {
        let MatchedSecret {
            issuer,
            client_id,
            stored,
            presented,
        } = secret;
        let [issuer, client_id] = [issuer, client_id].map(str::as_bytes);
        let key = self.0.key.as_ref()?;
        Some(Mark {
            place: self.place(issuer, client_id, stored),
            mac: key.mac([issuer, client_id, stored, presented.as_bytes()]),
        })
    }

    fn place(&self, issuer: &[u8], client_id: &[u8], stored: &[u8]) -> Place {
        // The end of a hash tells the hashes of one client apart, and is faster to read.
        let end = stored.last_chunk::<16>().map_or(stored, |end| end);
        let mut hasher = self.0.hasher.build_hasher();
        // The only part whose length a stranger may choose.
        hasher.write_usize(client_id.len());
        for part in [issuer, client_id, end] {
            hasher.write(part);
        }
        hasher.finish()
    }

    /// Whether this secret was kept before, and not too long ago.
    pub(crate) fn has(&self, mark: &Mark, now: Instant) -> bool {
        let mut table = self.table();
        table.remove_old(self.0.limits, now);
        let entry = table.entries.get(&mark.place);
        // Something is compared in any case.
        let none = Mac::default();
        let mac = entry.map_or(&none, |entry| &entry.mark.mac);
        let is_same: bool = mac.ct_eq(&mark.mac).into();
        is_same && entry.is_some_and(|entry| is_young(entry.kept_at, self.0.limits, now))
    }

    /// Keeps a secret that its client was accepted by, in the place of any other of the same hash.
    pub(crate) fn keep(&self, mark: Mark, now: Instant) {
        let place = mark.place;
        let entry = Box::new(Entry { mark, kept_at: now });
        let mut table = self.table();
        table.remove_old(self.0.limits, now);
        if let Some(known) = table.entries.get_mut(&place) {
            *known = entry;
            return;
        }
        if table.entries.len() >= self.0.limits.max_entries.max(1) {
            table.make_room();
        }
        table.entries.insert(place, entry);
        table.order.push_back((place, now));
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_young(kept_at: Instant, limits: Limits, now: Instant) -> bool {
    now.saturating_duration_since(kept_at) < limits.max_age
}

impl Table {
    /// Looks at two entries a call, so that the old ones do not stay and no call takes long.
    fn remove_old(&mut self, limits: Limits, now: Instant) {
        for _ in 0..2 {
            let first = self.order.front();
            if first.is_none_or(|&(_, kept_at)| is_young(kept_at, limits, now)) {
                return;
            }
            if !self.move_first() {
                self.remove_first();
            }
        }
    }

    /// Moves the first entry to the end, if it was kept again. Returns whether it did.
    fn move_first(&mut self) -> bool {
        let Some((place, kept_at)) = self.order.front_mut() else {
            return false;
        };
        match self.entries.get(place) {
            Some(entry) if entry.kept_at != *kept_at => {
                *kept_at = entry.kept_at;
                self.order.rotate_left(1);
                true
            }
            Some(_) | None => false,
        }
    }

    /// Removes one entry: one of the oldest, if it is found soon.
    fn make_room(&mut self) {
        for _ in 0..MAX_MOVES {
            if !self.move_first() {
                break;
            }
        }
        self.remove_first();
    }

    fn remove_first(&mut self) {
        if let Some((place, _)) = self.order.pop_front() {
            self.entries.remove(&place);
        }
    }
}

impl Hasher for PlaceHasher {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(byte);
        }
    }

    fn write_u64(&mut self, place: u64) {
        self.0 = place;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

impl Default for RememberedSecrets {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for RememberedSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RememberedSecrets")
            .field("max_entries", &self.0.limits.max_entries)
            .field("max_age", &self.0.limits.max_age)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret<'a>(client_id: &'a str, presented: &'a str) -> MatchedSecret<'a> {
        MatchedSecret {
            issuer: "https://as.example.com",
            client_id,
            stored: b"$hash",
            presented,
        }
    }

    fn mark(remembered: &RememberedSecrets, secret: MatchedSecret<'_>) -> Mark {
        remembered.mark(secret).expect("random bytes")
    }

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn only_what_was_kept_is_known_and_only_as_a_whole() {
        let (remembered, now) = (RememberedSecrets::new(), Instant::now());
        let kept = secret("a", "right");
        remembered.keep(mark(&remembered, kept), now);
        assert!(remembered.has(&mark(&remembered, kept), now));
        for other in [
            secret("a", "wrong"),
            secret("b", "right"),
            MatchedSecret {
                issuer: "https://other.example.com",
                ..kept
            },
            MatchedSecret {
                stored: b"$other",
                ..kept
            },
            MatchedSecret {
                client_id: "ar",
                presented: "ight",
                ..kept
            },
        ] {
            assert!(!remembered.has(&mark(&remembered, other), now));
        }
        // Another key.
        let other = RememberedSecrets::new();
        other.keep(mark(&remembered, kept), now);
        assert!(!other.has(&mark(&other, kept), now));
    }

    #[test]
    fn an_entry_lasts_for_ten_minutes_from_when_it_was_kept() {
        let (remembered, now) = (RememberedSecrets::new(), Instant::now());
        let mark = || mark(&remembered, secret("a", "right"));
        remembered.keep(mark(), now);
        let last = now + seconds(600) - Duration::from_nanos(1);
        assert!(remembered.has(&mark(), last));
        assert!(!remembered.has(&mark(), now + seconds(600)));
        // It is used, which makes it no younger.
        remembered.keep(mark(), now);
        assert!(remembered.has(&mark(), last));
        assert!(!remembered.has(&mark(), now + seconds(600)));
        remembered.keep(mark(), last);
        assert!(remembered.has(&mark(), now + seconds(600)));
    }

    #[test]
    fn old_entries_are_removed_by_any_call() {
        let (remembered, now) = (RememberedSecrets::new(), Instant::now());
        let ids: Vec<_> = (0..100).map(|id| id.to_string()).collect();
        for id in &ids {
            remembered.keep(mark(&remembered, secret(id, "right")), now);
        }
        let stranger = mark(&remembered, secret("nobody", "wrong"));
        for _ in 0..50 {
            assert!(!remembered.has(&stranger, now + seconds(600)));
        }
        let table = remembered.table();
        assert!(table.entries.is_empty());
        assert!(table.order.is_empty());
    }

    #[test]
    fn there_are_never_more_entries_than_allowed_and_the_oldest_go_first() {
        let remembered = RememberedSecrets::new().max_entries(10);
        let start = Instant::now();
        let ids: Vec<_> = (0..1000).map(|id| id.to_string()).collect();
        for (id, n) in ids.iter().zip(0..) {
            let now = start + Duration::from_millis(n);
            remembered.keep(mark(&remembered, secret(id, "right")), now);
            // This one is kept again and again.
            remembered.keep(mark(&remembered, secret("0", "right")), now);
            let table = remembered.table();
            assert!(table.entries.len() <= 10);
            assert_eq!(table.order.len(), table.entries.len());
        }
        let now = start + seconds(1);
        let has = |id: &str| remembered.has(&mark(&remembered, secret(id, "right")), now);
        assert!(has("0"));
        assert!(ids[991..].iter().all(|id| has(id)));
        assert!(!ids[1..991].iter().any(|id| has(id)));
    }

    #[test]
    fn a_hash_of_a_client_has_one_place() {
        let (remembered, now) = (RememberedSecrets::new(), Instant::now());
        for presented in ["one", "two"] {
            remembered.keep(mark(&remembered, secret("a", presented)), now);
        }
        assert_eq!(remembered.table().entries.len(), 1);
        assert!(!remembered.has(&mark(&remembered, secret("a", "one")), now));
        assert!(remembered.has(&mark(&remembered, secret("a", "two")), now));
    }
}
