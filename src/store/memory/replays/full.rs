//! Why no new value is remembered.

use std::{error, fmt};

/// Why [`MemoryReplays`] takes no new value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReplaysFull {
    /// It holds as many as it may, and none has expired.
    Store,
    /// It holds as many of this client as it may, and none of them has expired.
    ClientShare,
}

impl fmt::Display for ReplaysFull {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Store => "the store of one-time values is full: assertions should expire sooner, or its capacity be larger",
            Self::ClientShare => "the client's share of the store of one-time values is used up: its assertions should \
                 expire sooner, or `client_share` be larger",
        })
    }
}

impl error::Error for ReplaysFull {}
