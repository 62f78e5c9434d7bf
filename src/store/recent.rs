//! Map from keys to values that knows in which order they were used. Each operation takes the
//! same time, however many keys there are.

use std::{borrow::Borrow, collections::HashMap, hash::Hash};

/// The index of no slot.
const NONE: usize = usize::MAX;

/// `K` is cloned for each value.
pub(super) struct Recent<K, T> {
    indexes: HashMap<K, usize>,
    /// A list, doubly linked by their indexes, in the order of their use.
    slots: Vec<Slot<K, T>>,
    newest: usize,
    oldest: usize,
}

struct Slot<K, T> {
    key: K,
    value: T,
    newer: usize,
    older: usize,
}

impl<K, T> Default for Recent<K, T> {
    fn default() -> Self {
        Self {
            indexes: HashMap::new(),
            slots: Vec::new(),
            newest: NONE,
            oldest: NONE,
        }
    }
}

impl<K: Clone + Eq + Hash, T> Recent<K, T> {
    pub(super) const fn len(&self) -> usize {
        self.slots.len()
    }

    /// Finds a value, which is now the one that was used last.
    pub(super) fn get<Q>(&mut self, key: &Q) -> Option<&T>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let index = *self.indexes.get(key)?;
        if index != self.newest {
            self.unlink(index);
            self.link(index);
        }
        Some(&self.slots[index].value)
    }

    /// Adds a value for a key that has none.
    pub(super) fn add(&mut self, key: K, value: T) {
        let index = self.slots.len();
        self.indexes.insert(key.clone(), index);
        self.slots.push(Slot {
            key,
            value,
            newer: NONE,
            older: NONE,
        });
        self.link(index);
    }

    /// The index of the value that was not used for the longest time.
    pub(super) fn oldest(&self) -> Option<usize> {
        (self.oldest != NONE).then_some(self.oldest)
    }

    /// The value at an index from 0 to [`len`](Self::len), in no order.
    pub(super) fn at(&self, index: usize) -> Option<&T> {
        self.slots.get(index).map(|slot| &slot.value)
    }

    /// Removes the value of a key.
    pub(super) fn take<Q>(&mut self, key: &Q) -> Option<T>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let index = *self.indexes.get(key)?;
        Some(self.remove(index).1)
    }

    /// All values, in no order.
    pub(super) fn into_values(self) -> impl Iterator<Item = T> {
        self.slots.into_iter().map(|slot| slot.value)
    }

    pub(super) fn remove(&mut self, index: usize) -> (K, T) {
        self.unlink(index);
        let removed = self.slots.swap_remove(index);
        self.indexes.remove(&removed.key);
        // The last slot is now at this index.
        if let Some(moved) = self.slots.get(index) {
            let (newer, older) = (moved.newer, moved.older);
            if let Some(of_moved) = self.indexes.get_mut(&moved.key) {
                *of_moved = index;
            }
            *self.older_of(newer) = index;
            *self.newer_of(older) = index;
        }
        (removed.key, removed.value)
    }

    fn unlink(&mut self, index: usize) {
        let Slot { newer, older, .. } = self.slots[index];
        *self.older_of(newer) = older;
        *self.newer_of(older) = newer;
    }

    fn link(&mut self, index: usize) {
        let second = self.newest;
        self.slots[index].newer = NONE;
        self.slots[index].older = second;
        *self.newer_of(second) = index;
        self.newest = index;
    }

    /// What names the slot that is older than this one.
    fn older_of(&mut self, index: usize) -> &mut usize {
        match self.slots.get_mut(index) {
            Some(slot) => &mut slot.older,
            None => &mut self.newest,
        }
    }

    /// What names the slot that is newer than this one.
    fn newer_of(&mut self, index: usize) -> &mut usize {
        match self.slots.get_mut(index) {
            Some(slot) => &mut slot.newer,
            None => &mut self.oldest,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;

    /// From the one that was used last, by the links in both directions.
    fn order(recent: &Recent<String, u32>) -> Vec<u32> {
        let walk = |mut at: usize, next: fn(&Slot<String, u32>) -> usize| {
            let mut found = VecDeque::new();
            while let Some(slot) = recent.slots.get(at) {
                assert_eq!(recent.indexes.get(&slot.key), Some(&at));
                found.push_back(slot.value);
                at = next(slot);
            }
            found
        };
        let forward = walk(recent.newest, |slot| slot.older);
        let backward = walk(recent.oldest, |slot| slot.newer);
        assert!(forward.iter().eq(backward.iter().rev()), "{backward:?}");
        assert_eq!(forward.len(), recent.indexes.len());
        forward.into()
    }

    /// The same in a list that is searched each time.
    #[test]
    fn it_does_what_a_plain_list_does() {
        let mut recent = Recent::default();
        let mut plain: Vec<u32> = Vec::new();
        let mut random = 1_u32;
        for _ in 0..20_000 {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let (choice, number) = (random >> 30, (random >> 8) % 12);
            let known = plain.iter().position(|it| *it == number);
            match (choice, known) {
                (0, _) if plain.len() > 1 => {
                    let index = number as usize % plain.len();
                    let value: u32 = *recent.at(index).expect("a value");
                    match number % 2 {
                        0 => assert_eq!(recent.remove(index), (value.to_string(), value)),
                        _ => assert_eq!(recent.take(&*value.to_string()), Some(value)),
                    }
                    assert_eq!(recent.take(&*value.to_string()), None);
                    plain.retain(|it| *it != value);
                }
                (1, _) => {
                    if let Some(index) = recent.oldest() {
                        assert_eq!(recent.at(index), plain.last());
                        recent.remove(index);
                        plain.pop();
                    }
                }
                (_, Some(at)) => {
                    assert_eq!(recent.get(&*number.to_string()), Some(&number));
                    plain.remove(at);
                    plain.insert(0, number);
                }
                (_, None) => {
                    assert_eq!(recent.get(&*number.to_string()), None);
                    recent.add(number.to_string(), number);
                    plain.insert(0, number);
                }
            }
            assert_eq!(order(&recent), plain);
            assert_eq!(recent.len(), plain.len());
        }
        assert!(!plain.is_empty(), "nothing was tried");
    }
}
