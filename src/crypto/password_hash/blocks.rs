//! The memory in which Argon2 is computed. It is wiped, and kept for the next hash.
//!
//! The library does not wipe it, and a guess can be checked with less work by what is left in it.
//!
//! Its blocks are aligned to 64 bytes. Allocators may not use freed memory again for such an
//! alignment: with that of glibc, a process that allocates 19 MiB for each hash soon has twenty times
//! as much.

use std::sync::{Mutex, MutexGuard, PoisonError};

use ::argon2::Block;

/// Memory for one hash.
pub(super) struct Blocks {
    blocks: Vec<Block>,
    kept: &'static Kept,
}

/// Memory that no hash uses.
struct Kept(Mutex<Vec<Vec<Block>>>);

static KEPT: Kept = Kept(Mutex::new(Vec::new()));

/// More hashes than these seldom run at the same time.
const MAX_KEPT: usize = 16;
/// 32 MiB. What is larger is mapped by itself, and goes back to the system when it is freed.
const MAX_KEPT_BLOCKS: usize = 32 * 1024;

impl Blocks {
    pub(super) fn new(count: usize) -> Self {
        Self::of(&KEPT, count)
    }

    fn of(kept: &'static Kept, count: usize) -> Self {
        let used = kept.lock().pop();
        let mut blocks = used
            .filter(|used| used.capacity() >= count)
            .unwrap_or_default();
        blocks.resize(count, Block::new());
        Self { blocks, kept }
    }

    pub(super) fn as_mut_slice(&mut self) -> &mut [Block] {
        &mut self.blocks
    }
}

impl Drop for Blocks {
    fn drop(&mut self) {
        self.blocks.fill(Block::new());
        zeroize::optimization_barrier(self.blocks.as_slice());
        self.blocks.clear();
        if self.blocks.capacity() > MAX_KEPT_BLOCKS {
            return;
        }
        let mut kept = self.kept.lock();
        if kept.len() < MAX_KEPT {
            kept.push(std::mem::take(&mut self.blocks));
        }
    }
}

impl Kept {
    fn lock(&self) -> MutexGuard<'_, Vec<Vec<Block>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_hash_gets_the_memory_of_the_last_one_if_it_is_large_enough() {
        static KEPT: Kept = Kept(Mutex::new(Vec::new()));
        let place = |count| Blocks::of(&KEPT, count).as_mut_slice().as_ptr();
        let first = place(32);
        assert_eq!(place(32), first);
        assert_eq!(place(8), first);
        assert_eq!(KEPT.lock().len(), 1);
        drop(Blocks::of(&KEPT, 64));
        let [kept] = &KEPT.lock()[..] else {
            panic!("the memory that was too small is dropped")
        };
        assert!(kept.capacity() >= 64);
    }

    #[test]
    fn no_more_is_kept_than_a_few_hashes_need() {
        static KEPT: Kept = Kept(Mutex::new(Vec::new()));
        drop(Blocks::of(&KEPT, MAX_KEPT_BLOCKS + 1));
        assert_eq!(KEPT.lock().len(), 0);
        let at_once: Vec<_> = (0..2 * MAX_KEPT).map(|_| Blocks::of(&KEPT, 8)).collect();
        drop(at_once);
        assert_eq!(KEPT.lock().len(), MAX_KEPT);
    }
}
