//! Stores in Redis, for several machines.

mod connection;
pub(crate) mod error;
mod probe;
pub(crate) mod replays;
mod script;
pub(crate) mod throttles;
