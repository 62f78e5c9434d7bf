//! Key sets over https.
//!
//! The client chooses the URI, and the fetch comes from inside the server's network.
//! These checks keep a client from reaching into that network, in this order:
//!
//! 1. [`target`]: the URI is https, with a host name. It has no IP address, no user, and
//!    no number that a resolver would read as an address.
//! 2. [`resolve`]: the name is resolved once, and each of its addresses must be public, or
//!    in a [`network`] that the operator allows ([`address`]).
//! 3. [`request`]: the connection goes to these addresses, and the certificate is for the
//!    name. There is no redirect, and no proxy unless the operator names one ([`internal`]),
//!    and size and time are limited.
//! 4. [`cache_control`]: how long the response is fresh.

mod address;
mod cache_control;
pub(crate) mod error;
pub(crate) mod internal;
pub(crate) mod network;
mod request;
pub(crate) mod resolve;
mod roots;
mod system_resolver;
mod target;

use std::{fmt, sync::Arc, time::Duration};

use rustls::{ClientConfig, RootCertStore};
use tokio::time::timeout;

use self::{
    error::{Cause, FetchError},
    internal::{HttpJwksSourceBuilder, Route},
    request::Limits,
    resolve::{Addresses, AnyResolver, HostResolver},
    system_resolver::SystemResolver,
    target::Target,
};
use crate::store::jwks::{FetchedKeys, JwksSource};

/// [`JwksSource`] that fetches key sets over https, only from public addresses.
///
/// The client chooses its `jwks_uri`, and the fetch comes from inside the server's
/// network. Therefore:
///
/// - The URI must be `https`, and its host must be a name: not an IP address, nor a
///   number that a resolver reads as one. It must have no user, no password and no
///   trailing dot.
/// - The name is resolved once. If any of its addresses is not public (loopback, private,
///   link-local, shared, unique-local, mapped, multicast, documentation …), nothing is
///   fetched. The connection goes only to the addresses that were checked.
/// - No redirect is followed and no proxy is used. Variables such as `HTTPS_PROXY` are
///   ignored.
/// - The response must be a 200 without `Content-Encoding`, of at most 64 KiB (see
///   [`max_bytes`](Self::max_bytes)). A 404 or 410 means that the client has no keys:
///   [`FetchedKeys::gone`]. Any other status is a failure.
/// - TLS is rustls with `aws-lc-rs`, also if the process has another default provider.
///
/// `Cache-Control` and `Age` (RFC 9111) set how long the set is fresh, within the limits
/// of [`FetchedKeys::max_age`]. `s-maxage` is for shared caches and is ignored.
///
/// For clients inside of your own networks, see
/// [`for_internal_networks`](Self::for_internal_networks).
///
/// An error names the host and is for the operator. It is the
/// [`source`](std::error::Error::source) of the [`Rejection`](crate::rejection::Rejection).
///
/// A clone shares the certificates, the resolver, and the limit of its lookups. The source
/// needs a tokio runtime with I/O and time.
///
/// ```no_run
/// use tower_token_endpoint::{
///     MemoryClientStore, TokenEndpointLayer, jwks::HttpJwksSource, replay::MemoryReplayStore,
/// };
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let clients = MemoryClientStore::from_json(b"[]")?;
/// let layer = TokenEndpointLayer::builder(clients, "https://as.example.com")
///     .path("/token")
///     .client_assertions(MemoryReplayStore::new())
///     .jwks_source(HttpJwksSource::new()?)
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use]
pub struct HttpJwksSource {
    roots: Arc<RootCertStore>,
    tls: Arc<ClientConfig>,
    resolver: Arc<dyn AnyResolver>,
    route: Route,
    connect_timeout: Duration,
    total_timeout: Duration,
    max_bytes: usize,
    allows_loopback_and_http: bool,
}

impl HttpJwksSource {
    /// Makes a source that trusts the root certificates of the system, or those that the
    /// variables `SSL_CERT_FILE` and `SSL_CERT_DIR` name.
    ///
    /// The certificates are read once, by this call.
    ///
    /// # Errors
    ///
    /// Returns an error if the system has no certificates, as in a minimal container.
    /// Install them, or use [`with_root_certificates`](Self::with_root_certificates).
    pub fn new() -> Result<Self, FetchError> {
        Self::trusting(roots::of_system()?)
    }

    /// Makes a source that trusts only these root certificates (X.509 in DER), and none of
    /// the system.
    ///
    /// # Errors
    ///
    /// Returns an error if there are none, or if one is not a certificate.
    pub fn with_root_certificates(
        ders: impl IntoIterator<Item = impl AsRef<[u8]>>,
    ) -> Result<Self, FetchError> {
        let mut roots = RootCertStore::empty();
        for der in ders {
            roots::add(&mut roots, der.as_ref())?;
        }
        Self::trusting(roots)
    }

    /// Starts a source for clients inside of your own networks: it takes the networks that
    /// may be fetched from, a private certificate authority, or a proxy.
    ///
    /// Everything else is as for [`new`](Self::new), and the methods of this type set the
    /// rest, such as [`total_timeout`](Self::total_timeout).
    ///
    /// ```no_run
    /// use tower_token_endpoint::jwks::HttpJwksSource;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let internal = HttpJwksSource::for_internal_networks()
    ///     .networks(["10.20.0.0/16".parse()?])
    ///     .build()?;
    /// let through_proxy = HttpJwksSource::for_internal_networks()
    ///     .proxy("http://proxy.internal:3128")
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn for_internal_networks() -> HttpJwksSourceBuilder {
        HttpJwksSourceBuilder::default()
    }

    /// Also trusts this root certificate (X.509 in DER).
    ///
    /// **Default: the certificates that the source was made with.**
    ///
    /// # Errors
    ///
    /// Returns an error if it is not a certificate.
    pub fn root_certificate(self, der: &[u8]) -> Result<Self, FetchError> {
        let mut roots = RootCertStore::clone(&self.roots);
        roots::add(&mut roots, der)?;
        let roots = Arc::new(roots);
        Ok(Self {
            tls: roots::tls(&roots)?,
            roots,
            ..self
        })
    }

    /// Sets how long to wait for the TCP connection. The addresses of one name share
    /// the time.
    ///
    /// **Default: 2 seconds.**
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Sets how long to wait for the whole fetch, from the resolver to the last byte.
    ///
    /// **Default: 5 seconds.** The layer gives up a fetch after 8 seconds, and the
    /// request at the [deadline](crate::layer::TokenEndpointLayerBuilder::deadline).
    pub fn total_timeout(mut self, timeout: Duration) -> Self {
        self.total_timeout = timeout;
        self
    }

    /// Sets how long the JSON of a key set may be, in bytes. If a response is longer, the
    /// fetch has failed.
    ///
    /// **Default: 64 KiB**, which has room for dozens of keys with their certificates. A set
    /// can have at most 64 keys.
    ///
    /// The client chooses the response, and up to 64 fetches are in progress at the same
    /// time. So 64 times this number of bytes should be available.
    pub fn max_bytes(mut self, limit: usize) -> Self {
        self.max_bytes = limit;
        self
    }

    /// Sets the resolver of host names.
    ///
    /// **Default: the resolver of the system**, with at most 64 lookups at the same time, and
    /// at most 4 of the same name. Each is on a thread of its own, which ends with it. The
    /// addresses that it returns are checked, so it cannot allow more than the source does.
    /// With a proxy, it resolves only the name of the proxy, whose addresses are not checked.
    pub fn resolver(mut self, resolver: impl HostResolver) -> Self {
        self.resolver = Arc::new(resolver);
        self
    }

    /// Also fetches over plain http, and from loopback addresses (127.0.0.0/8 and ::1),
    /// which the URI may name.
    ///
    /// **Default: only https, and only public addresses** or those of
    /// [`networks`](HttpJwksSourceBuilder::networks). With a proxy, this setting has
    /// no effect.
    ///
    /// This is for tests. In production, any client could send requests to this machine,
    /// and anybody on the network path could replace its keys.
    pub fn dangerously_allow_loopback_and_http(mut self) -> Self {
        self.allows_loopback_and_http = true;
        self
    }

    fn trusting(roots: RootCertStore) -> Result<Self, FetchError> {
        if roots.is_empty() {
            return Err(Cause::NoRoots(None).into());
        }
        let roots = Arc::new(roots);
        Ok(Self {
            tls: roots::tls(&roots)?,
            roots,
            resolver: Arc::new(SystemResolver::new()),
            route: Route::default(),
            connect_timeout: Duration::from_secs(2),
            total_timeout: Duration::from_secs(5),
            max_bytes: 64 * 1024,
            allows_loopback_and_http: false,
        })
    }

    async fn fetch_from(&self, target: &Target) -> Result<FetchedKeys, Cause> {
        let limits = &Limits {
            connect_timeout: self.connect_timeout,
            max_bytes: self.max_bytes,
        };
        let resolver = &*self.resolver;
        match &self.route {
            Route::Direct(networks) => {
                let allows_loopback = self.allows_loopback_and_http;
                let networks = networks.as_deref();
                let found = Addresses::resolve(target, resolver, networks, allows_loopback);
                request::direct(target, found.await?, &self.tls, limits).await
            }
            Route::Proxy(proxy) => {
                let found = Addresses::of_proxy(&proxy.uri, resolver).await?;
                request::tunnelled(target, proxy, found, &self.tls, limits).await
            }
        }
    }
}

impl HttpJwksSourceBuilder {
    /// Builds the source.
    ///
    /// # Errors
    ///
    /// Returns an error if a setting is wrong or contradicts another one, or if there are no
    /// root certificates.
    pub fn build(self) -> Result<HttpJwksSource, FetchError> {
        let (route, roots) = self.into_parts()?;
        Ok(HttpJwksSource {
            route,
            ..HttpJwksSource::trusting(roots)?
        })
    }
}

impl JwksSource for HttpJwksSource {
    type Error = FetchError;

    async fn fetch(&self, jwks_uri: &str) -> Result<FetchedKeys, FetchError> {
        // A tunnel is for https, and leads away from this machine.
        let is_direct = matches!(self.route, Route::Direct(_));
        let target = Target::parse(jwks_uri, self.allows_loopback_and_http && is_direct)?;
        timeout(self.total_timeout, self.fetch_from(&target))
            .await
            .unwrap_or(Err(Cause::Timeout(self.total_timeout)))
            .map_err(|cause| cause.at(target.host()))
    }
}

impl fmt::Debug for HttpJwksSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpJwksSource")
            .field("roots", &self.roots.len())
            .field("route", &self.route)
            .field("connect_timeout", &self.connect_timeout)
            .field("total_timeout", &self.total_timeout)
            .field("max_bytes", &self.max_bytes)
            .field("allows_loopback_and_http", &self.allows_loopback_and_http)
            .finish_non_exhaustive()
    }
}
