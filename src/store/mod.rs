//! Stores of registered clients.
//!
//! The layer finds its clients in a [`ClientStore`]. [`MemoryClientStore`] keeps them in
//! memory. For a database, implement [`ClientStore`] with one `async fn`, and put a
//! [`CachedClientStore`] in front of it. If the store is chosen at run time, use [`BoxClientStore`].

mod boxed;
mod cached;
pub(crate) mod clients;
#[cfg(feature = "client-documents")]
pub(crate) mod documents;
#[cfg(feature = "jwks-http")]
pub(crate) mod fetch;
pub(crate) mod full;
#[cfg(feature = "jwks-http")]
pub(crate) mod http_jwks;
pub(crate) mod jwks;
mod key;
pub(crate) mod key_cache;
pub(crate) mod memory;
pub(crate) mod permits;
mod recent;
#[cfg(feature = "redis")]
pub(crate) mod redis;
pub(crate) mod replays;
pub(crate) mod throttles;
mod unavailable;

pub use self::{
    boxed::BoxClientStore,
    cached::CachedClientStore,
    clients::ClientStore,
    memory::clients::{
        MemoryClientStore,
        error::{LoadClientsError, LoadProblem},
    },
    unavailable::ClientUnavailable,
};
