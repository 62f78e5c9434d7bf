//! Limits on failed authentications, for each source and each client.
//!
//! [`Throttling`] has the settings, which
//! [`throttle`](crate::layer::TokenEndpointLayerBuilder::throttle) of the builder takes. A
//! [`ThrottleSource`] tells where requests come from.
//!
//! A [`Throttle`] counts the failures. [`MemoryThrottle`] is for a server that is one process. With
//! feature `redis`, `RedisThrottle` is for several. A [`Throttle`] of your own can use any
//! database that reads and writes in one step.

#[cfg(feature = "redis")]
pub use crate::store::redis::{error::RedisStoreError, throttles::RedisThrottle};
pub use crate::{
    protocol::throttle::{Slots, ThrottleAttempt, ThrottleCounter, ThrottleLimit},
    service::throttle::{Throttling, source::ThrottleSource},
    store::{memory::throttles::MemoryThrottle, throttles::Throttle},
};
