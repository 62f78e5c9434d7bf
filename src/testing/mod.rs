//! Tests for a store or a source of keys of your own.
//!
//! Each function is a suite of tests. It checks that a store does what the docs of its trait
//! require. If the store does not, the function panics with a message that says what is wrong.
//! It runs in any tokio test and takes a few seconds. To find races, use several threads:
//! `#[tokio::test(flavor = "multi_thread", worker_threads = 4)]`.
//!
//! A suite can show that a store is wrong, but not that it is right. Two things cannot be
//! tested from outside: whether a lookup takes the same time for a client that does not
//! exist, and whether a value survives a crash of the database.

mod client_store;
#[cfg(feature = "jwt")]
mod jwks_source;
#[cfg(feature = "jwt")]
mod odd_texts;
#[cfg(feature = "jwt")]
mod replay_store;
mod shown;
mod throttle;

pub use self::{client_store::client_store, throttle::throttle};
#[cfg(feature = "jwt")]
pub use self::{jwks_source::jwks_source, replay_store::replay_store};
