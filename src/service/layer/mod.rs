//! The layer. Its settings are in the modules below, with one file for each subject.

#[cfg(feature = "jwt")]
mod assertions;
mod auth_methods;
mod build;
pub(crate) mod builder;
#[cfg(feature = "mtls")]
mod certificates;
mod checks;
pub(crate) mod config_error;
#[cfg(feature = "jwt")]
mod dpop;
mod endpoints;
mod grants;
mod hashing;
mod profile;
mod responses;
mod served;
mod switches;
#[cfg(test)]
mod tests;
mod throttling;

use std::{fmt, marker::PhantomData, sync::Arc};

use serde_json::{Map, Value};
use tower::Layer;

#[cfg(feature = "axum")]
use super::body::AxumBody;
use super::{body::LayerBody, decision::Core, service::TokenEndpoint};

/// Layer that authenticates the clients of an OAuth 2.0 endpoint, and responds to every
/// failure itself.
///
/// A request for the endpoint reaches the inner service only if its client is
/// authenticated. Requests for other paths pass through. See the [crate documentation](crate)
/// for the order of the checks and for a whole example. [`builder`](Self::builder) makes a
/// layer, and [`TokenEndpointLayerBuilder`](crate::layer::TokenEndpointLayerBuilder) has all
/// settings with their defaults.
///
/// `C` is the [`ClientStore`](crate::store::ClientStore). `K` chooses the types of the
/// bodies: see [`axum_body`](Self#method.axum_body).
///
/// A clone shares the stores. A layer for another endpoint of the same server also shares
/// them, if [`for_endpoint`](Self::for_endpoint) makes it:
///
/// ```
/// use tower_token_endpoint::{Endpoint, MemoryClientStore, TokenEndpointLayer};
///
/// let clients = MemoryClientStore::from_json(b"[]")?;
/// let token = TokenEndpointLayer::builder(clients, "https://as.example.com")
///     .path("/token")
///     .build()?;
/// let introspect = token.for_endpoint(Endpoint::Introspection, "/introspect")?;
/// let revoke = token.for_endpoint(Endpoint::Revocation, "/revoke")?;
/// # Ok::<_, tower_token_endpoint::BoxError>(())
/// ```
#[must_use = "a layer does nothing until it wraps a service"]
pub struct TokenEndpointLayer<C, K = LayerBody> {
    core: Arc<Core<C>>,
    bodies: PhantomData<fn() -> K>,
}

impl<C, K> TokenEndpointLayer<C, K> {
    /// Returns the members of the server's metadata that this layer decides
    /// (RFC 8414 §2), so that discovery matches the layer.
    ///
    /// For the token endpoint, they are
    ///
    /// - `issuer`,
    /// - `token_endpoint`, the URL, if the layer knows it,
    /// - `token_endpoint_auth_methods_supported`,
    /// - `token_endpoint_auth_signing_alg_values_supported`, if the layer accepts assertions,
    /// - `tls_client_certificate_bound_access_tokens`, if the layer accepts client certificates (RFC 8705 §3.3),
    /// - `mtls_endpoint_aliases`, if a second URL is set (RFC 8705 §5),
    /// - `dpop_signing_alg_values_supported`, if the layer accepts DPoP proofs (RFC 9449 §5.1),
    /// - `grant_types_supported`,
    /// - `require_pushed_authorization_requests`, if it is set,
    /// - `code_challenge_methods_supported`, if PKCE is required,
    /// - `client_id_metadata_document_supported`, if the store
    ///   [accepts them](crate::store::ClientStore::accepts_client_documents).
    ///
    /// For another endpoint, the names start with that of the endpoint, such as
    /// `introspection_endpoint`, and `grant_types_supported` is left out. For
    /// `pushed_authorization_request_endpoint`, `device_authorization_endpoint` and
    /// `backchannel_authentication_endpoint`, no members for methods and algorithms are registered:
    /// those of the token endpoint hold (RFC 9126 §2, RFC 8628 §3.1, OpenID Connect CIBA Core §7.1).
    ///
    /// To publish the metadata of the server, put the members of the layers of all endpoints
    /// into one map, and add those that the server decides itself. `mtls_endpoint_aliases` is an object, and
    /// each layer has its own endpoint in it: put these members into one object as well.
    ///
    /// ```
    /// # use tower_token_endpoint::{MemoryClientStore, TokenEndpointLayer};
    /// # let clients = MemoryClientStore::from_json(b"[]")?;
    /// let layer = TokenEndpointLayer::builder(clients, "https://as.example.com")
    ///     .path("/token")
    ///     .build()?;
    /// let metadata = layer.server_metadata();
    ///
    /// assert_eq!(metadata["token_endpoint"], "https://as.example.com/token");
    /// assert_eq!(metadata["token_endpoint_auth_methods_supported"][0], "client_secret_basic");
    /// # Ok::<_, tower_token_endpoint::BoxError>(())
    /// ```
    #[must_use]
    pub fn server_metadata(&self) -> Map<String, Value> {
        self.core.settings.server_metadata()
    }

    /// Returns the settings of DPoP, with what the [profile](crate::layer::Profile) of the layer requires. A
    /// protected resource of the same server checks proofs by them: see
    /// [`Dpop::verify`](crate::dpop::Dpop::verify). `None` if the layer accepts no proofs.
    #[cfg(feature = "jwt")]
    #[must_use]
    pub fn dpop_settings(&self) -> Option<&crate::dpop::Dpop> {
        self.core.settings.dpop.as_ref()
    }

    /// Makes a layer whose bodies are `axum::body::Body`: both the request body of the inner
    /// service and the response body of the layer.
    ///
    /// **Default: [`RequestBody`] and [`ResponseBody`]**, which do not allocate and are
    /// enough for `Router::layer`. Call this method in three cases: if
    /// `axum::middleware::from_fn` is inside of the layer, if the layer is around a whole
    /// `Router` under `axum::serve`, or if a tower-http layer that limits the body or its time
    /// is outside of it.
    ///
    /// ```
    /// use tower_token_endpoint::{MemoryClientStore, TokenEndpointLayer};
    ///
    /// # let clients = MemoryClientStore::from_json(b"[]")?;
    /// let layer = TokenEndpointLayer::builder(clients, "https://as.example.com")
    ///     .path("/token")
    ///     .build()?
    ///     .axum_body();
    /// # Ok::<_, tower_token_endpoint::BoxError>(())
    /// ```
    ///
    /// # Compile errors
    ///
    /// If the compiler finds no method `axum_body`, feature `axum` is off. The method fixes these errors:
    ///
    /// | the compiler says | where the layer is |
    /// |---|---|
    /// | `Service<Request<RequestBody<Body>>>` is not implemented for `FromFn<…>` | around axum's `from_fn` |
    /// | expected `Response<Body>`, found `Response<ResponseBody<Body>>` | around a whole `Router`: see the example of [`TokenEndpoint`](crate::layer::TokenEndpoint#compile-errors) |
    /// | expected function signature `fn(Request<RequestBody<Body>>)`, found `fn(Request<Body>)` | around a service of your own that takes axum's body |
    ///
    /// If an error then says "required for `AxumBody`", a body outside or inside of the layer cannot become
    /// axum's. It must be an `http_body::Body` whose data are `Bytes`, and must be `Send` and `'static`.
    ///
    /// [`RequestBody`]: crate::body::RequestBody
    /// [`ResponseBody`]: crate::body::ResponseBody
    #[cfg(feature = "axum")]
    pub fn axum_body(self) -> TokenEndpointLayer<C, AxumBody> {
        TokenEndpointLayer {
            core: self.core,
            bodies: PhantomData,
        }
    }
}

impl<C> TokenEndpointLayer<C> {
    fn new(core: Core<C>) -> Self {
        Self {
            core: Arc::new(core),
            bodies: PhantomData,
        }
    }
}

impl<S, C, K> Layer<S> for TokenEndpointLayer<C, K> {
    type Service = TokenEndpoint<S, C, K>;

    fn layer(&self, inner: S) -> Self::Service {
        TokenEndpoint::new(inner, Arc::clone(&self.core))
    }
}

impl<C, K> Clone for TokenEndpointLayer<C, K> {
    fn clone(&self) -> Self {
        Self {
            core: Arc::clone(&self.core),
            bodies: PhantomData,
        }
    }
}

impl<C, K> fmt::Debug for TokenEndpointLayer<C, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenEndpointLayer")
            .field("settings", &self.core.settings)
            .finish_non_exhaustive()
    }
}
