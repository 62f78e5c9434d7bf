//! A small map in which what was used recently stays.

use std::{collections::HashMap, time::SystemTime};

use crate::per_client::Sweep;

/// A map of at most `limit` entries. The one that was not used for the longest time makes room.
pub(crate) struct Recent<T> {
    limit: usize,
    uses: u64,
    /// Each with the number of its last use.
    entries: HashMap<String, (u64, T)>,
}

impl<T> Recent<T> {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            uses: 0,
            entries: HashMap::new(),
        }
    }

    /// The entry with this key, which is made if there is none.
    pub(crate) fn entry(&mut self, key: &str, make: impl FnOnce() -> T) -> &mut T {
        if self.entries.len() >= self.limit && !self.entries.contains_key(key) {
            let entries = self.entries.iter();
            let oldest = entries.min_by_key(|(_, (last, _))| *last);
            if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
                self.entries.remove(&oldest);
            }
        }
        self.uses += 1;
        let entry = self.entries.entry(key.to_owned());
        let (last, value) = entry.or_insert_with(|| (0, make()));
        *last = self.uses;
        value
    }

    /// The entry with this key, if there is one.
    pub(crate) fn get(&mut self, key: &str) -> Option<&mut T> {
        self.uses += 1;
        let (last, value) = self.entries.get_mut(key)?;
        *last = self.uses;
        Some(value)
    }
}

impl<T: Sweep> Sweep for Recent<T> {
    fn sweep(&mut self, now: SystemTime) -> bool {
        self.entries.retain(|_, (_, value)| value.sweep(now));
        !self.entries.is_empty()
    }
}
