//! What the example keeps.

use std::time::Duration;

use crate::expiring::{Expiring, LIMIT, Lives};

struct Kept;

impl Lives for Kept {
    const LIFETIME: Duration = Duration::from_secs(60);
}

struct Gone;

impl Lives for Gone {
    const LIFETIME: Duration = Duration::ZERO;
}

#[test]
fn the_oldest_goes_if_there_is_one_too_many() {
    let mut kept = Expiring::default();
    let keys: Vec<_> = (0..=LIMIT).map(|_| kept.insert(Kept)).collect();
    let found = |key: &String| kept.get(key).is_some();
    let found: Vec<_> = keys.iter().map(found).collect();
    assert_eq!(found.iter().filter(|it| **it).count(), LIMIT);
    assert!(!found[0]);
}

#[test]
fn what_was_removed_or_has_expired_is_not_found() {
    let mut kept = Expiring::default();
    let key = kept.insert(Kept);
    kept.remove(&key);
    assert!(kept.get(&key).is_none());
    let mut gone = Expiring::default();
    let key = gone.insert(Gone);
    assert!(gone.get(&key).is_none());
}
