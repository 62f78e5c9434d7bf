//! What is kept elsewhere and may be shared by many machines.

pub(crate) mod clients;
#[cfg(feature = "jwks-http")]
pub(crate) mod fetch;
#[cfg(feature = "jwt")]
pub(crate) mod jwks;
#[cfg(feature = "jwt")]
pub(crate) mod key_cache;
pub(crate) mod memory;
#[cfg(feature = "redis")]
pub(crate) mod redis;
#[cfg(feature = "jwt")]
pub(crate) mod replays;
