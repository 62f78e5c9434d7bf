//! The stores in memory: for one process.

pub(crate) mod clients;
#[cfg(feature = "jwt")]
pub(crate) mod replays;
