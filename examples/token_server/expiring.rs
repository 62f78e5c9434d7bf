//! A bounded map whose entries expire.

use std::{
    collections::{HashMap, VecDeque},
    time::{Duration, SystemTime},
};

use crate::per_client::Sweep;

/// A map of at most `limit` entries, which all live equally long.
pub(crate) struct Expiring<T> {
    lifetime: Duration,
    limit: usize,
    entries: HashMap<String, (SystemTime, T)>,
    /// The keys of all entries, and of some that were removed.
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

    /// Puts an entry in. If the map is full, the oldest entry makes room.
    pub(crate) fn insert(&mut self, key: String, value: T, now: SystemTime) {
        self.sweep(now);
        while self.entries.len() >= self.limit
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            self.entries.remove(&oldest);
        }
        self.push(key, value, now);
    }

    /// Puts an entry in if there is room, and returns whether there was.
    pub(crate) fn insert_if_room(&mut self, key: String, value: T, now: SystemTime) -> bool {
        self.sweep(now);
        let room = self.entries.len() < self.limit;
        if room {
            self.push(key, value, now);
        }
        room
    }

    fn push(&mut self, key: String, value: T, now: SystemTime) {
        // Most keys are of removed entries.
        if self.oldest_first.len() >= 2 * self.limit {
            self.oldest_first
                .retain(|key| self.entries.contains_key(key));
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

    pub(crate) fn remove(&mut self, key: &str) -> Option<T> {
        self.entries.remove(key).map(|(_, value)| value)
    }
}

impl<T> Sweep for Expiring<T> {
    fn sweep(&mut self, now: SystemTime) -> bool {
        while let Some(oldest) = self.oldest_first.front()
            && self.get(oldest, now).is_none()
        {
            self.entries.remove(oldest);
            self.oldest_first.pop_front();
        }
        !self.oldest_first.is_empty()
    }
}
