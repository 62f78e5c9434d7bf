//! Limits on failed authentications, for each source and each client (RFC 6749 §2.3.1).
//!
//! [`Throttling`] has the settings, which
//! [`throttle`](crate::layer::TokenEndpointLayerBuilder::throttle) of the builder takes. A
//! [`ThrottleSource`] tells where requests come from. A [`Throttle`] counts the failures:
//! [`MemoryThrottle`] is for a server that is one process. With feature `redis`, `RedisThrottle` is
//! for several. A [`Throttle`] of your own can use any database that reads and writes in one step.
//!
//! ```
//! use std::net::SocketAddr;
//! use axum::extract::ConnectInfo;
//! use tower_token_endpoint::{
//!     MemoryClientStore, TokenEndpointLayer,
//!     throttle::{MemoryThrottle, ThrottleSource, Throttling},
//! };
//!
//! # let clients = MemoryClientStore::from_json(b"[]")?;
//! let peer = ThrottleSource::extension(|peer: &ConnectInfo<SocketAddr>| peer.ip());
//! let layer = TokenEndpointLayer::builder(clients, "https://as.example.com")
//!     .path("/token")
//!     .throttle(Throttling::new(MemoryThrottle::new()).source(peer))
//!     .build()?;
//! # Ok::<_, tower_token_endpoint::BoxError>(())
//! ```
//!
//! # What is limited
//!
//! A source may fail 20 times at once, and then once every 3 seconds. For each client, it may fail 5 times
//! at once, and then once every 12 seconds. A source above its limit gets a 429 with `Retry-After`, for every
//! client. A source above its limit for one client gets it for this client. Both also get it if the secret is
//! right. What counts is every failed authentication (`invalid_client`) of a request with credentials or
//! a `client_id`, at all endpoints together. A client is counted only together with its source, so a
//! stranger who knows its `client_id` cannot lock it out.
//!
//! While a request is decided, it holds one slot of its source and one of its client. It gives them back,
//! unless its authentication failed. So more requests at once than the burst may have to wait
//! ([`max_wait`](Throttling::max_wait)), and then get a 429.
//!
//! # Which source
//!
//! You choose it, since only you know what is in front of your server:
//!
//! - Without a proxy, it is the peer of the connection, as above. Start axum with
//!   `axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>())`. Any other server puts
//!   the address into the extensions of the request.
//! - Behind a proxy, the peer is the proxy, and all clients would be one source. Use
//!   [`ThrottleSource::last_address_in`] with `x-forwarded-for`: the last address in that header. Your proxy
//!   must add its peer to the header, or replace the header, in every request, and nobody may reach the
//!   server without the proxy. Otherwise, everybody can choose a source, and nothing is limited. With nginx,
//!   this line replaces what the client sent: `proxy_set_header X-Forwarded-For $remote_addr;`. If a load
//!   balancer is in front of nginx, `$remote_addr` is the load balancer: set `set_real_ip_from` and
//!   `real_ip_header` there.
//! - [`ThrottleSource::from_fn`] is for everything else.
//!
//! Addresses of IPv6 that share their first 64 bits are one source. Requests without the source that you
//! chose are one source together, and the log says so.
//!
//! # Why does a client get a 429?
//!
//! The event `token request` with the reason `throttled` names the address and the limit. Other events do not
//! have the address: put it into the span around the layer, such as that of tower-http's `TraceLayer`, so that
//! each event has it. There are four causes:
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
