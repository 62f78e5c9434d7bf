//! Where a layer comes from: a builder, or the layer of another endpoint.

use std::marker::PhantomData;

use super::{TokenEndpointLayer, builder::TokenEndpointLayerBuilder, config_error::ConfigError};
use crate::{protocol::settings::endpoint::Endpoint, store::clients::ClientStore};

impl<C: ClientStore> TokenEndpointLayer<C> {
    /// Returns a builder of a layer for the clients of this store.
    ///
    /// `issuer` is the issuer identifier of the server (RFC 8414 §2): an `https` URL
    /// without user, password, query and fragment. A slash at the end belongs to it, and is
    /// not doubled in the URL of an endpoint. It is the realm of every challenge, byte for
    /// byte, and the audience (`aud`) of assertions. Plain `http` is also accepted, but only
    /// for development: secrets then cross the network unencrypted.
    ///
    /// ```
    /// use tower_token_endpoint::{MemoryClientStore, TokenEndpointLayer};
    ///
    /// let clients = MemoryClientStore::from_json(b"[]")?;
    /// let layer = TokenEndpointLayer::builder(clients, "https://as.example.com")
    ///     .path("/token")
    ///     .build()?;
    /// # Ok::<_, tower_token_endpoint::BoxError>(())
    /// ```
    pub fn builder(clients: C, issuer: impl Into<String>) -> TokenEndpointLayerBuilder<C> {
        TokenEndpointLayerBuilder::new(clients, issuer.into())
    }
}

impl<C: ClientStore, K> TokenEndpointLayer<C, K> {
    /// Makes a layer for another endpoint of the same server, with the same stores
    /// and settings.
    ///
    /// If the endpoint has no path, or has a public URL other than the issuer followed by the
    /// path, use [`builder_for_endpoint`](Self::builder_for_endpoint). Also use it if the server
    /// normalises paths, to call [`path_where`](TokenEndpointLayerBuilder::path_where).
    ///
    /// If [`accept_endpoint_audience`] is set, the new layer also accepts the URL of the token
    /// endpoint as the audience of an assertion.
    ///
    /// # Errors
    ///
    /// Returns an error if the path is not valid, or if a setting of this layer
    /// contradicts the endpoint, such as [`auth_methods`] with only `none` at the
    /// introspection endpoint.
    ///
    /// [`auth_methods`]: TokenEndpointLayerBuilder::auth_methods
    /// [`accept_endpoint_audience`]: TokenEndpointLayerBuilder::accept_endpoint_audience
    pub fn for_endpoint(
        &self,
        endpoint: Endpoint,
        path: impl Into<String>,
    ) -> Result<Self, ConfigError> {
        let layer = self.builder_for_endpoint(endpoint).path(path).build()?;
        Ok(Self {
            core: layer.core,
            bodies: PhantomData,
        })
    }

    /// Returns a builder with the stores and settings of this layer, for another
    /// endpoint of the same server.
    ///
    /// [`path`](TokenEndpointLayerBuilder::path),
    /// [`path_where`](TokenEndpointLayerBuilder::path_where) and
    /// [`endpoint_url`](TokenEndpointLayerBuilder::endpoint_url) are not set. All other
    /// settings are kept, and can be set again.
    ///
    /// ```
    /// use tower_token_endpoint::{Endpoint, MemoryClientStore, TokenEndpointLayer};
    ///
    /// # let clients = MemoryClientStore::from_json(b"[]")?;
    /// let token = TokenEndpointLayer::builder(clients, "https://as.example.com")
    ///     .path("/token")
    ///     .build()?;
    /// let introspect = token
    ///     .builder_for_endpoint(Endpoint::Introspection)
    ///     .endpoint_url("https://internal.example.com/introspect")
    ///     .body_limit(16 * 1024)
    ///     .build()?;
    /// # Ok::<_, tower_token_endpoint::BoxError>(())
    /// ```
    pub fn builder_for_endpoint(&self, endpoint: Endpoint) -> TokenEndpointLayerBuilder<C> {
        TokenEndpointLayerBuilder::from_layer(&self.core, endpoint)
    }
}
