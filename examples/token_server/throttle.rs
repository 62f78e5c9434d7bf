//! `--throttle`: how many authentications may fail.

use std::{net::SocketAddr, time::Duration};

use axum::http::HeaderName;
use tower_token_endpoint::throttle::{
    MemoryThrottle, RedisThrottle, ThrottleLimit, ThrottleSource, Throttling,
};

use crate::{assertions::chain, cli::Options};

/// The settings that the flags make. `None` without `--throttle`.
pub(crate) async fn throttling(options: &Options) -> Result<Option<Throttling>, String> {
    let Some(limit) = &options.throttle else {
        return Ok(None);
    };
    let source = match &options.client_address_header {
        Some(header) => ThrottleSource::last_address_in(header.clone()),
        // The server adds it to every request: see `serve`.
        None => ThrottleSource::extension(|peer: &SocketAddr| peer.ip()),
    };
    let throttling = match &options.redis {
        Some(url) => {
            // The URL may contain a password, so the message does not repeat it.
            let throttle = RedisThrottle::connect(url).await;
            Throttling::new(throttle.map_err(|error| format!("--redis: {}", chain(&error)))?)
        }
        None => Throttling::new(MemoryThrottle::new()),
    };
    // Some demo clients have slow hashes: of several requests at once, each waits for the last one.
    let throttling = throttling.source(source).max_wait(Duration::from_secs(1));
    Ok(Some(match *limit {
        Limit::Default => throttling,
        Limit::Both(limit) => throttling.per_source(limit).per_client(limit),
    }))
}

/// The value of `--throttle`.
pub(crate) enum Limit {
    /// Those of the crate.
    Default,
    /// The same for a source and for a client.
    Both(ThrottleLimit),
}

impl Limit {
    /// Reads `BURST/SECONDS`. The layer checks the numbers.
    pub(crate) fn parse(value: &str) -> Result<Self, String> {
        let limit = value.split_once('/').and_then(|(burst, seconds)| {
            let period = Duration::from_secs(seconds.parse().ok()?);
            Some(ThrottleLimit::new(burst.parse().ok()?, period))
        });
        let wrong = || format!("--throttle {value:?}: must be BURST/SECONDS, such as 5/12");
        limit.map(Self::Both).ok_or_else(wrong)
    }
}

pub(crate) fn header_name(value: &str) -> Result<HeaderName, String> {
    value
        .parse()
        .map_err(|_| format!("--client-address-header {value:?}: is not the name of a header"))
}
