//! Random numbers that nobody needs to be unable to guess.

use std::{collections::hash_map::RandomState, hash::BuildHasher as _};

/// A number for spreading the times at which clients come back. It is not for secrets.
pub(super) fn random() -> u64 {
    // Each has other keys, which the system drew once for each thread.
    RandomState::new().hash_one(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn all_remainders_occur() {
        let drawn: BTreeSet<_> = (0..1_000).map(|_| random() % 16).collect();
        assert_eq!(drawn.len(), 16);
    }
}
