//! The error of a full store.

use std::{error, fmt};

/// Error returned when a [`MemoryReplayStore`](crate::replay::MemoryReplayStore) has no
/// room for a new value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReplayStoreFull {
    /// The store is at its capacity, and no value has expired.
    Store,
    /// The client has used up its share, and none of its values has expired.
    ClientShare,
}

impl fmt::Display for ReplayStoreFull {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Store => "the store of one-time values is full: raise its capacity, or have clients send assertions that expire sooner, or proofs with a shorter window",
            Self::ClientShare => "the client has used up its share of the store of one-time values: raise \
                 `client_share`, or have it send assertions that expire sooner, or fewer proofs",
        })
    }
}

impl error::Error for ReplayStoreFull {}
