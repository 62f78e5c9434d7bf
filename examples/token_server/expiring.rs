//! A bounded map whose entries expire.

use std::{
    collections::{HashMap, VecDeque},
    time::{Duration, SystemTime},
};

/// A map of at most `limit` entries, which all live equally long. If it is full, the
/// oldest entry makes room for a new one.
pub(crate) struct Expiring<T> {
    lifetime: Duration,
    limit: usize,
    entries: HashMap<String, (SystemTime, T)>,
    /// The keys of all entries. The key of a removed entry stays until it would have
    /// expired.
    oldest_first: VecDeque<String>,
}

impl<T> Expiring<T> {
    pub(crate) fn new(lifetime: Duration, limit: usize) -> Self {
        Self {
            lifetime,
            limit,
            entries: HashMap::new(),
            oldest_first: VecDeque::new(),
        }
    }

    pub(crate) fn insert(&mut self, key: String, value: T, now: SystemTime) {
        self.sweep(now);
        if self.oldest_first.len() >= self.limit
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            self.entries.remove(&oldest);
        }
        self.oldest_first.push_back(key.clone());
        self.entries.insert(key, (now, value));
    }

    /// An entry that has not expired, with the times at which it was made and expires.
    pub(crate) fn get(&self, key: &str, now: SystemTime) -> Option<(&T, SystemTime, SystemTime)> {
        let (issued, value) = self.entries.get(key)?;
        let expires = *issued + self.lifetime;
        (now < expires).then_some((value, *issued, expires))
    }

    pub(crate) fn get_mut(&mut self, key: &str, now: SystemTime) -> Option<&mut T> {
        let (issued, value) = self.entries.get_mut(key)?;
        (now < *issued + self.lifetime).then_some(value)
    }

    pub(crate) fn remove(&mut self, key: &str) {
        self.entries.remove(key);
    }

    /// Removes what has expired, and returns whether anything is left.
    pub(crate) fn sweep(&mut self, now: SystemTime) -> bool {
        while let Some(oldest) = self.oldest_first.front()
            && self.get(oldest, now).is_none()
        {
            self.entries.remove(oldest);
            self.oldest_first.pop_front();
        }
        !self.oldest_first.is_empty()
    }
}
