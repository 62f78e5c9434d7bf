//! Checks of URIs (RFC 3986).

use std::net::{IpAddr, Ipv6Addr};

use http::{Uri, uri::Authority};

/// `scheme ":" rest`, with only the characters of RFC 3986.
pub(crate) fn is_absolute(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
        && !rest.is_empty()
        && are_escapes_whole(rest)
        && rest
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte))
}

/// Whether two hexadecimal digits follow every `%`.
fn are_escapes_whole(text: &str) -> bool {
    text.split('%').skip(1).all(|escape| {
        let digits = escape.as_bytes().first_chunk::<2>();
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    })
}

/// `http` or `https`, with a host, an optional port, and no fragment.
pub(crate) fn is_http_url(url: &str) -> bool {
    is_absolute(url)
        && !url.contains('#')
        && url.parse::<Uri>().is_ok_and(|url| {
            matches!(url.scheme_str(), Some("http" | "https"))
                && url.authority().is_some_and(is_host_and_port)
                && !url.path().contains(['[', ']'])
        })
}

/// An `https` URL or, for tests, an `http` URL of a loopback host.
pub(crate) fn is_https_or_local(url: &str) -> bool {
    let is_private = |url: Uri| {
        url.scheme_str() == Some("https")
            || url.host().is_some_and(|host| {
                let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
                host == "localhost" || address.is_ok_and(|address| address.is_loopback())
            })
    };
    is_http_url(url) && url.parse().is_ok_and(is_private)
}

/// There must be no password, which would be in every challenge.
fn is_host_and_port(authority: &Authority) -> bool {
    let host = authority.host();
    let is_host = match host.strip_prefix('[') {
        Some(address) => {
            let address = address.strip_suffix(']');
            address.is_some_and(|address| address.parse::<Ipv6Addr>().is_ok())
        }
        None => !host.is_empty(),
    };
    let is_whole = match authority.port_u16() {
        Some(port) => authority.as_str() == format!("{host}:{port}"),
        None => authority.as_str() == host,
    };
    is_host && is_whole
}
