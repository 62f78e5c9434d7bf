//! Client assertions (RFC 7523): where one-time values are remembered, and where
//! the keys of clients with a `jwks_uri` come from.

use std::{error::Error, iter::successors};

use tower_token_endpoint::{
    JwksHttp, JwksHttpError, MemoryClients, MemoryReplays, RedisReplays, TokenEndpointLayer,
};

use crate::cli::Options;

type Layer = TokenEndpointLayer<MemoryClients>;

/// Lets the layer take assertions. Its clones, for the other endpoints, share the
/// store of one-time values and the keys.
pub(crate) async fn taken_by(layer: Layer, options: &Options) -> Result<Layer, String> {
    let layer = match &options.redis {
        Some(url) => {
            // The URL may hold a password, so it is not repeated.
            let replays = RedisReplays::connect(url).await;
            layer.assertions(replays.map_err(|error| format!("--redis: {}", chain(&error)))?)
        }
        None => layer.assertions(MemoryReplays::new()),
    };
    Ok(match key_source(options) {
        Ok(source) => layer.key_source(source),
        Err(error) => {
            // All other clients can be served: no reason to end.
            let error = chain(&error);
            tracing::warn!(error, "clients with a jwks_uri are refused");
            layer
        }
    })
}

fn key_source(options: &Options) -> Result<JwksHttp, JwksHttpError> {
    let source = JwksHttp::new()?;
    Ok(if options.dangerously_allow_local_jwks_uri {
        source.dangerously_allow_loopback_and_http()
    } else {
        source
    })
}

/// The error with its causes, in one line.
fn chain(error: &(dyn Error + 'static)) -> String {
    let errors = successors(Some(error), |error| (*error).source());
    let mut texts: Vec<_> = errors.map(ToString::to_string).collect();
    // Some repeat their cause.
    texts.dedup();
    texts.join(": ").replace(char::is_control, " ")
}
