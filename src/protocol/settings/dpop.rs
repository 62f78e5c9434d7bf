//! Which DPoP proofs a layer accepts (RFC 9449).

use std::time::Duration;

use crate::{
    crypto::{Family, SigningAlgorithm, SigningAlgorithms},
    protocol::dpop_nonces::DpopNonces,
};

/// Settings of DPoP ([RFC 9449](https://www.rfc-editor.org/rfc/rfc9449)): which proofs the layer
/// accepts, and who must send one.
///
/// Pass it to [`dpop`](crate::layer::TokenEndpointLayerBuilder::dpop). The module
/// [`dpop`](crate::dpop) has an example.
#[derive(Clone, Debug)]
#[must_use = "the settings do nothing until they are given to a builder or verify a proof"]
pub struct Dpop {
    pub(crate) window: Duration,
    /// `None`: it is not set, and a profile may set it. The same for the algorithms.
    pub(crate) required: Option<bool>,
    pub(crate) nonces: Option<DpopNonces>,
    pub(crate) algorithms: Option<SigningAlgorithms>,
}

/// What it should be unless clients have a reason: a proof is made for one request.
const WINDOW: Duration = Duration::from_secs(60);

impl Dpop {
    /// Accepts proofs of the last minute, with every algorithm that has a public key, and requires none.
    pub fn new() -> Self {
        Self {
            window: WINDOW,
            required: None,
            nonces: None,
            algorithms: None,
        }
    }

    /// Sets how old a proof may be, by its claim `iat`.
    ///
    /// **Default: 60 seconds.** In addition, the clocks of client and server may differ by 60 seconds.
    /// Zero, or more than one hour, is a [`ConfigError`](crate::layer::ConfigError).
    ///
    /// A proof is remembered for as long as it is accepted, so that it cannot be used a second time.
    ///
    /// RFC 9449 §11.1.
    pub fn window(mut self, window: Duration) -> Self {
        self.window = window;
        self
    }

    /// Requires a proof for every token request.
    ///
    /// **Default: `false`.** Then only clients that are registered with
    /// [`dpop_bound_access_tokens`](crate::client::ClientBuilder::dpop_bound_access_tokens) need one, and others as
    /// the [profile](crate::layer::Profile) says.
    ///
    /// A request without a proof gets a 400 `invalid_request`. At the endpoint for pushed authorization
    /// requests, a proof is never required.
    ///
    /// RFC 9449 §5.
    pub fn required(mut self, required: bool) -> Self {
        self.required = Some(required);
        self
    }

    /// Requires a nonce of the server in every proof, so that a proof cannot be made long before its use.
    ///
    /// **Default: none**, and a nonce in a proof is ignored.
    ///
    /// A proof without a good nonce gets a 400 `use_dpop_nonce` with the header `DPoP-Nonce`, and the
    /// client sends the request again. Nothing is used up by that: the same assertion, code and refresh
    /// token are accepted the second time.
    ///
    /// RFC 9449 §8.
    pub fn nonces(mut self, nonces: DpopNonces) -> Self {
        self.nonces = Some(nonces);
        self
    }

    /// Sets the algorithms that a proof may be signed with.
    ///
    /// **Default: all of [`SigningAlgorithm`] that have a public key**, or those of the
    /// [profile](crate::layer::Profile). An empty list, or one with HMAC, is a [`ConfigError`](crate::layer::ConfigError).
    ///
    /// Discovery lists them as `dpop_signing_alg_values_supported`.
    ///
    /// RFC 9449 §5.1.
    pub fn signing_algorithms(
        mut self,
        algorithms: impl IntoIterator<Item = SigningAlgorithm>,
    ) -> Self {
        self.algorithms = Some(algorithms.into_iter().collect());
        self
    }

    pub(crate) fn accepts(&self, algorithm: SigningAlgorithm) -> bool {
        match self.algorithms {
            Some(algorithms) => algorithms.contains(algorithm),
            None => !matches!(algorithm.family(), Family::Hmac { .. }),
        }
    }

    /// In the order in which discovery lists them.
    pub(crate) fn accepted(&self) -> impl Iterator<Item = SigningAlgorithm> {
        SigningAlgorithm::ALL
            .into_iter()
            .filter(|&it| self.accepts(it))
    }
}

impl Default for Dpop {
    fn default() -> Self {
        Self::new()
    }
}
