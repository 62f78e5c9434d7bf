//! The setting of DPoP.

use std::{sync::Arc, time::Duration};

use super::{builder::TokenEndpointLayerBuilder, config_error::Problems};
use crate::{
    crypto::{Family, SigningAlgorithm},
    protocol::{
        dpop_nonces::DpopNonces,
        settings::{Settings, dpop::Dpop},
    },
    store::replays::ReplayStore,
};

impl<C> TokenEndpointLayerBuilder<C> {
    /// Accepts DPoP proofs, which show that a client has a key. The token can then be bound to this key,
    /// so that it is of no use to whoever steals it.
    ///
    /// **Default: no proofs are accepted**, and the header `DPoP` is ignored.
    ///
    /// The layer verifies the proof of a client that has authenticated, before anything is used up. The
    /// inner service binds the token to [`dpop_thumbprint`](crate::TokenRequest::dpop_thumbprint). A
    /// request without a proof is accepted as before, unless a proof is
    /// [required](Dpop::required).
    ///
    /// A proof is for the URL of the endpoint, and is accepted once. So the layer needs
    /// [`path`](Self::path) or [`endpoint_url`](Self::endpoint_url), and a store of used values: call
    /// [`client_assertions`](Self::client_assertions) or [`replay_store`](Self::replay_store). Without
    /// them, this is a [`ConfigError`](crate::layer::ConfigError).
    ///
    /// At the endpoint for pushed authorization requests, a proof is optional. At the other endpoints, the header
    /// is ignored. A client with an [issuer](crate::client::ClientBuilder::issuer) of its own sends the URL of
    /// that issuer and the [`path`](Self::path), so a layer with such clients needs a path.
    ///
    /// RFC 9449 §5. The module [`dpop`](crate::dpop) has an example.
    pub fn dpop(mut self, dpop: Dpop) -> Self {
        self.core.settings.dpop = Some(dpop);
        self
    }

    /// Sets the store that remembers which DPoP proofs and assertions were used.
    ///
    /// **Default: the store of [`client_assertions`](Self::client_assertions).** This method is for a
    /// layer that accepts proofs and no assertions. Of the two methods, the last call decides.
    ///
    /// RFC 9449 §11.1.
    pub fn replay_store<R: ReplayStore>(mut self, replays: R) -> Self {
        self.core.replays = Arc::new(replays);
        self
    }
}

const MAX_WINDOW: Duration = Duration::from_secs(60 * 60);

pub(super) fn check(settings: &Settings, has_replay_store: bool, problems: &mut Problems) {
    let Some(dpop) = &settings.dpop else {
        return;
    };
    let is_symmetric = |it: &SigningAlgorithm| matches!(it.family(), Family::Hmac { .. });
    if let Some(symmetric) = dpop.accepted().find(is_symmetric) {
        let wanted = "must be without HMAC in `signing_algorithms`: a proof brings its public key";
        problems.add("dpop", symmetric.as_str(), wanted);
    } else if dpop.accepted().next().is_none() {
        let wanted = "must have at least one algorithm in `signing_algorithms`";
        problems.add_without_value("dpop", wanted);
    }
    if dpop.window.is_zero() || dpop.window > MAX_WINDOW {
        let wanted = "must have a `window` that is longer than zero, and at most one hour";
        problems.add("dpop", format!("{:?}", dpop.window), wanted);
    }
    if let Some(problem) = dpop.nonces.as_ref().and_then(DpopNonces::problem) {
        problems.add_without_value("dpop", problem);
    }
    if settings.dpop().is_some() && !settings.location.is_known() {
        let wanted = "needs `path` or `endpoint_url`: a proof is for the URL of the endpoint";
        problems.add_without_value("dpop", wanted);
    }
    if !has_replay_store {
        let wanted = "needs `replay_store` or `client_assertions`: a proof is accepted once";
        problems.add_without_value("dpop", wanted);
    }
}
