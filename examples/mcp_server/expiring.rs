//! What was issued, in memory: bounded, and until it expires.

use std::{
    collections::{HashMap, VecDeque},
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// How many there are of each kind. Above, the oldest go. In a server that asks its users, a stranger cannot
/// push out what belongs to others.
pub(crate) const LIMIT: usize = 10_000;

pub(crate) trait Lives {
    const LIFETIME: Duration;
}

/// Values by random keys.
pub(crate) struct Expiring<T> {
    entries: HashMap<String, (Instant, T)>,
    /// The keys of all entries, and of some that were removed.
    oldest_first: VecDeque<String>,
}

impl<T: Lives> Expiring<T> {
    pub(crate) fn insert(&mut self, value: T) -> String {
        while let Some(oldest) = self.oldest_first.front().cloned()
            && (self.oldest_first.len() >= LIMIT || self.get(&oldest).is_none())
        {
            self.entries.remove(&oldest);
            self.oldest_first.pop_front();
        }
        let key = random();
        self.oldest_first.push_back(key.clone());
        self.entries.insert(key.clone(), (Instant::now(), value));
        key
    }

    pub(crate) fn get(&mut self, key: &str) -> Option<&mut T> {
        let (issued, value) = self.entries.get_mut(key)?;
        (issued.elapsed() < T::LIFETIME).then_some(value)
    }

    pub(crate) fn remove(&mut self, key: &str) {
        self.entries.remove(key);
    }
}

impl<T> Default for Expiring<T> {
    fn default() -> Self {
        Self {
            entries: HashMap::new(),
            oldest_first: VecDeque::new(),
        }
    }
}

/// 256 bits.
pub(crate) fn random() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}
