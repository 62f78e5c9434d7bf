//! The contracts of the stores, as tests to run a store of one's own through.
//!
//! Each suite is an async function that panics where the store breaks a clause,
//! and the message names it. It runs in any tokio test, of one thread or of many,
//! and takes a second or two. Races show in many: use
//! `#[tokio::test(flavor = "multi_thread", worker_threads = 4)]`.
//!
//! A suite cannot show that a store is right, only that it is wrong. What no suite
//! sees from outside: whether a look-up takes the same time for a client that does
//! not exist, and whether a value outlives the crash of what keeps it.

mod client_store;
#[cfg(feature = "jwt")]
mod replay_store;
mod shown;

pub use self::client_store::client_store;
#[cfg(feature = "jwt")]
pub use self::replay_store::replay_store;
