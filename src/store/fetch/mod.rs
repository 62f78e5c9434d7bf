//! Key sets over https.
//!
//! The URI is a client's word, and the fetch comes from inside the server's
//! network. What keeps a client from reaching into it by that, in order:
//!
//! 1. [`target`]: https, and a name. No address, no user, no number that a
//!    resolver reads as an address.
//! 2. [`resolve`]: the name is resolved once, and every one of its addresses must be
//!    public ([`address`]).
//! 3. [`request`]: the connection goes to these addresses and the certificate is
//!    for the name. No proxy, no redirect; the answer is short, and in time.
//! 4. [`cache_control`]: for how long it is fresh.

mod address;
mod cache_control;
pub(crate) mod error;
mod request;
pub(crate) mod resolve;
mod target;

use std::{fmt, sync::Arc, time::Duration};

use rustls::{
    ClientConfig, RootCertStore, client::Resumption, crypto::aws_lc_rs, pki_types::CertificateDer,
};
use tokio::time::timeout;

use self::{
    error::{Cause, JwksHttpError},
    resolve::{Addresses, AnyResolver, JwksResolver, SystemResolver},
    target::Target,
};
use crate::store::jwks::{FetchedKeys, KeySource};

/// Fetches the key sets of clients over https, from public addresses alone.
///
/// A `jwks_uri` is the client's word, and the fetch comes from inside the
/// server's network. So:
///
/// - The URI is `https`, and its host is a name: no IP address, no number that a
///   resolver reads as one, no user and password, no trailing dot.
/// - The name is resolved once. Where any of its addresses is not public
///   (loopback, private, link-local, shared, unique-local, mapped, multicast,
///   documentation …) nothing is fetched. The connection goes to the addresses
///   that were looked at, and to no others.
/// - No redirect is followed and no proxy is used; variables such as
///   `HTTPS_PROXY` have no say.
/// - The answer is a 200 without `Content-Encoding`, of 64 KiB at most.
/// - TLS is rustls with `aws-lc-rs`, whatever the process's default provider is.
///
/// `Cache-Control` and `Age` (RFC 9111) say for how long the set is fresh, within
/// the bounds that the layer has; `s-maxage`, which is for shared caches, does not.
/// Errors are for the operator, and name the host: they are the
/// [`source`](std::error::Error::source) of the [`Rejection`](crate::Rejection).
///
/// A clone shares the certificates and the resolver. It needs a tokio runtime
/// with I/O and time.
///
/// ```no_run
/// use tower_token_endpoint::{JwksHttp, MemoryClients, MemoryReplays, TokenEndpointLayer};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let clients = MemoryClients::from_json(b"[]")?;
/// let layer = TokenEndpointLayer::new(clients, "https://as.example.com")
///     .path("/token")
///     .assertions(MemoryReplays::new())
///     .key_source(JwksHttp::new()?);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct JwksHttp {
    roots: Arc<RootCertStore>,
    tls: Arc<ClientConfig>,
    resolver: Arc<dyn AnyResolver>,
    connect_timeout: Duration,
    total_timeout: Duration,
    allows_loopback_and_http: bool,
}

impl JwksHttp {
    /// Trusts the root certificates of the system, or those that the variables
    /// `SSL_CERT_FILE` and `SSL_CERT_DIR` name. They are read once, here.
    ///
    /// # Errors
    ///
    /// When the system has none, as in a minimal container: install them, or use
    /// [`with_root_certificates`](Self::with_root_certificates).
    pub fn new() -> Result<Self, JwksHttpError> {
        let mut roots = RootCertStore::empty();
        let found = rustls_native_certs::load_native_certs();
        // Systems ship some that are no use: the others do.
        roots.add_parsable_certificates(found.certs);
        if roots.is_empty() {
            let error = found.errors.into_iter().next();
            return Err(Cause::NoRoots(error).into());
        }
        Self::trusting(roots)
    }

    /// Trusts these root certificates alone (X.509 in DER), and none of the system.
    ///
    /// # Errors
    ///
    /// When there are none, and when one is no certificate.
    pub fn with_root_certificates(
        ders: impl IntoIterator<Item = impl AsRef<[u8]>>,
    ) -> Result<Self, JwksHttpError> {
        let mut roots = RootCertStore::empty();
        for der in ders {
            add(&mut roots, der.as_ref())?;
        }
        if roots.is_empty() {
            return Err(Cause::NoRoots(None).into());
        }
        Self::trusting(roots)
    }

    /// Trusts this root certificate (X.509 in DER) as well. **Default: those that it
    /// was made with.**
    ///
    /// # Errors
    ///
    /// When it is no certificate.
    pub fn root_certificate(self, der: &[u8]) -> Result<Self, JwksHttpError> {
        let mut roots = RootCertStore::clone(&self.roots);
        add(&mut roots, der)?;
        let roots = Arc::new(roots);
        Ok(Self {
            tls: tls(&roots)?,
            roots,
            ..self
        })
    }

    /// Waits so long for the TCP connection; a name with several addresses
    /// shares it among them. **Default: 2 seconds.**
    #[must_use]
    pub const fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Waits so long for all of it, from the resolver to the last byte. The layer
    /// gives a source up after 8 seconds, and its request at the
    /// [deadline](crate::TokenEndpointLayer::deadline). **Default: 5 seconds.**
    #[must_use]
    pub const fn total_timeout(mut self, timeout: Duration) -> Self {
        self.total_timeout = timeout;
        self
    }

    /// Resolves names by this. What it answers is looked at as the system's answers
    /// are: it cannot let a private address in. **Default: the system's resolver.**
    #[must_use]
    pub fn resolver(mut self, resolver: impl JwksResolver) -> Self {
        self.resolver = Arc::new(resolver);
        self
    }

    /// Fetches over plain http as well, and from loopback addresses (127.0.0.0/8
    /// and ::1), also where the URI names one. For tests: in production any client
    /// could look around on this machine, and anybody on the way could replace
    /// its keys. **Default: https from public addresses.**
    #[must_use]
    pub const fn dangerously_allow_loopback_and_http(mut self) -> Self {
        self.allows_loopback_and_http = true;
        self
    }

    fn trusting(roots: RootCertStore) -> Result<Self, JwksHttpError> {
        let roots = Arc::new(roots);
        Ok(Self {
            tls: tls(&roots)?,
            roots,
            resolver: Arc::new(SystemResolver),
            connect_timeout: Duration::from_secs(2),
            total_timeout: Duration::from_secs(5),
            allows_loopback_and_http: false,
        })
    }

    async fn fetch_from(&self, target: &Target) -> Result<FetchedKeys, Cause> {
        let addresses = Addresses::of(target, &*self.resolver, self.allows_loopback_and_http);
        let addresses = addresses.await?;
        request::fetch(target, addresses, &self.tls, self.connect_timeout).await
    }
}

fn add(roots: &mut RootCertStore, der: &[u8]) -> Result<(), JwksHttpError> {
    let added = roots.add(CertificateDer::from(der.to_vec()));
    added.map_err(|error| Cause::BadRoot(error).into())
}

/// With a provider that is named: where another crate has switched a second one on,
/// there is no default, and asking for it panics.
fn tls(roots: &Arc<RootCertStore>) -> Result<Arc<ClientConfig>, JwksHttpError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(Cause::Tls)?
        .with_root_certificates(Arc::clone(roots))
        .with_no_client_auth();
    // A set is fetched every few minutes: nothing to resume, and nothing to keep.
    config.resumption = Resumption::disabled();
    Ok(Arc::new(config))
}

impl KeySource for JwksHttp {
    type Error = JwksHttpError;

    async fn fetch(&self, jwks_uri: &str) -> Result<FetchedKeys, JwksHttpError> {
        let target = Target::of(jwks_uri, self.allows_loopback_and_http)?;
        timeout(self.total_timeout, self.fetch_from(&target))
            .await
            .unwrap_or(Err(Cause::Timeout(self.total_timeout)))
            .map_err(|cause| cause.at(target.host()))
    }
}

impl fmt::Debug for JwksHttp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwksHttp")
            .field("roots", &self.roots.len())
            .field("connect_timeout", &self.connect_timeout)
            .field("total_timeout", &self.total_timeout)
            .field("allows_loopback_and_http", &self.allows_loopback_and_http)
            .finish_non_exhaustive()
    }
}
