//! The entries of all URIs, and which of them makes room for another.

use std::{
    hash::{BuildHasher as _, RandomState},
    mem,
    sync::Arc,
};

use tokio::time::Instant;

use super::entry::Entry;
use crate::store::recent::Recent;

/// How many entries are looked at for one that no request waits for.
const TRIES: usize = 4;

pub(super) struct Entries {
    by_uri: Recent<Arc<str>, Arc<Entry>>,
    max_uris: usize,
    random: u64,
}

impl Entries {
    pub(super) fn new(max_uris: usize) -> Self {
        Self {
            by_uri: Recent::default(),
            max_uris,
            // Not zero, which would stay zero.
            random: RandomState::new().hash_one(max_uris) | 1,
        }
    }

    /// The entry of this URI, which is made if there is none, and the one that made room for it. To drop
    /// that one runs code of the user, so it is dropped without the lock.
    pub(super) fn of(&mut self, jwks_uri: &str, now: Instant) -> (Arc<Entry>, Option<Arc<Entry>>) {
        if let Some(entry) = self.by_uri.get(jwks_uri) {
            return (Arc::clone(entry), None);
        }
        let is_full = self.by_uri.len() >= self.max_uris;
        let dispensable = is_full.then(|| self.dispensable(now)).flatten();
        let removed = dispensable.map(|index| self.by_uri.remove(index).1);
        let entry = Arc::new(Entry::default());
        self.by_uri.add(jwks_uri.into(), Arc::clone(&entry));
        (entry, removed)
    }

    /// The entry of this URI, or all entries. To drop them runs code of the user.
    pub(super) fn forget(&mut self, jwks_uri: Option<&str>) -> Vec<Arc<Entry>> {
        match jwks_uri {
            Some(jwks_uri) => self.by_uri.take(jwks_uri).into_iter().collect(),
            None => {
                let all = mem::take(&mut self.by_uri);
                all.into_values().collect()
            }
        }
    }

    /// The entry that was not used for the longest time, if it is of no use any more.
    /// Otherwise more URIs are in use than can be kept, and it is any entry: if the oldest
    /// went and they are asked for in turn, each would be gone when it is asked for.
    fn dispensable(&mut self, now: Instant) -> Option<usize> {
        let oldest = self.by_uri.oldest()?;
        if is_idle(self.by_uri.at(oldest)) && !is_fresh(self.by_uri.at(oldest), now) {
            return Some(oldest);
        }
        let mut index = oldest;
        for _ in 0..TRIES {
            index = self.any();
            // A set that a request waits for would be fetched twice.
            if is_idle(self.by_uri.at(index)) {
                break;
            }
        }
        Some(index)
    }

    /// Need not be unpredictable, but should not follow the order of requests.
    fn any(&mut self) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        let len = self.by_uri.len().max(1) as u64;
        usize::try_from(self.random % len).unwrap_or_default()
    }

    #[cfg(test)]
    pub(super) const fn len(&self) -> usize {
        self.by_uri.len()
    }
}

fn is_idle(entry: Option<&Arc<Entry>>) -> bool {
    entry.is_some_and(|entry| Arc::strong_count(entry) == 1)
}

fn is_fresh(entry: Option<&Arc<Entry>>, now: Instant) -> bool {
    entry.is_some_and(|entry| entry.is_fresh(now))
}
