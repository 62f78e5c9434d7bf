//! Fetching over https what strangers name.
//!
//! A client chooses the URI, and the fetch comes from inside the server's network.
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
pub(crate) mod wanted;

use std::{fmt, sync::Arc, time::Duration};

use rustls::{ClientConfig, RootCertStore};
use tokio::time::timeout;

use self::{
    error::{Cause, FetchError},
    internal::{GuardedFetchBuilder, Route},
    resolve::{Addresses, AnyResolver, HostResolver},
    system_resolver::SystemResolver,
    target::Target,
    wanted::{Fetched, Subject, Wanted},
};

/// Fetch of URLs that a client chose, over https and only from public addresses.
///
/// A client chooses a URI, such as its `jwks_uri` or its `client_id`, and the fetch comes from inside the server's
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
/// - The response must have no `Content-Encoding`. Its size is limited, and the time for it. The size is set
///   where the fetch is used, such as by [`HttpJwksSource::max_bytes`](crate::jwks::HttpJwksSource::max_bytes).
/// - TLS is rustls with `aws-lc-rs`, also if the process has another default provider.
///
/// For clients inside of your own networks, see
/// [`for_internal_networks`](Self::for_internal_networks).
///
/// A clone shares the certificates, the resolver, and the limit of its lookups. It needs a tokio runtime with I/O and
/// time.
///
/// ```no_run
/// use std::time::Duration;
/// use tower_token_endpoint::jwks::{HttpJwksSource, fetch::GuardedFetch};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let fetch = GuardedFetch::new()?.total_timeout(Duration::from_secs(3));
/// let source = HttpJwksSource::with_fetch(fetch);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use]
pub struct GuardedFetch {
    roots: Arc<RootCertStore>,
    tls: Arc<ClientConfig>,
    resolver: Arc<dyn AnyResolver>,
    route: Route,
    connect_timeout: Duration,
    total_timeout: Duration,
    allows_loopback_and_http: bool,
}

impl GuardedFetch {
    /// Makes a fetch that trusts the root certificates of the system, or those that the
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

    /// Makes a fetch that trusts only these root certificates (X.509 in DER), and none of
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

    /// Starts a fetch for clients inside of your own networks: it takes the networks that
    /// may be fetched from, a private certificate authority, or a proxy.
    ///
    /// Everything else is as for [`new`](Self::new), and the methods of this type set the
    /// rest, such as [`total_timeout`](Self::total_timeout).
    ///
    /// ```no_run
    /// use tower_token_endpoint::jwks::fetch::GuardedFetch;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let internal = GuardedFetch::for_internal_networks()
    ///     .networks(["10.20.0.0/16".parse()?])
    ///     .build()?;
    /// let through_proxy = GuardedFetch::for_internal_networks()
    ///     .proxy("http://proxy.internal:3128")
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn for_internal_networks() -> GuardedFetchBuilder {
        GuardedFetchBuilder::default()
    }

    /// Also trusts this root certificate (X.509 in DER).
    ///
    /// **Default: the certificates that the fetch was made with.**
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

    /// Sets the resolver of host names.
    ///
    /// **Default: the resolver of the system**, with at most 64 lookups at the same time, and
    /// at most 4 of the same name. Each lookup has its own thread, which ends with the lookup. The
    /// addresses that it returns are checked, so it cannot allow more than the fetch does.
    /// With a proxy, it resolves only the name of the proxy, whose addresses are not checked.
    pub fn resolver(mut self, resolver: impl HostResolver) -> Self {
        self.resolver = Arc::new(resolver);
        self
    }

    /// Also fetches over plain http, and from loopback addresses (127.0.0.0/8 and ::1),
    /// which the URI may name.
    ///
    /// **Default: only https, and only public addresses** or those of
    /// [`networks`](GuardedFetchBuilder::networks). With a proxy, this setting has
    /// no effect.
    ///
    /// This is for tests. In production, any client could send requests to this machine,
    /// and anybody on the network path could replace what is fetched.
    pub fn dangerously_allow_loopback_and_http(mut self) -> Self {
        self.allows_loopback_and_http = true;
        self
    }

    /// Fetches what is at the URI.
    ///
    /// # Errors
    ///
    /// Returns an error if the URI or an address is not allowed, if there is no complete
    /// response in time, or if it is not what is wanted.
    pub(crate) async fn get(&self, uri: &str, wanted: &Wanted) -> Result<Fetched, FetchError> {
        let target = Target::parse(uri, self.allows_http(), wanted.subject)?;
        timeout(self.total_timeout, self.fetch_from(&target, wanted))
            .await
            .unwrap_or(Err(Cause::Timeout(self.total_timeout)))
            .map_err(|cause| cause.at(target.host(), wanted.subject))
    }

    /// Whether plain http is allowed, and loopback addresses. A tunnel is for https, and leads away from this
    /// machine.
    pub(crate) const fn allows_http(&self) -> bool {
        self.allows_loopback_and_http && matches!(self.route, Route::Direct(_))
    }

    /// Refuses a URI that is never fetched, to any address that its name may have.
    ///
    /// # Errors
    ///
    /// Returns an error if the URI is not allowed.
    #[cfg_attr(
        not(feature = "client-documents"),
        expect(
            dead_code,
            reason = "a `jwks_uri` is registered, so nothing is asked before"
        )
    )]
    pub(crate) fn check(&self, uri: &str, subject: &'static Subject) -> Result<(), FetchError> {
        Target::parse(uri, self.allows_http(), subject).map(drop)
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
            allows_loopback_and_http: false,
        })
    }

    async fn fetch_from(&self, target: &Target, wanted: &Wanted) -> Result<Fetched, Cause> {
        let connect_timeout = self.connect_timeout;
        let resolver = &*self.resolver;
        match &self.route {
            Route::Direct(networks) => {
                let allows_loopback = self.allows_loopback_and_http;
                let networks = networks.as_deref();
                let found = Addresses::resolve(target, resolver, networks, allows_loopback);
                let connector = request::direct(found.await?, connect_timeout);
                request::get(target, connector, &self.tls, wanted).await
            }
            Route::Proxy(proxy) => {
                let found = Addresses::of_proxy(&proxy.uri, resolver).await?;
                let connector = request::tunnelled(proxy, found, connect_timeout);
                request::get(target, connector, &self.tls, wanted).await
            }
        }
    }
}

impl GuardedFetchBuilder {
    /// Builds the fetch.
    ///
    /// # Errors
    ///
    /// Returns an error if a setting is wrong or contradicts another one, or if there are no
    /// root certificates.
    pub fn build(self) -> Result<GuardedFetch, FetchError> {
        let (route, roots) = self.into_parts()?;
        Ok(GuardedFetch {
            route,
            ..GuardedFetch::trusting(roots)?
        })
    }
}

impl fmt::Debug for GuardedFetch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardedFetch")
            .field("roots", &self.roots.len())
            .field("route", &self.route)
            .field("connect_timeout", &self.connect_timeout)
            .field("total_timeout", &self.total_timeout)
            .field("allows_loopback_and_http", &self.allows_loopback_and_http)
            .finish_non_exhaustive()
    }
}
