//! The entries of all client ids, and which of them make room for others.

use std::{
    collections::HashMap,
    mem,
    ops::Deref,
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::Ordering::Relaxed},
};

use super::entry::Entry;
use crate::store::{key::Key, recent::Recent};

#[derive(Default)]
pub(super) struct Entries(Mutex<Maps>);

#[derive(Default)]
struct Maps {
    /// Entries with an answer.
    kept: Recent<Key, Arc<Entry>>,
    /// Entries that only requests in progress use. They are apart: otherwise, ids that a stranger invents
    /// while the store is down would push out the copies.
    asked: HashMap<Key, Arc<Entry>>,
}

impl Entries {
    /// What `read` finds in the entry with an answer, if there is one.
    pub(super) fn peek<T>(&self, key: Key, read: impl FnOnce(&Entry) -> Option<T>) -> Option<T> {
        self.lock().kept.get(&key).and_then(|entry| read(entry))
    }

    /// The entry of this key, which is made if there is none.
    pub(super) fn of(&self, key: Key) -> Used<'_> {
        let mut maps = self.lock();
        let Maps { kept, asked } = &mut *maps;
        let entry = match kept.get(&key) {
            Some(entry) => entry,
            None => asked.entry(key).or_default(),
        };
        entry.users.fetch_add(1, Relaxed);
        Used {
            entries: self,
            key,
            entry: Arc::clone(entry),
        }
    }

    pub(super) fn remove(&self, key: Key) {
        let mut maps = self.lock();
        let removed = (maps.kept.take(&key), maps.asked.remove(&key));
        drop(maps);
        drop(removed);
    }

    pub(super) fn clear(&self) {
        let removed = mem::take(&mut *self.lock());
        drop(removed);
    }

    /// How many answers are kept.
    pub(super) fn len(&self) -> usize {
        self.lock().kept.len()
    }

    #[cfg(test)]
    pub(super) fn in_progress(&self) -> usize {
        self.lock().asked.len()
    }

    fn lock(&self) -> MutexGuard<'_, Maps> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Maps {
    fn is_asked(&self, used: &Used<'_>) -> bool {
        let asked = self.asked.get(&used.key);
        asked.is_some_and(|asked| Arc::ptr_eq(asked, &used.entry))
    }
}

/// An entry that a request uses.
pub(super) struct Used<'a> {
    entries: &'a Entries,
    key: Key,
    entry: Arc<Entry>,
}

impl Used<'_> {
    /// Keeps the entry, which has an answer now, unless it was removed in the meantime. If there are too
    /// many, those that were not used for the longest time go.
    pub(super) fn keep(&self, max: usize) {
        let mut removed = Vec::new();
        let mut maps = self.entries.lock();
        if maps.is_asked(self) {
            maps.asked.remove(&self.key);
            maps.kept.add(self.key, Arc::clone(&self.entry));
        }
        while maps.kept.len() > max
            && let Some(oldest) = maps.kept.oldest()
        {
            let (key, entry) = maps.kept.remove(oldest);
            // A request that asks has others who wait for it, and may keep its answer.
            if entry.users.load(Relaxed) > 0 && key != self.key {
                maps.asked.insert(key, entry);
            } else {
                removed.push(entry);
            }
        }
        // Without the lock, since the error in an entry is of the user.
        drop(maps);
        drop(removed);
    }
}

impl Deref for Used<'_> {
    type Target = Entry;

    fn deref(&self) -> &Entry {
        &self.entry
    }
}

impl Drop for Used<'_> {
    fn drop(&mut self) {
        let mut maps = self.entries.lock();
        let is_last = self.entry.users.fetch_sub(1, Relaxed) == 1;
        let removed = (is_last && maps.is_asked(self)).then(|| maps.asked.remove(&self.key));
        drop(maps);
        drop(removed);
    }
}
