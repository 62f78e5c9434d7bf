//! Settings of grants.

use super::builder::TokenEndpointLayerBuilder;
use crate::protocol::{grant::GrantType, grant_parameters::GrantParameters};

impl<C> TokenEndpointLayerBuilder<C> {
    /// Sets the grants that the server serves.
    ///
    /// **Default: `authorization_code`, `refresh_token` and `client_credentials`.** The
    /// grants of [`grant_type`](Self::grant_type) and
    /// [`extension_grant`](Self::extension_grant) are also served, in any order of the
    /// calls. A client may only use a grant that it is registered for.
    ///
    /// It is a [`ConfigError`] if no grant is served, if the implicit grant is in the list
    /// (it has no token request), if `password` is in the list and a [`profile`](Self::profile) is set, if a grant is neither registered nor an absolute URI, or if
    /// the endpoint is not the token endpoint.
    ///
    /// RFC 6749 §1.3.
    ///
    /// [`ConfigError`]: crate::layer::ConfigError
    pub fn grant_types(mut self, grant_types: impl IntoIterator<Item = GrantType>) -> Self {
        self.grants.set(grant_types.into_iter().collect());
        self
    }

    /// Adds a grant that the server serves.
    ///
    /// **Default: none is added** to those of [`grant_types`](Self::grant_types). Each call
    /// adds one.
    ///
    /// The implicit grant is a [`ConfigError`](crate::layer::ConfigError).
    ///
    /// RFC 6749 §1.3.
    pub fn grant_type(mut self, grant_type: GrantType) -> Self {
        self.grants.add(grant_type);
        self
    }

    /// Adds an extension grant that the server serves, by its absolute URI, with the
    /// parameters that it defines.
    ///
    /// **Default: none.** Each call adds one. If two calls have the same URI, the grant has
    /// the parameters of both.
    ///
    /// A list of names is the parameters that a request must have. No request may have one of
    /// them twice. For parameters that are optional or may be repeated, use
    /// [`GrantParameters`]. Parameters that neither the grant nor a specification defines are
    /// ignored by the layer and handed on, also if they are repeated.
    ///
    /// Text that is not an absolute URI is a [`ConfigError`](crate::layer::ConfigError). So is the
    /// URI of a grant that [`GrantType`] has a variant for: use
    /// [`grant_type`](Self::grant_type) instead.
    ///
    /// RFC 6749 §4.5 and §3.2.
    ///
    /// ```
    /// # use tower_token_endpoint::{MemoryClientStore, TokenEndpointLayer};
    /// # let clients = MemoryClientStore::from_json(b"[]")?;
    /// let layer = TokenEndpointLayer::builder(clients, "https://as.example.com")
    ///     .extension_grant("urn:example:grant-type:ticket", &["ticket"])
    ///     .build()?;
    /// # Ok::<_, tower_token_endpoint::BoxError>(())
    /// ```
    pub fn extension_grant(
        mut self,
        uri: impl Into<String>,
        parameters: impl Into<GrantParameters>,
    ) -> Self {
        self.grants.add_extension(uri.into(), parameters.into());
        self
    }
}
