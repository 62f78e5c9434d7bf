//! Where requests come from.

use std::{fmt, net::IpAddr, sync::Arc};

use http::{HeaderName, request::Parts};

use crate::protocol::address;

/// Source of a request: the address that its failed authentications are counted for.
///
/// The layer does not guess it, since only you know what is in front of your server.
/// [`Throttling::source`](crate::throttle::Throttling::source) takes one of three forms:
///
/// - the peer of the connection, which the server adds to the [`extension`](Self::extension)s of
///   a request,
/// - the address that your proxy adds to a header: [`last_address_in`](Self::last_address_in),
/// - a function of your own: [`from_fn`](Self::from_fn).
///
/// An IPv4-mapped address counts as IPv4. All addresses that share the first 64 bits of IPv6 count
/// as one, since one host has all of them. A customer often has a whole /56 or /48, which is 256 or
/// 65,536 sources: to count it once, return the shortened address by [`from_fn`](Self::from_fn). All
/// IPv4 hosts behind one NAT64 translator are one source. A request without the source that was chosen counts for
/// one common source, and a `WARN` event says so, at most once a minute.
///
/// Choose the source with care. If everybody can set it, an attacker has as many sources as it
/// likes. If it is the address of your proxy, all clients have the same source, and one attacker
/// can use up the limit of all of them.
#[derive(Clone)]
pub struct ThrottleSource(Arc<FindAddress>);

type FindAddress = dyn Fn(&Parts) -> Option<IpAddr> + Send + Sync;

impl ThrottleSource {
    /// The address that `address` finds in an extension of the request of type `T`.
    ///
    /// With axum, the extension is the peer of the connection, if the server is started by
    /// `into_make_service_with_connect_info::<SocketAddr>()`. Behind a proxy, that is the proxy.
    ///
    /// ```
    /// use std::net::SocketAddr;
    /// use axum::extract::ConnectInfo;
    /// use tower_token_endpoint::throttle::ThrottleSource;
    ///
    /// let source = ThrottleSource::extension(|peer: &ConnectInfo<SocketAddr>| peer.ip());
    /// ```
    pub fn extension<T: Send + Sync + 'static>(
        address: impl Fn(&T) -> IpAddr + Send + Sync + 'static,
    ) -> Self {
        Self::from_fn(move |request| request.extensions.get().map(&address))
    }

    /// The last address in a header that is a list, such as `X-Forwarded-For`.
    ///
    /// It is the last element of the last line with this name, and may have a port; IPv6 may be in
    /// brackets. If that element is not an address, the request has no source: the elements before
    /// it may come from anybody.
    ///
    /// Use it only behind a proxy that adds or replaces the header in every request, and only if
    /// nobody can reach the server without the proxy. Otherwise, everybody can choose their own
    /// source. With two proxies in a row, the last address is that of the outer one: then the
    /// inner proxy must hand on what the outer one wrote, or use [`from_fn`](Self::from_fn). The
    /// header `Forwarded` (RFC 7239) has another syntax, so its addresses are not found.
    ///
    /// ```
    /// use http::HeaderName;
    /// use tower_token_endpoint::throttle::ThrottleSource;
    ///
    /// let source = ThrottleSource::last_address_in(HeaderName::from_static("x-forwarded-for"));
    /// ```
    #[must_use]
    pub fn last_address_in(header: HeaderName) -> Self {
        Self::from_fn(move |request| {
            let mut lines = request.headers.get_all(&header).into_iter();
            address::last_in(lines.next_back()?)
        })
    }

    /// The address that a function finds in the head of the request.
    ///
    /// `None` means that the request has no source. It counts for one common source then.
    ///
    /// ```
    /// use http::request::Parts;
    /// use tower_token_endpoint::throttle::ThrottleSource;
    ///
    /// // Behind a proxy that replaces this header.
    /// let source = ThrottleSource::from_fn(|request: &Parts| {
    ///     request.headers.get("x-real-ip")?.to_str().ok()?.parse().ok()
    /// });
    /// ```
    pub fn from_fn(address: impl Fn(&Parts) -> Option<IpAddr> + Send + Sync + 'static) -> Self {
        Self(Arc::new(address))
    }

    /// The address as it is counted.
    pub(in crate::service) fn of(&self, request: &Parts) -> Option<IpAddr> {
        (self.0)(request).map(address::counted)
    }
}

impl fmt::Debug for ThrottleSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThrottleSource").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use http::Request;

    use super::*;

    const FORWARDED: HeaderName = HeaderName::from_static("x-forwarded-for");

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn a_header_counts_by_its_last_line() {
        let lines: [(&[&str], Option<&str>); 6] = [
            (&[], None),
            (&["192.0.2.1"], Some("192.0.2.1")),
            (&["198.51.100.7", "192.0.2.1"], Some("192.0.2.1")),
            (
                &["198.51.100.7", "unknown, 192.0.2.1:80"],
                Some("192.0.2.1"),
            ),
            (&["192.0.2.1", "unknown"], None),
            (&["192.0.2.1", ""], None),
        ];
        for (lines, expected) in lines {
            let mut request = Request::builder().header("forwarded", "for=203.0.113.9");
            for line in lines {
                request = request.header(FORWARDED, *line);
            }
            let (parts, ()) = request.body(()).expect("a request").into_parts();
            let found = ThrottleSource::last_address_in(FORWARDED).of(&parts);
            assert_eq!(found, expected.map(ip), "{lines:?}");
        }
    }

    #[test]
    fn every_form_counts_networks_and_mapped_addresses_once() {
        let (mut parts, ()) = Request::new(()).into_parts();
        let peer = ThrottleSource::extension(|peer: &SocketAddr| peer.ip());
        assert_eq!(peer.of(&parts), None);
        for (address, expected) in [
            ("192.0.2.1", "192.0.2.1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ] {
            let own = ip(address);
            parts.extensions.insert(SocketAddr::new(own, 80));
            parts
                .headers
                .insert(FORWARDED, address.parse().expect("a header"));
            let sources = [
                peer.clone(),
                ThrottleSource::last_address_in(FORWARDED),
                ThrottleSource::from_fn(move |_| Some(own)),
            ];
            for source in sources {
                assert_eq!(source.of(&parts), Some(ip(expected)), "{address}");
            }
        }
        assert_eq!(ThrottleSource::from_fn(|_| None).of(&parts), None);
    }
}
