//! Limits on failed authentications, for each source and each client.
//!
//! [`Throttling`] has the settings, which
//! [`throttle`](crate::layer::TokenEndpointLayerBuilder::throttle) of the builder takes. A
//! [`ThrottleSource`] tells where requests come from.
//!
//! A [`Throttle`] counts the failures. [`MemoryThrottle`] is for a server that is one process. With
//! feature `redis`, `RedisThrottle` is for several. A [`Throttle`] of your own can use any
//! database that reads and writes in one step.
//!
//! # Why does a client get a 429?
//!
//! The event `token request` with the reason `throttled` names the address and the limit. There are
//! four causes:
//!
//! - The client failed too often. Look for earlier events with its `client_id` and the reason
//!   `wrong_secret` or `expired_secret`. A 503, such as `hashing_overloaded`, is a failure only if the
//!   secret was compared before.
//! - Other clients at the same address failed. Look for other clients with such events. One NAT or
//!   gateway is one source: raise [`per_source`](Throttling::per_source).
//! - The client sends more requests at once than the burst. Raise
//!   [`max_wait`](Throttling::max_wait) or [`per_client`](Throttling::per_client).
//! - The client ends connections before the response, because its own time limit is too short. Such
//!   a request keeps its slots.

#[cfg(feature = "redis")]
pub use crate::store::redis::{error::RedisStoreError, throttles::RedisThrottle};
pub use crate::{
    protocol::throttle::{ExceededLimit, Slots, ThrottleAttempt, ThrottleCounter, ThrottleLimit},
    service::throttle::{Throttling, source::ThrottleSource},
    store::{memory::throttles::MemoryThrottle, throttles::Throttle},
};
