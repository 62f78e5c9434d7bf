//! Stores in Redis, for several machines.

mod connection;
pub(crate) mod error;
pub(crate) mod replays;
