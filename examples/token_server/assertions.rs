//! Client assertions (RFC 7523): where used assertions are remembered, and where the
//! keys of clients with a `jwks_uri` come from.

use std::{error::Error, iter::successors};

use tower_token_endpoint::{
    MemoryClientStore,
    jwks::{HttpJwksSource, HttpJwksSourceError},
    layer::TokenEndpointLayerBuilder,
    replay::{MemoryReplayStore, RedisReplayStore},
};

use crate::cli::Options;

type Builder = TokenEndpointLayerBuilder<MemoryClientStore>;

/// Makes the layer accept assertions. The layers for the other endpoints share its
/// replay store and its keys.
pub(crate) async fn accepted_by(layer: Builder, options: &Options) -> Result<Builder, String> {
    let layer = layer.accept_endpoint_audience(options.accept_endpoint_audience);
    let layer = match &options.redis {
        Some(url) => {
            // The URL may contain a password, so the message does not repeat it.
            let replays = RedisReplayStore::connect(url).await;
            layer.client_assertions(replays.map_err(|error| format!("--redis: {}", chain(&error)))?)
        }
        // A load generator sends all of its assertions in the name of one client.
        None => layer.client_assertions(MemoryReplayStore::new().client_share(1 << 18)),
    };
    Ok(match jwks_source(options) {
        Ok(source) => layer.jwks_source(source),
        Err(error) => {
            // All other clients can still be served, so the server starts.
            let error = chain(&error);
            tracing::warn!(error, "clients with a jwks_uri are refused");
            layer
        }
    })
}

fn jwks_source(options: &Options) -> Result<HttpJwksSource, HttpJwksSourceError> {
    let source = HttpJwksSource::new()?;
    Ok(if options.dangerously_allow_local_jwks_uri {
        source.dangerously_allow_loopback_and_http()
    } else {
        source
    })
}

/// The error with its causes, in one line.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let errors = successors(Some(error), |error| (*error).source());
    let mut texts: Vec<_> = errors.map(ToString::to_string).collect();
    // Some errors repeat their cause.
    texts.dedup();
    texts.join(": ").replace(char::is_control, " ")
}
