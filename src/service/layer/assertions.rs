//! What can be set on the layer about assertions.

use std::sync::Arc;

use super::TokenEndpointLayer;
use crate::{
    crypto::{self, SigningAlgorithm, SigningAlgorithms},
    service::observe,
    store::{jwks::KeySource, key_cache::KeyCache, replays::ReplayStore},
};

/// Client assertions: feature `jwt`.
impl<C, K> TokenEndpointLayer<C, K> {
    /// Takes client assertions: `private_key_jwt` and `client_secret_jwt`
    /// (RFC 7523 §2.2, OpenID Connect Core §9). Each is accepted once; the store
    /// remembers which were.
    ///
    /// **Default: none are taken**, and a request with one is answered with 401.
    /// One store must serve all endpoints of a server, as the clones of one layer
    /// do, and all its machines: [`MemoryReplays`](crate::MemoryReplays) does for
    /// one process.
    ///
    /// Most clients name the URL of the token endpoint as the audience. The layer
    /// knows it by [`path`](Self::path) or [`endpoint_url`](Self::endpoint_url):
    /// without either, only the issuer will do. Set it before the layer is turned to
    /// another [`endpoint`](Self::endpoint), where it stays known.
    ///
    /// ```
    /// use tower_token_endpoint::{MemoryClients, MemoryReplays, TokenEndpointLayer};
    ///
    /// # let clients = MemoryClients::from_json(b"[]")?;
    /// let layer = TokenEndpointLayer::new(clients, "https://as.example.com")
    ///     .path("/token")
    ///     .assertions(MemoryReplays::new());
    /// # Ok::<_, tower_token_endpoint::LoadError>(())
    /// ```
    ///
    /// # Panics
    ///
    /// When the system has no random bytes, of which it makes the keys that the
    /// assertions of unknown clients are verified with.
    #[must_use]
    pub fn assertions<R: ReplayStore>(self, replays: R) -> Self {
        crypto::prepare_decoys();
        self.with_core(|core| {
            core.replays = Arc::new(replays);
            core.settings.assertions.accepted = true;
        })
    }

    /// Sets which algorithms an assertion may be signed with, where
    /// [`assertions`](Self::assertions) are taken.
    ///
    /// **Default: all of [`SigningAlgorithm`]** (RFC 7518 §3.1). What a client
    /// registered, and its key, narrow it further.
    ///
    /// # Panics
    ///
    /// When there is none: leave `assertions` out to take none.
    #[must_use]
    #[track_caller]
    pub fn signing_algorithms(
        self,
        algorithms: impl IntoIterator<Item = SigningAlgorithm>,
    ) -> Self {
        let algorithms: SigningAlgorithms = algorithms.into_iter().collect();
        assert!(
            algorithms.iter().next().is_some(),
            "no signing algorithm: leave `assertions` out to take none"
        );
        self.with_core(|core| core.settings.assertions.algorithms = algorithms)
    }

    /// Takes the issuer alone as the audience of an assertion, as FAPI 2.0 has it.
    ///
    /// **Default: `false`.** Then the URL of the token endpoint and that of the
    /// endpoint in use will do as well (RFC 7523 §3), where they are known.
    #[must_use]
    pub fn strict_audience(self, strict: bool) -> Self {
        self.with_core(|core| core.settings.assertions.strict_audience = strict)
    }

    /// Sets where the keys come from of clients that registered a `jwks_uri`
    /// (RFC 7591 §2).
    ///
    /// **Default: none**; such a client is answered with 401. The layer keeps
    /// what it fetched, for all its clones: see [`KeySource`]. It needs a tokio
    /// runtime with its timer on.
    #[must_use]
    pub fn key_source<S: KeySource>(self, source: S) -> Self {
        let keys = KeyCache::new(Arc::new(source), observe::key_set_not_fetched);
        self.with_core(|core| core.keys = Some(Arc::new(keys)))
    }
}
