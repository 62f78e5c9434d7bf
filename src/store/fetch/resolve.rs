//! Resolving a host name to addresses that may be connected to.

use std::{
    convert::Infallible,
    future::{Future, Ready, ready},
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    vec,
};

use http::Uri;
use hyper_util::client::legacy::connect::dns::Name;
use tower_service::Service;

use super::{address, error::Cause, network::IpNetwork, target::Target};

/// Resolver of host names for [`GuardedFetch`](super::GuardedFetch).
///
/// It can be a cache, a resolver of another crate, or fixed addresses for a test:
///
/// ```
/// use std::{io, net::IpAddr};
/// use tower_token_endpoint::jwks::fetch::HostResolver;
///
/// struct Fixed(IpAddr);
///
/// impl HostResolver for Fixed {
///     async fn resolve(&self, _host: &str) -> io::Result<Vec<IpAddr>> {
///         Ok(vec![self.0])
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a resolver of host names",
    label = "the fetch must resolve its hosts here",
    note = "implement `HostResolver` with one `async fn resolve`"
)]
pub trait HostResolver: Send + Sync + 'static {
    /// Returns all addresses of the host, in the order in which they should be tried.
    ///
    /// It is called once for each fetch. If the fetch may not connect to one of the
    /// addresses, none is used.
    ///
    /// The future is dropped if the fetch takes too long. If work goes on after that, such as
    /// a lookup on a thread of its own, the resolver should limit how much of it there is.
    ///
    /// # Errors
    ///
    /// Returns an error if the host does not exist, or cannot be resolved at the moment.
    fn resolve(&self, host: &str) -> impl Future<Output = io::Result<Vec<IpAddr>>> + Send;
}

impl<R: HostResolver> HostResolver for Arc<R> {
    fn resolve(&self, host: &str) -> impl Future<Output = io::Result<Vec<IpAddr>>> + Send {
        R::resolve(self, host)
    }
}

/// Type-erased [`HostResolver`].
pub(super) trait AnyResolver: Send + Sync {
    fn resolve<'a>(&'a self, host: &'a str) -> Resolving<'a>;
}

pub(super) type Resolving<'a> = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send + 'a>>;

impl<R: HostResolver> AnyResolver for R {
    fn resolve<'a>(&'a self, host: &'a str) -> Resolving<'a> {
        Box::pin(HostResolver::resolve(self, host))
    }
}

/// The addresses of one host, all of them checked.
///
/// The connector gets its addresses from this value, so it cannot use any other.
#[derive(Clone)]
pub(super) struct Addresses(Vec<SocketAddr>);

impl Addresses {
    /// The addresses of a host, all of which must be in these networks, or be public.
    pub(super) async fn resolve(
        target: &Target,
        resolver: &dyn AnyResolver,
        networks: Option<&[IpNetwork]>,
        allows_loopback: bool,
    ) -> Result<Self, Cause> {
        let found = match target.address() {
            Some(address) => vec![address],
            None => look_up(target.host(), resolver).await?,
        };
        // One is enough to refuse all of them: a name with both kinds of addresses is an
        // attack that waits for its turn, or a mistake in its DNS records.
        for &address in &found {
            let is_allowed = allows_loopback && address.is_loopback();
            let kind = address::refused(address, networks.unwrap_or(&address::PUBLIC));
            if let Some(kind) = kind.filter(|_| !is_allowed) {
                return Err(match networks {
                    Some(_) => Cause::Outside(address, kind),
                    None => Cause::Address(address, kind),
                });
            }
        }
        Ok(Self::new(found))
    }

    /// The addresses of a proxy, which the operator chose. They are not checked.
    pub(super) async fn of_proxy(proxy: &Uri, resolver: &dyn AnyResolver) -> Result<Self, Cause> {
        let host = proxy.host().unwrap_or_default();
        let literal = host.trim_start_matches('[').trim_end_matches(']');
        Ok(Self::new(match literal.parse() {
            Ok(address) => vec![address],
            Err(_) => look_up(host, resolver).await.map_err(Cause::of_proxy)?,
        }))
    }

    fn new(found: Vec<IpAddr>) -> Self {
        // The connector sets the port.
        let found = found.into_iter().map(|address| SocketAddr::new(address, 0));
        Self(found.collect())
    }
}

async fn look_up(host: &str, resolver: &dyn AnyResolver) -> Result<Vec<IpAddr>, Cause> {
    let found = resolver.resolve(host).await.map_err(Cause::Resolve)?;
    if found.is_empty() {
        return Err(Cause::NoAddress);
    }
    Ok(found)
}

impl Service<Name> for Addresses {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _name: Name) -> Self::Future {
        ready(Ok(self.0.clone().into_iter()))
    }
}
