//! Drafts with a few bytes that are others, or more.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

pub(crate) fn changed(draft: impl Strategy<Value = String>) -> impl Strategy<Value = Vec<u8>> {
    let change = (any::<Index>(), any::<u8>(), any::<bool>());
    (draft, vec(change, 1..4)).prop_map(|(draft, changes)| {
        let mut draft = draft.into_bytes();
        for (at, byte, is_more) in changes {
            let at = at.index(draft.len());
            match is_more {
                true => draft.insert(at, byte),
                false => draft[at] = byte,
            }
        }
        draft
    })
}
