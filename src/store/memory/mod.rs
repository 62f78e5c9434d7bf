//! In-memory stores, for a server that is one process.

pub(crate) mod clients;
pub(crate) mod remembered;
#[cfg(feature = "jwt")]
pub(crate) mod replays;
pub(crate) mod throttles;
