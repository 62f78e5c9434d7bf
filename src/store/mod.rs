//! What is kept elsewhere and may be shared by many machines.

pub(crate) mod clients;
#[cfg(feature = "jwks-http")]
pub(crate) mod fetch;
pub(crate) mod jwks;
pub(crate) mod key_cache;
pub(crate) mod memory;
#[cfg(feature = "redis")]
pub(crate) mod redis;
pub(crate) mod replays;
