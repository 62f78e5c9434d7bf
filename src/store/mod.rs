//! What is kept elsewhere and may be shared by many machines.

mod client_store;
#[cfg(feature = "jwks-http")]
mod jwks_http;
#[cfg(feature = "jwt")]
mod key_cache;
#[cfg(feature = "jwt")]
mod key_source;
mod memory_clients;
#[cfg(feature = "jwt")]
mod memory_replays;
#[cfg(feature = "redis")]
mod redis_replays;
#[cfg(feature = "jwt")]
mod replay_store;

#[cfg(feature = "jwks-http")]
pub use self::jwks_http::{JwksHttp, JwksHttpError, JwksResolver};
#[cfg(feature = "redis")]
pub use self::redis_replays::{RedisReplays, RedisReplaysError};
pub use self::{
    client_store::ClientStore,
    memory_clients::{LoadError, MemoryClients},
};
#[cfg(feature = "jwt")]
pub(crate) use self::{
    key_cache::KeyCache, key_source::AnyKeySource, replay_store::AnyReplayStore,
};
#[cfg(feature = "jwt")]
pub use self::{
    key_source::{FetchedKeys, KeySource},
    memory_replays::{MemoryReplays, ReplaysFull},
    replay_store::ReplayStore,
};

/// The error of a store, of whatever type.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
