//! The entries of all URLs, and which of them make room for others.

use std::{
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::entry::Entry;
use crate::store::{key::Key, recent::Recent};

/// How many URLs without a document are remembered.
const MAX_TRIED: usize = 10_000;

/// How many entries are looked at for one that no request uses. At most 320 are fetched, or wait for that.
const TRIES: usize = 512;

#[derive(Default)]
pub(super) struct Entries(Mutex<Maps>);

/// An entry is in one of them.
#[derive(Default)]
struct Maps {
    /// With a document.
    kept: Recent<Key, Arc<Entry>>,
    /// Without one. They are apart, so that URLs that a stranger invents push out no document.
    tried: Recent<Key, Arc<Entry>>,
}

impl Entries {
    /// The entry of this URL, if there is one.
    pub(super) fn get(&self, key: Key) -> Option<Arc<Entry>> {
        self.lock().get(key)
    }

    /// The entry of this URL, which is made if there is none.
    pub(super) fn of(&self, key: Key) -> Arc<Entry> {
        let mut maps = self.lock();
        if let Some(entry) = maps.get(key) {
            return entry;
        }
        let is_full = maps.tried.len() >= MAX_TRIED;
        let removed = is_full.then(|| maps.idle());
        let entry = Arc::new(Entry::default());
        maps.tried.add(key, Arc::clone(&entry));
        drop(maps);
        drop(removed);
        entry
    }

    /// Notes that an entry may have a document now, or have none any more. If there are more than `max`
    /// documents, those go that were not used for the longest time. Their URLs are remembered, so that these
    /// are not fetched more often than others.
    pub(super) fn note(&self, key: Key, entry: &Arc<Entry>, max: usize) {
        let mut maps = self.lock();
        // It may have been removed in the meantime.
        let is_there = maps.get(key).is_some_and(|it| Arc::ptr_eq(&it, entry));
        let mut documents = Vec::new();
        let mut removed = Vec::new();
        if is_there {
            let Maps { kept, tried } = &mut *maps;
            let (from, to) = match entry.has_document() {
                true => (&mut *tried, &mut *kept),
                false => (&mut *kept, &mut *tried),
            };
            if let Some(entry) = from.take(&key) {
                to.add(key, entry);
            }
            while kept.len() > max
                && let Some(oldest) = kept.oldest()
            {
                let (key, entry) = kept.remove(oldest);
                documents.push(entry.drop_document());
                tried.add(key, entry);
            }
            while tried.len() > MAX_TRIED + TRIES
                && let Some(oldest) = tried.oldest()
            {
                removed.push(tried.remove(oldest).1);
            }
        }
        // Without the lock, since this runs code of the user.
        drop(maps);
        drop((documents, removed));
    }

    pub(super) fn remove(&self, key: Key) -> Option<Arc<Entry>> {
        let mut maps = self.lock();
        let kept = maps.kept.take(&key);
        kept.or_else(|| maps.tried.take(&key))
    }

    pub(super) fn clear(&self) {
        let removed = mem::take(&mut *self.lock());
        drop(removed);
    }

    /// How many documents are kept.
    pub(super) fn len(&self) -> usize {
        self.lock().kept.len()
    }

    fn lock(&self) -> MutexGuard<'_, Maps> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Maps {
    fn get(&mut self, key: Key) -> Option<Arc<Entry>> {
        let kept = self.kept.get(&key);
        kept.or_else(|| self.tried.get(&key)).cloned()
    }

    /// Removes the entry without a document that was not used for the longest time, unless a request
    /// uses it: then its document would be fetched twice.
    fn idle(&mut self) -> Option<Arc<Entry>> {
        for _ in 0..TRIES {
            let oldest = self.tried.oldest()?;
            let is_idle = |entry: &Arc<Entry>| Arc::strong_count(entry) == 1;
            let (key, entry) = self.tried.remove(oldest);
            if is_idle(&entry) {
                return Some(entry);
            }
            self.tried.add(key, entry);
        }
        None
    }
}
