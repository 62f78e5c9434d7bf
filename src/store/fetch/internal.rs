//! Fetching for clients inside of the server's own networks.

use std::{fmt, sync::Arc};

use http::{HeaderValue, Uri, uri::Scheme};
use rustls::RootCertStore;

use super::{
    error::{Cause, FetchError},
    network::IpNetwork,
    roots,
};
use crate::protocol::uri::is_http_url;

/// Builder of a [`GuardedFetch`](super::GuardedFetch) for clients inside of your own networks; see
/// [`for_internal_networks`](super::GuardedFetch::for_internal_networks).
///
/// ```no_run
/// use tower_token_endpoint::jwks::fetch::GuardedFetch;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let fetch = GuardedFetch::for_internal_networks()
///     .networks(["10.20.0.0/16".parse()?, "fd12:3456::/32".parse()?])
///     .root_certificates([std::fs::read("internal-ca.der")?])
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct GuardedFetchBuilder {
    networks: Option<Vec<IpNetwork>>,
    roots: Option<Vec<Box<[u8]>>>,
    proxy: Option<String>,
    proxy_authorization: Option<HeaderValue>,
}

impl GuardedFetchBuilder {
    /// Sets the networks that may be fetched from.
    ///
    /// **Default: all public addresses.** With networks, only these: if any address of a name
    /// is in none of them, nothing is fetched.
    ///
    /// Some ranges have a special purpose (loopback, link-local, private, unique-local …). A
    /// network opens such a range only if the network is inside of the range. So `0.0.0.0/0`
    /// does not open 169.254.169.254, where clouds have their metadata. To also allow public
    /// addresses, add `0.0.0.0/0` and `::/0`, which mean all of these.
    ///
    /// Any client can make the server send requests to these networks. Name the smallest
    /// ones that have the hosts of the clients in them. Some clouds have metadata in a private range, such
    /// as fd00:ec2::254: do not name a network that contains it.
    ///
    /// An empty list is an error of [`build`](Self::build). It is also an error if a
    /// [`proxy`](Self::proxy) is set as well, since the proxy chooses the address.
    pub fn networks(mut self, networks: impl IntoIterator<Item = IpNetwork>) -> Self {
        self.networks = Some(networks.into_iter().collect());
        self
    }

    /// Sets the root certificates (X.509 in DER) that are trusted, such as that of a private
    /// certificate authority.
    ///
    /// **Default: those of the system.** With certificates, only these. To trust one more
    /// than those of the system, add it to the fetch that was built, with
    /// [`root_certificate`](super::GuardedFetch::root_certificate).
    pub fn root_certificates(mut self, ders: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Self {
        self.roots = Some(ders.into_iter().map(|der| der.as_ref().into()).collect());
        self
    }

    /// Sets an HTTP proxy, such as `http://proxy.internal:3128`. The fetch asks it for a
    /// tunnel (`CONNECT`) to the host of the URI, and speaks TLS through the tunnel.
    ///
    /// **Default: none.** Variables such as `HTTPS_PROXY` are ignored.
    ///
    /// The proxy resolves the name and chooses the address, so **the fetch does not check
    /// the addresses**: the proxy must refuse those that clients must not reach. All else is
    /// checked as without a proxy: the URI is `https` with a name, the certificate is
    /// for that name, no redirect is followed, and size and time are limited. The proxy
    /// itself may have any address. It learns the hosts of the URIs, and not the paths.
    ///
    /// The scheme must be `http`, without user, path and query.
    ///
    /// RFC 9110 §9.3.6.
    pub fn proxy(mut self, uri: impl Into<String>) -> Self {
        self.proxy = Some(uri.into());
        self
    }

    /// Sets the value of `Proxy-Authorization` for the [`proxy`](Self::proxy), such as
    /// `Basic dXNlcjpwYXNzd29yZA==`.
    ///
    /// **Default: none**, and the header is not sent.
    ///
    /// RFC 9110 §11.7.2.
    pub fn proxy_authorization(mut self, mut value: HeaderValue) -> Self {
        value.set_sensitive(true);
        self.proxy_authorization = Some(value);
        self
    }

    pub(super) fn into_parts(self) -> Result<(Route, RootCertStore), FetchError> {
        let route = match (self.proxy, self.networks) {
            (None, _) if self.proxy_authorization.is_some() => {
                return Err(Cause::Setting("`proxy_authorization` needs `proxy`").into());
            }
            (None, None) => Route::default(),
            (None, Some(networks)) if networks.is_empty() => {
                return Err(Cause::Setting(
                    "`networks` is empty: name at least one, or leave it out for all public \
                     addresses",
                )
                .into());
            }
            (None, Some(networks)) => Route::Direct(Some(networks.into())),
            (Some(_), Some(_)) => {
                return Err(Cause::Setting(
                    "`networks` and `proxy` are both set: the proxy chooses the address, so allow \
                     the networks there",
                )
                .into());
            }
            (Some(uri), None) => Route::Proxy(Arc::new(Proxy {
                uri: proxy_uri(&uri)?,
                authorization: self.proxy_authorization,
            })),
        };
        let roots = match self.roots {
            None => roots::of_system()?,
            Some(ders) => {
                let mut roots = RootCertStore::empty();
                for der in &ders {
                    roots::add(&mut roots, der)?;
                }
                roots
            }
        };
        Ok((route, roots))
    }
}

fn proxy_uri(text: &str) -> Result<Uri, Cause> {
    const WRONG: Cause = Cause::Setting(
        "`proxy` must be http://, a host and perhaps a port, such as http://proxy.internal:3128",
    );
    let uri: Uri = text.parse().map_err(|_| WRONG)?;
    if uri.authority().is_some_and(|it| it.as_str().contains('@')) {
        return Err(Cause::Setting(
            "`proxy` has a user or a password: use `proxy_authorization` instead",
        ));
    }
    let is_bare = matches!(uri.path(), "" | "/") && uri.query().is_none();
    if is_http_url(text) && uri.scheme() == Some(&Scheme::HTTP) && is_bare {
        Ok(uri)
    } else {
        Err(WRONG)
    }
}

impl fmt::Debug for GuardedFetchBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardedFetchBuilder")
            .field("networks", &self.networks)
            .field("roots", &self.roots.as_ref().map(Vec::len))
            .field("has_proxy", &self.proxy.is_some())
            .finish_non_exhaustive()
    }
}

/// How a fetch gets to a host.
#[derive(Clone)]
pub(super) enum Route {
    /// `None`: all public addresses.
    Direct(Option<Arc<[IpNetwork]>>),
    Proxy(Arc<Proxy>),
}

pub(super) struct Proxy {
    pub(super) uri: Uri,
    pub(super) authorization: Option<HeaderValue>,
}

impl Default for Route {
    fn default() -> Self {
        Self::Direct(None)
    }
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Direct(None) => f.write_str("public addresses"),
            Self::Direct(Some(networks)) => f.debug_list().entries(&**networks).finish(),
            Self::Proxy(proxy) => write!(f, "{}", proxy.uri),
        }
    }
}
