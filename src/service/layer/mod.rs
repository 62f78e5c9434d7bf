//! The layer, and everything that can be set on it.

#[cfg(feature = "jwt")]
mod assertions;
pub(crate) mod config_error;

use std::{fmt, marker::PhantomData, sync::Arc, time::Duration};

use serde_json::{Map, Value};
use tower::Layer;

use self::config_error::ConfigError;
#[cfg(feature = "axum")]
use super::body::AxumBody;
use super::{
    body::LayerBody,
    decision::{Core, Decoys},
    service::TokenEndpoint,
};
use crate::{
    protocol::{
        client_secret::ClientSecret,
        grant::{GrantType, ServedGrants},
        outgoing::respond::Challenge,
        settings::{Settings, endpoint::Endpoint},
        uri,
    },
    store::{clients::ClientStore, replays::NoReplayStore},
};

/// Authenticates the clients of an OAuth 2.0 endpoint before a service sees
/// them, and answers every failure itself.
///
/// A clone shares the store of clients, so one layer serves several endpoints:
///
/// ```
/// use tower_token_endpoint::{Endpoint, MemoryClients, TokenEndpointLayer};
///
/// let clients = MemoryClients::from_json(b"[]")?;
/// let token = TokenEndpointLayer::new(clients, "https://as.example.com").path("/token");
/// let introspect = token.clone().endpoint(Endpoint::Introspection).path("/introspect");
/// let revoke = token.clone().endpoint(Endpoint::Revocation).path("/revoke");
/// # Ok::<_, tower_token_endpoint::LoadError>(())
/// ```
pub struct TokenEndpointLayer<C, K = LayerBody> {
    core: Arc<Core<C>>,
    bodies: PhantomData<fn() -> K>,
}

impl<C: ClientStore> TokenEndpointLayer<C> {
    /// A layer for the clients of this store, by the issuer identifier of the
    /// server (RFC 8414 §2).
    ///
    /// The issuer is the realm of every challenge, byte for byte. Plain `http`
    /// is for development: secrets would cross the network in the open.
    ///
    /// # Panics
    ///
    /// When the issuer is no `http` or `https` URL without query and fragment;
    /// [`try_new`](Self::try_new) returns that as an error.
    #[must_use]
    #[track_caller]
    pub fn new(clients: C, issuer: impl Into<String>) -> Self {
        match Self::try_new(clients, issuer) {
            Ok(layer) => layer,
            Err(error) => panic!("{error}"),
        }
    }

    /// As [`new`](Self::new), for an issuer that comes from a configuration.
    ///
    /// # Errors
    ///
    /// When the issuer is no `http` or `https` URL without query and fragment.
    pub fn try_new(clients: C, issuer: impl Into<String>) -> Result<Self, ConfigError> {
        let issuer = issuer.into();
        config_error::check_issuer(&issuer)?;
        Ok(Self {
            core: Arc::new(Core {
                settings: Settings::new(issuer.into()),
                clients: Arc::new(clients),
                decoys: Decoys::default(),
                keys: None,
                replays: Arc::new(NoReplayStore),
            }),
            bodies: PhantomData,
        })
    }
}

impl<C, K> TokenEndpointLayer<C, K> {
    /// Takes the requests of this path alone, compared byte for byte.
    ///
    /// **Default: none**, which is every path that the layer wraps. Inside of
    /// axum's `nest` the path is the one without the prefix.
    ///
    /// Any other spelling of the path (`//token`, `/%74oken`) passes through. In
    /// front of a server that normalises paths, leave this out and wrap that
    /// route alone, or let the server refuse what has no [`TokenRequest`].
    ///
    /// [`TokenRequest`]: crate::TokenRequest
    ///
    /// # Panics
    ///
    /// When it is not the path of a URL.
    #[must_use]
    #[track_caller]
    pub fn path(self, path: &str) -> Self {
        expect(config_error::check_path(path));
        self.with(|settings| settings.location.path = Some(path.into()))
    }

    /// Sets which endpoint the layer guards, and forgets path and public URL:
    /// set them after this. Those of the token endpoint stay known, as an
    /// audience of assertions (RFC 7523 §3).
    ///
    /// **Default: [`Endpoint::Token`]** (RFC 6749 §3.2).
    #[must_use]
    pub fn endpoint(self, endpoint: Endpoint) -> Self {
        self.with(|settings| settings.set_endpoint(endpoint))
    }

    /// Sets the public URL of the endpoint, for [`metadata`](Self::metadata) and
    /// as an audience of assertions (RFC 7523 §3).
    ///
    /// **Default: the issuer followed by the path** (RFC 8414 §2); without a
    /// path, none.
    ///
    /// # Panics
    ///
    /// When it is no `http` or `https` URL without fragment.
    #[must_use]
    #[track_caller]
    pub fn endpoint_url(self, url: &str) -> Self {
        expect(config_error::check_endpoint_url(url));
        self.with(|settings| settings.location.url = Some(url.into()))
    }

    /// Sets how long the body and the decision may take together.
    ///
    /// **Default: 10 seconds.** A body that is late is answered with 408
    /// (RFC 9110 §15.5.9), a store with 503. There is no deadline outside of a
    /// tokio runtime.
    ///
    /// # Panics
    ///
    /// A decision that waits panics in a tokio runtime whose time driver is
    /// off: enable it with `tokio::runtime::Builder::enable_time`.
    #[must_use]
    pub fn deadline(self, deadline: Duration) -> Self {
        self.with(|settings| settings.deadline = deadline)
    }

    /// Sets how many bytes a body may have; a longer one is answered with 413
    /// (RFC 9110 §15.5.14).
    ///
    /// **Default: 65,536 bytes.**
    #[must_use]
    pub fn body_limit(self, bytes: usize) -> Self {
        self.with(|settings| settings.body_limit = bytes)
    }

    /// Reads Basic credentials as RFC 6749 §2.3.1 has it and in no other way.
    ///
    /// **Default: `false`.** Then credentials that were not form-urlencoded
    /// before they were joined are read as they stand as well, since half of
    /// all clients do not encode them.
    #[must_use]
    pub fn strict_basic(self, strict: bool) -> Self {
        self.with(|settings| settings.strict_basic = strict)
    }

    /// Sets which failed authentications are answered with a challenge.
    ///
    /// **Default: [`Challenge::Always`]** (RFC 9110 §15.5.2). For an endpoint
    /// that single-page apps use, see [`Challenge::OnlyForHeader`].
    #[must_use]
    pub fn challenge(self, challenge: Challenge) -> Self {
        self.with(|settings| settings.responses.challenge = challenge)
    }

    /// Sends `error_uri`, the address of a page about errors, with every error
    /// (RFC 6749 §5.2).
    ///
    /// **Default: none.**
    ///
    /// # Panics
    ///
    /// When it is no `http` or `https` URL without fragment.
    #[must_use]
    #[track_caller]
    pub fn error_uri(self, uri: &str) -> Self {
        expect(config_error::check_error_uri(uri));
        self.with(|settings| settings.responses.set_error_uri(uri))
    }

    /// Sets the `Retry-After` of a 503, rounded up to whole seconds
    /// (RFC 9110 §10.2.3).
    ///
    /// **Default: 5 seconds.**
    #[must_use]
    pub fn retry_after(self, delay: Duration) -> Self {
        self.with(|settings| settings.responses.retry_after = delay)
    }

    /// Sets the grants that the server serves, in place of those before.
    ///
    /// **Default: `authorization_code`, `refresh_token` and
    /// `client_credentials`** (RFC 6749 §1.3). A client must be registered for
    /// a grant besides.
    ///
    /// # Panics
    ///
    /// For [`GrantType::Implicit`], which has no token request.
    #[must_use]
    #[track_caller]
    pub fn grant_types(self, grant_types: impl IntoIterator<Item = GrantType>) -> Self {
        let none = self.with(|settings| settings.grants = ServedGrants::none());
        grant_types.into_iter().fold(none, Self::grant_type)
    }

    /// Serves one more grant.
    ///
    /// **Default:** see [`grant_types`](Self::grant_types).
    ///
    /// # Panics
    ///
    /// For [`GrantType::Implicit`], which has no token request.
    #[must_use]
    #[track_caller]
    pub fn grant_type(self, grant_type: GrantType) -> Self {
        self.serve(grant_type, &[])
    }

    /// Serves one more grant, by its absolute URI (RFC 6749 §4.5), with the
    /// parameters that its requests must have. Serving a grant again replaces
    /// what was said of it before.
    ///
    /// **Default: none.**
    ///
    /// ```
    /// # use tower_token_endpoint::{MemoryClients, TokenEndpointLayer};
    /// # let clients = MemoryClients::from_json(b"[]")?;
    /// let layer = TokenEndpointLayer::new(clients, "https://as.example.com")
    ///     .extension_grant("urn:example:grant-type:ticket", &["ticket"]);
    /// # Ok::<_, tower_token_endpoint::LoadError>(())
    /// ```
    ///
    /// # Panics
    ///
    /// When it is no absolute URI.
    #[must_use]
    #[track_caller]
    pub fn extension_grant(self, uri: &str, required: &[&str]) -> Self {
        match uri.parse() {
            Ok(grant_type) if uri::is_absolute(uri) => self.serve(grant_type, required),
            Ok(known) => panic!("grant type {known}: serve it by `grant_type`"),
            Err(error) => panic!("grant type {uri:?}: {error}"),
        }
    }

    /// Adds a secret that the secret of a client that does not exist is compared
    /// with, so that it takes the same time as one that does.
    ///
    /// Needed for a store of slow hashes that has no decoy of its own: call it as
    /// often as the client with the most of them has secrets. **Default: the
    /// [decoy of the store](ClientStore::decoy)**.
    #[must_use]
    pub fn decoy_secret(self, secret: ClientSecret) -> Self {
        self.with_core(|core| core.decoys.add(secret))
    }

    /// The members of RFC 8414 metadata that this layer decides, so that
    /// discovery says what the layer does.
    ///
    /// `issuer`, the URL of the endpoint where it is known, its
    /// `…_endpoint_auth_methods_supported`, where assertions are taken its
    /// `…_endpoint_auth_signing_alg_values_supported` and, for the token endpoint,
    /// `grant_types_supported`. Extend one map with the layers of all
    /// endpoints, and with what the server decides itself.
    ///
    /// ```
    /// # use tower_token_endpoint::{MemoryClients, TokenEndpointLayer};
    /// # let clients = MemoryClients::from_json(b"[]")?;
    /// let layer = TokenEndpointLayer::new(clients, "https://as.example.com").path("/token");
    /// let metadata = layer.metadata();
    ///
    /// assert_eq!(metadata["token_endpoint"], "https://as.example.com/token");
    /// assert_eq!(metadata["token_endpoint_auth_methods_supported"][0], "client_secret_basic");
    /// # Ok::<_, tower_token_endpoint::LoadError>(())
    /// ```
    #[must_use]
    pub fn metadata(&self) -> Map<String, Value> {
        self.core.settings.metadata()
    }

    /// Takes any body and gives `axum::body::Body` to the inner service, and
    /// the same on the way back.
    ///
    /// **Default: [`RequestBody`](crate::RequestBody) and
    /// [`ResponseBody`](crate::ResponseBody)**, which do not allocate and do
    /// for `Router::layer`. With `axum::middleware::from_fn` inside of the
    /// layer, or the layer around a whole `Router` under `axum::serve`, the
    /// types must be axum's.
    #[cfg(feature = "axum")]
    #[must_use]
    pub fn axum_body(self) -> TokenEndpointLayer<C, AxumBody> {
        TokenEndpointLayer {
            core: self.core,
            bodies: PhantomData,
        }
    }

    #[track_caller]
    fn serve(self, grant_type: GrantType, required: &[&str]) -> Self {
        self.with(|settings| {
            if settings.grants.serve(grant_type, required).is_err() {
                panic!("the implicit grant has no token request: leave it out (RFC 6749 §4.2)");
            }
        })
    }

    fn with(self, change: impl FnOnce(&mut Settings)) -> Self {
        self.with_core(|core| change(&mut core.settings))
    }

    pub(super) fn with_core(mut self, change: impl FnOnce(&mut Core<C>)) -> Self {
        change(Arc::make_mut(&mut self.core));
        self
    }
}

#[track_caller]
fn expect(checked: Result<(), ConfigError>) {
    if let Err(error) = checked {
        panic!("{error}");
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
