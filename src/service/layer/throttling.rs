//! The setting of the throttle.

use std::{sync::Arc, time::Duration};

use super::{builder::TokenEndpointLayerBuilder, config_error::Problems};
use crate::{
    protocol::throttle::ThrottleLimit,
    service::throttle::{Throttles, Throttling},
};

impl<C> TokenEndpointLayerBuilder<C> {
    /// Limits failed authentications, for each source and for each client from that source.
    ///
    /// **Default: no limit.** Secrets that a machine made cannot be guessed, but others can.
    ///
    /// A request over the limit gets a 429 with `Retry-After`, also if its secret is right. What
    /// counts is every failed authentication (`invalid_client`) of a request with credentials or a
    /// `client_id`, at every endpoint: all layers that
    /// [`for_endpoint`](crate::TokenEndpointLayer::for_endpoint) makes share the counters.
    /// [`Throttling`] has the limits, with their defaults.
    ///
    /// A 503 counts only if at least one registered secret was compared before, and did not match: one of
    /// several slow hashes, or a digest that the client also has.
    /// With [`remember_verified_secrets`](Self::remember_verified_secrets), each secret is first
    /// compared with what is remembered, so a 503 instead of a slow hash counts as well.
    ///
    /// If the store fails, or does not respond within 100 milliseconds, the layer counts in the memory
    /// of this process instead, and emits a `WARN` event at most once a minute.
    ///
    /// RFC 6749 §2.3.1.
    ///
    /// ```
    /// use std::net::SocketAddr;
    /// use axum::extract::ConnectInfo;
    /// use tower_token_endpoint::{
    ///     MemoryClientStore, TokenEndpointLayer,
    ///     throttle::{MemoryThrottle, ThrottleSource, Throttling},
    /// };
    ///
    /// # let clients = MemoryClientStore::from_json(b"[]")?;
    /// let peer = ThrottleSource::extension(|peer: &ConnectInfo<SocketAddr>| peer.ip());
    /// let layer = TokenEndpointLayer::builder(clients, "https://as.example.com")
    ///     .throttle(Throttling::new(MemoryThrottle::new()).source(peer))
    ///     .build()?;
    /// # Ok::<_, tower_token_endpoint::BoxError>(())
    /// ```
    pub fn throttle(mut self, throttling: Throttling) -> Self {
        self.core.throttles = Some(Arc::new(Throttles::new(throttling)));
        self
    }
}

const MAX_BURST: u32 = 1_000_000;
const MAX_WHOLE: Duration = Duration::from_secs(7 * 24 * 60 * 60);
const MAX_WAIT: Duration = Duration::from_secs(1);

pub(super) fn check<C>(builder: &TokenEndpointLayerBuilder<C>, problems: &mut Problems) {
    let Some(throttles) = &builder.core.throttles else {
        return;
    };
    let settings = &throttles.settings;
    if settings.source.is_none() {
        let wanted = "needs a `source`: where requests come from depends on what is in front of \
             the server";
        problems.add_without_value("throttle", wanted);
    }
    for (name, limit) in [
        ("per_source", settings.per_source),
        ("per_client", settings.per_client),
    ] {
        if !is_sound(limit) {
            let value = format!("{} / {:?}", limit.burst(), limit.period());
            let wanted = "must have a burst from 1 to 1000000 and a period longer than zero, and \
                 all periods of the burst must take at most 7 days together";
            problems.add(name, value, wanted);
        }
    }
    if settings.max_wait > MAX_WAIT {
        let value = format!("{:?}", settings.max_wait);
        problems.add("max_wait", value, "must be at most one second");
    }
}

fn is_sound(limit: ThrottleLimit) -> bool {
    let whole = limit.period().checked_mul(limit.burst());
    (1..=MAX_BURST).contains(&limit.burst())
        && !limit.period().is_zero()
        && whole.is_some_and(|whole| whole <= MAX_WHOLE)
}
