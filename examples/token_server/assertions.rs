//! Client assertions (RFC 7523): their audiences, and where the keys of clients with a
//! `jwks_uri` come from.

use std::{error::Error, iter::successors};

use tower_token_endpoint::{
    jwks::HttpJwksSource,
    jwks::fetch::{FetchError, GuardedFetch},
    layer::TokenEndpointLayerBuilder,
    store::BoxClientStore,
};

use crate::{cli::Options, replays::Replays};

type Builder = TokenEndpointLayerBuilder<BoxClientStore>;

/// Makes the layer accept assertions. The layers for the other endpoints share its
/// replay store and its keys.
pub(crate) fn accepted_by(layer: Builder, options: &Options, replays: Replays) -> Builder {
    let layer = layer
        .accept_endpoint_audience(options.accept_endpoint_audience)
        .client_assertions(replays);
    match jwks_source(options) {
        Ok(source) => layer.jwks_source(source),
        Err(error) => {
            // All other clients can still be served, so the server starts.
            let error = chain(&error);
            tracing::warn!(error, "clients with a jwks_uri are refused");
            layer
        }
    }
}

fn jwks_source(options: &Options) -> Result<HttpJwksSource, FetchError> {
    let fetch = GuardedFetch::new()?;
    Ok(HttpJwksSource::with_fetch(
        if options.dangerously_allow_local_jwks_uri {
            fetch.dangerously_allow_loopback_and_http()
        } else {
            fetch
        },
    ))
}

/// The error with its causes, in one line.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let errors = successors(Some(error), |error| (*error).source());
    let mut texts: Vec<_> = errors.map(ToString::to_string).collect();
    // Some errors repeat their cause.
    texts.dedup();
    texts.join(": ").replace(char::is_control, " ")
}
