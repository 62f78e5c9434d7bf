//! Which URIs may be fetched.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use http::Uri;
use rustls::pki_types::DnsName;

use super::{
    error::{Cause, FetchError},
    wanted::Subject,
};
use crate::protocol::uri::is_http_url;

/// A URI that may be fetched.
pub(super) struct Target(Uri);

impl Target {
    pub(super) fn parse(
        text: &str,
        allows_loopback_and_http: bool,
        subject: &'static Subject,
    ) -> Result<Self, FetchError> {
        let refused = |problem| Cause::Uri(problem).of(subject);
        let uri: Uri = text.parse().map_err(|_| {
            refused("is not a valid URI: use one such as https://client.example/path")
        })?;
        let is_scheme_allowed = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => allows_loopback_and_http,
            Some(_) | None => false,
        };
        if !is_scheme_allowed {
            return Err(refused("must start with https://"));
        }
        if uri.authority().is_some_and(|it| it.as_str().contains('@')) {
            // The host is not named: the password would be part of it.
            return Err(refused("has a user or a password: leave them out"));
        }
        if !is_http_url(text) {
            return Err(refused(
                "must be https://, a host, perhaps a port, a path and a query, and \
                 no fragment (RFC 3986)",
            ));
        }
        let target = Self(uri);
        let is_loopback = target.address().is_some_and(|it| it.is_loopback());
        match problem(target.host()) {
            Some(problem) if !(allows_loopback_and_http && is_loopback) => {
                Err(Cause::Uri(problem).at(target.host(), subject))
            }
            Some(_) | None => Ok(target),
        }
    }

    pub(super) const fn uri(&self) -> &Uri {
        &self.0
    }

    pub(super) fn host(&self) -> &str {
        self.0.host().unwrap_or_default()
    }

    /// The IP address, if the host is one instead of a name.
    pub(super) fn address(&self) -> Option<IpAddr> {
        let host = self.host();
        match host.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
            Some(v6) => v6.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
            None => host.parse::<Ipv4Addr>().ok().map(IpAddr::V4),
        }
    }
}

fn problem(host: &str) -> Option<&'static str> {
    if host.starts_with('[') || ends_in_number(host) {
        Some("the host is an IP address: use a name")
    } else if host.ends_with('.') {
        Some("the name ends in a dot: leave it out")
    } else if DnsName::try_from(host).is_err() {
        Some(
            "the host is not a valid name (RFC 1123 §2.1): use letters, digits and hyphens, and \
             punycode for other characters",
        )
    } else {
        None
    }
}

/// Whether a resolver may read the host as an IPv4 address in one of its old forms:
/// `127.1`, `0x7f.1`, `017700000001`, `2130706433`. No top-level domain looks like that.
fn ends_in_number(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    let last = host.rsplit('.').next().unwrap_or_default();
    let hex = last.strip_prefix("0x").or_else(|| last.strip_prefix("0X"));
    match hex {
        Some(digits) => digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(uri: &str, allows_loopback_and_http: bool) -> Result<Target, FetchError> {
        let subject = &Subject {
            member: "client_id",
            content: "client metadata document",
        };
        Target::parse(uri, allows_loopback_and_http, subject)
    }

    #[test]
    fn only_https_with_a_name_is_gone_to() {
        let names = [
            "https://client.example/jwks",
            "https://client.example:8443/a/b?c=d",
            "https://CLIENT.example",
            "HTTPS://client.example/jwks",
            "https://xn--bcher-kva.example/jwks",
            "https://under_score.example/jwks",
            "https://1password.example/jwks",
            "https://0x7f.example/jwks",
            "https://127.0.0.1.example/jwks",
            "https://localhost/jwks", // its address decides
            "https://intranet/jwks",
        ];
        for uri in names {
            assert!(parse(uri, false).is_ok(), "{uri}");
        }
        let refused = [
            // no URI with a host
            ("", "not a valid URI"),
            ("jwks", "https://"),
            ("/jwks", "https://"),
            ("//client.example/jwks", "https://"),
            ("https://", "not a valid URI"),
            ("https:///jwks", "not a valid URI"),
            ("https:/client.example", "not a valid URI"),
            ("https://client.example/a b", "not a valid URI"),
            ("https://client.example/ü", "RFC 3986"),
            ("https://client.example/%zz", "RFC 3986"),
            ("https://client.example/jwks#keys", "RFC 3986"),
            ("https://client.example:99999/", "RFC 3986"),
            ("https://client.example:/", "RFC 3986"),
            ("https://:443/", "RFC 3986"),
            // another scheme
            ("http://client.example/jwks", "https://"),
            ("ftp://client.example/jwks", "https://"),
            ("file:///etc/passwd", ""),
            ("data:application/json,{}", ""),
            ("gopher://client.example/", "https://"),
            // userinfo (RFC 3986 §3.2.1)
            ("https://user@client.example/", "user"),
            ("https://user:canary@client.example/", "user"),
            ("https://client.example@10.0.0.1/", "user"),
            // addresses
            ("https://127.0.0.1/", "IP address"),
            ("https://8.8.8.8/", "IP address"),
            ("https://8.8.8.8:8443/", "IP address"),
            ("https://[::1]/", "IP address"),
            ("https://[2606:4700::1111]/", "IP address"),
            ("https://[::ffff:127.0.0.1]:443/", "IP address"),
            ("https://[fe80::1%25eth0]/", ""),
            // what inet_aton reads as one
            ("https://2130706433/", "IP address"),
            ("https://017700000001/", "IP address"),
            ("https://0x7f000001/", "IP address"),
            ("https://0X7F000001/", "IP address"),
            ("https://0x/", "IP address"),
            ("https://0x7f.1/", "IP address"),
            ("https://127.1/", "IP address"),
            ("https://127.0.1/", "IP address"),
            ("https://0177.0.0.01/", "IP address"),
            ("https://127.0.0.0x1/", "IP address"),
            ("https://0/", "IP address"),
            ("https://999.999.999.999/", "IP address"),
            ("https://127.0.0.1./", "IP address"),
            ("https://2130706433./", "IP address"),
            ("https://client.example.1/", "IP address"),
            // no names
            ("https://client.example./", "dot"),
            ("https://client..example/", "RFC 1123"),
            ("https://.example/", "RFC 1123"),
            ("https://-client.example/", "RFC 1123"),
            ("https://client!.example/", "RFC 1123"),
            ("https://%31%32%37.0.0.1/", ""),
            ("https://client%2eexample/", ""),
            ("https://127。0。0。1/", ""),
            ("https://①②⑦.0.0.1/", ""),
        ];
        for (uri, wanted) in refused {
            let error = parse(uri, false).err().expect(uri);
            assert!(error.is_refused(), "{uri}: {error}");
            let error = error.to_string();
            assert!(error.starts_with("`client_id` "), "{uri}: {error}");
            assert!(error.contains(wanted), "{uri}: {error}");
            assert!(!error.contains("canary"), "{uri}: {error}");
        }
        let long_label = format!("https://{}.example/", "a".repeat(64));
        let long_name = format!("https://{}example/", "a.".repeat(130));
        for uri in [long_label, long_name] {
            assert!(parse(&uri, false).is_err(), "{uri}");
        }
    }

    #[test]
    fn the_switch_allows_http_and_loopback_addresses_and_nothing_else() {
        for uri in [
            "http://client.example/",
            "http://localhost:3000/",
            "http://127.0.0.1:3000/",
            "http://127.255.255.254/",
            "http://[::1]:3000/",
            "https://[::1]/",
        ] {
            assert!(parse(uri, true).is_ok(), "{uri}");
        }
        for uri in [
            "ftp://127.0.0.1/",
            "http://10.0.0.1/",
            "http://8.8.8.8/",
            "http://0.0.0.0/",
            "http://[::]/",
            "http://[::ffff:127.0.0.1]/",
            "http://127.1/",
            "http://127.0.0.1./",
            "http://2130706433/",
            "http://localhost./",
            "http://user@127.0.0.1/",
        ] {
            assert!(parse(uri, true).is_err(), "{uri}");
        }
    }
}
