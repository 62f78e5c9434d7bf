//! The builder of the layer, and the settings that need no file of their own.

use std::{fmt, mem, sync::Arc, time::Duration};

use super::{served::GrantSettings, switches::Switches};
use crate::{
    crypto::SigningAlgorithms,
    protocol::{
        auth_method::AuthMethods,
        client_secret::ClientSecret,
        settings::{
            Settings,
            assertions::ASSERTION_LIMIT,
            endpoint::Endpoint,
            location::{Location, PathPredicate},
            profile::Profile,
        },
    },
    service::{
        decision::Core,
        decoys::Decoys,
        hash_pool::HashPool,
        observe::{self, Observer},
    },
    store::{clients::ClientStore, replays::NoReplayStore},
};

/// Builder of a [`TokenEndpointLayer`]; see [`TokenEndpointLayer::builder`].
///
/// No method panics, and the order of the calls does not matter. If a setting is wrong or
/// contradicts another one, [`build`](Self::build) returns a [`ConfigError`] that lists
/// every problem.
///
/// If a setting is set again, it replaces the earlier value, unless its method says that it
/// adds one.
///
/// ```
/// use std::time::Duration;
/// use tower_token_endpoint::{MemoryClientStore, TokenEndpointLayer, client::AuthMethod};
///
/// let clients = MemoryClientStore::from_json(b"[]")?;
/// let layer = TokenEndpointLayer::builder(clients, "https://as.example.com")
///     .path("/token")
///     .auth_methods([AuthMethod::ClientSecretBasic, AuthMethod::None])
///     .deadline(Duration::from_secs(5))
///     .build()?;
/// # Ok::<_, tower_token_endpoint::BoxError>(())
/// ```
///
/// [`TokenEndpointLayer`]: crate::TokenEndpointLayer
/// [`TokenEndpointLayer::builder`]: crate::TokenEndpointLayer::builder
/// [`ConfigError`]: crate::layer::ConfigError
#[must_use = "a builder does nothing until `build` is called"]
pub struct TokenEndpointLayerBuilder<C> {
    /// Not checked before `build`.
    pub(super) core: Core<C>,
    pub(super) error_uri: Option<String>,
    pub(super) error_uri_base: Option<String>,
    pub(super) auth_methods: Option<AuthMethods>,
    pub(super) grants: GrantSettings,
    pub(super) signing_algorithms: Option<SigningAlgorithms>,
    pub(super) assertion_limit: Option<usize>,
    pub(super) max_rsa_bits: Option<usize>,
    pub(super) profile: Option<Profile>,
    pub(super) switches: Switches,
}

impl<C: ClientStore> TokenEndpointLayerBuilder<C> {
    pub(super) fn new(clients: C, issuer: String) -> Self {
        observe::clients_warned(&clients.warnings());
        Self {
            core: Core {
                settings: Settings::new(issuer.into()),
                observer: Observer::default(),
                clients: Arc::new(clients),
                throttles: None,
                decoys: Decoys::default(),
                hash_pool: HashPool::new(),
                remembered: None,
                keys: None,
                replays: Arc::new(NoReplayStore),
            },
            error_uri: None,
            error_uri_base: None,
            auth_methods: None,
            grants: GrantSettings::default(),
            signing_algorithms: None,
            assertion_limit: None,
            max_rsa_bits: None,
            profile: None,
            switches: Switches::default(),
        }
    }
}

impl<C> TokenEndpointLayerBuilder<C> {
    /// Makes a builder with the settings and stores of a layer, for another endpoint.
    pub(super) fn from_layer(core: &Core<C>, endpoint: Endpoint) -> Self {
        let mut core = core.clone();
        let settings = &mut core.settings;
        let location = mem::take(&mut settings.location);
        if settings.endpoint == Endpoint::Token {
            settings.token_endpoint = location;
        }
        settings.endpoint = endpoint;
        Self {
            error_uri: None,
            error_uri_base: None,
            auth_methods: None,
            grants: GrantSettings::inherited(settings.grants.clone()),
            signing_algorithms: None,
            // The body limit of this endpoint may be another one.
            assertion_limit: Some(settings.assertions.max_bytes)
                .filter(|&bytes| bytes != ASSERTION_LIMIT),
            max_rsa_bits: None,
            profile: None,
            switches: Switches::default(),
            core,
        }
    }

    /// Sets the endpoint that the layer guards.
    ///
    /// **Default: [`Endpoint::Token`]**, or the endpoint that was passed to
    /// [`builder_for_endpoint`](crate::TokenEndpointLayer::builder_for_endpoint).
    ///
    /// For a second endpoint of the same server, do not start a second builder: use
    /// [`for_endpoint`](crate::TokenEndpointLayer::for_endpoint).
    ///
    /// RFC 6749 §3.2, RFC 7662 §2, RFC 7009 §2, RFC 9126 §2, RFC 8628 §3.1, OpenID Connect CIBA Core
    /// §7.
    pub fn endpoint(mut self, endpoint: Endpoint) -> Self {
        self.core.settings.endpoint = endpoint;
        self
    }

    /// Sets the path of the endpoint. Requests for any other path pass through.
    ///
    /// **Default: none**, and the layer handles every request that it gets. This is right
    /// if the layer wraps only the route of the endpoint, for example by axum's
    /// `route_layer`. Inside of axum's `nest`, set the path without the prefix.
    ///
    /// The path is compared byte for byte. A request for another spelling of it
    /// (`//token`, `/%74oken`) passes through. If the server normalises paths, also call
    /// [`path_where`](Self::path_where). Or do not set a path and wrap only the route.
    ///
    /// A path that does not start with `/`, or that has a query, is a
    /// [`ConfigError`](crate::layer::ConfigError).
    ///
    /// RFC 6749 §3.2.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.location().path = Some(path.into().into());
        self
    }

    /// Sets which paths are those of the endpoint, for a server that normalises paths.
    /// Requests for any other path pass through.
    ///
    /// **Default: only [`path`](Self::path).** The predicate gets the path of each request as
    /// it was sent, without the query, and decides instead of `path`. It is called for every
    /// request, so it should be fast.
    ///
    /// The URL of the endpoint does not follow from a predicate. It follows from `path`, which
    /// can be set as well, or is set with [`endpoint_url`](Self::endpoint_url). If neither is
    /// set, [`server_metadata`] has no URL.
    ///
    /// If the predicate returns `false` for `path`, that is a
    /// [`ConfigError`](crate::layer::ConfigError).
    ///
    /// A layer that [`for_endpoint`](crate::TokenEndpointLayer::for_endpoint) makes does not
    /// inherit the predicate. To set one there as well, use
    /// [`builder_for_endpoint`](crate::TokenEndpointLayer::builder_for_endpoint).
    ///
    /// RFC 3986 §6.2.
    ///
    /// ```
    /// # use tower_token_endpoint::{MemoryClientStore, TokenEndpointLayer};
    /// # let clients = MemoryClientStore::from_json(b"[]")?;
    /// // A server that ignores case and a slash at the end.
    /// let layer = TokenEndpointLayer::builder(clients, "https://as.example.com")
    ///     .path("/token")
    ///     .path_where(|path| path.trim_end_matches('/').eq_ignore_ascii_case("/token"))
    ///     .build()?;
    /// # Ok::<_, tower_token_endpoint::BoxError>(())
    /// ```
    ///
    /// [`server_metadata`]: crate::TokenEndpointLayer::server_metadata
    pub fn path_where(mut self, predicate: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        self.location().paths = Some(PathPredicate::new(predicate));
        self
    }

    /// Sets the public URL of the endpoint. It is a member of [`server_metadata`].
    ///
    /// **Default: the issuer followed by the path.** Without a path, there is no default.
    ///
    /// The URL must be `http` or `https` and have no fragment (RFC 6749 §3.2). Any other is
    /// a [`ConfigError`](crate::layer::ConfigError).
    ///
    /// RFC 8414 §2.
    ///
    /// [`server_metadata`]: crate::TokenEndpointLayer::server_metadata
    pub fn endpoint_url(mut self, url: impl Into<String>) -> Self {
        self.location().url = Some(url.into().into());
        self
    }

    /// Sets one time limit for reading the body and deciding about the request. The time of
    /// the inner service does not count, nor the time until it is ready.
    ///
    /// **Default: 10 seconds.** If the body is late, the response is a 408. If a store is
    /// late, it is a 503. Zero is a [`ConfigError`](crate::layer::ConfigError).
    ///
    /// Inside of a tokio runtime, the timer of the runtime must be enabled
    /// (`tokio::runtime::Builder::enable_time`; `#[tokio::main]` enables it): otherwise, a
    /// request that has to wait panics. Outside of a tokio runtime, there is no deadline.
    ///
    /// RFC 9110 §15.5.9.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.core.settings.deadline = deadline;
        self
    }

    /// Sets the maximum length of a body, in bytes. A longer body gets a 413.
    ///
    /// **Default: 65,536 bytes.** Zero, or more than 4,294,967,295 bytes, is a
    /// [`ConfigError`](crate::layer::ConfigError).
    ///
    /// RFC 9110 §15.5.14.
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.core.settings.body_limit = bytes;
        self
    }

    /// Accepts Basic credentials only if the client form-urlencoded its id and its secret
    /// before it joined them with a colon.
    ///
    /// **Default: `false`**, and credentials that were not form-urlencoded are also accepted,
    /// since about half of all clients do not encode them. Every [`profile`](Self::profile) sets it.
    ///
    /// RFC 6749 §2.3.1.
    pub fn strict_basic(mut self, strict: bool) -> Self {
        self.core.settings.strict_basic = strict;
        self.switches.strict_basic = Some(strict);
        self
    }

    /// Says in discovery whether the authorization endpoint accepts only requests that were pushed.
    ///
    /// **Default: `false`**, and [`server_metadata`] leaves the member out. The
    /// [`profile`](Self::profile) of FAPI 2.0 sets it. The layer does not guard the authorization
    /// endpoint, so the server has to refuse the others itself.
    ///
    /// RFC 9126 §5, `require_pushed_authorization_requests`.
    ///
    /// [`server_metadata`]: crate::TokenEndpointLayer::server_metadata
    pub fn require_pushed_authorization_requests(mut self, require: bool) -> Self {
        self.core.settings.requires_pushed_requests = require;
        self.switches.pushed_requests = Some(require);
        self
    }

    /// Requires PKCE of pushed authorization requests: `code_challenge`, with the method `S256`. A
    /// request without it gets a 400 `invalid_request`.
    ///
    /// **Default: `false`**, and the server decides. Every [`profile`](Self::profile) sets it. If the
    /// request has a request object (`request`), the challenge is a claim in it, which the server must
    /// check.
    ///
    /// [`server_metadata`] then lists `S256` as the only method. The layer does not guard the
    /// authorization endpoint, so the server has to refuse other requests there itself.
    ///
    /// RFC 7636 §4.3, RFC 9126 §2, RFC 8414 §2 (`code_challenge_methods_supported`).
    ///
    /// [`server_metadata`]: crate::TokenEndpointLayer::server_metadata
    pub fn require_pkce(mut self, require: bool) -> Self {
        self.core.settings.requires_pkce = require;
        self.switches.pkce = Some(require);
        self
    }

    /// Adds a secret to the [`Decoy`](crate::client::Decoy) of the layer. The layer verifies
    /// the decoy if a client does not exist, so that the response takes the same time as for
    /// a client that exists.
    ///
    /// **Default: the [decoy of the store](ClientStore::decoy).** A secret that is set here
    /// replaces it, but for `client_secret_jwt` the larger number of the two holds.
    ///
    /// Call this only if the store has no decoy, and if the clients have
    /// [slow hashes](ClientSecret::hashed) or more than two secrets for `client_secret_jwt`.
    /// Call it once for each secret of the client that has the most secrets.
    pub fn decoy_secret(mut self, secret: ClientSecret) -> Self {
        self.core.decoys.add(secret);
        self
    }

    fn location(&mut self) -> &mut Location {
        &mut self.core.settings.location
    }
}

impl<C> Clone for TokenEndpointLayerBuilder<C> {
    fn clone(&self) -> Self {
        Self {
            core: self.core.clone(),
            error_uri: self.error_uri.clone(),
            error_uri_base: self.error_uri_base.clone(),
            auth_methods: self.auth_methods,
            grants: self.grants.clone(),
            signing_algorithms: self.signing_algorithms,
            assertion_limit: self.assertion_limit,
            max_rsa_bits: self.max_rsa_bits,
            profile: self.profile,
            switches: self.switches,
        }
    }
}

impl<C> fmt::Debug for TokenEndpointLayerBuilder<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenEndpointLayerBuilder")
            .field("settings", &self.core.settings)
            .finish_non_exhaustive()
    }
}
