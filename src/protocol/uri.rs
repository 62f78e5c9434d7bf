//! Checks of URIs (RFC 3986).

use std::net::{IpAddr, Ipv6Addr};

use http::{Uri, uri::Authority};

/// The URI for a log: a query may contain a secret.
pub(crate) fn without_query(uri: &str) -> &str {
    uri.split(['?', '#']).next().unwrap_or_default()
}

/// `scheme ":" rest`, with only the characters of RFC 3986.
pub(crate) fn is_absolute(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    is_scheme(scheme)
        && !rest.is_empty()
        && are_escapes_whole(rest)
        && rest
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte))
}

/// RFC 3986 §3.1.
fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// Why a client must not be sent back to this URI, and what to register instead.
///
/// Other text is accepted as it is, since it is only ever compared: a client may have
/// registered a URI with characters that RFC 3986 does not allow.
pub(crate) fn redirect_problem(uri: &str) -> Option<&'static str> {
    let Some((scheme, rest)) = uri.split_once(':').filter(|(scheme, _)| is_scheme(scheme)) else {
        return Some(
            "it has no scheme: register the whole URI, such as https://client.example.org/cb \
             (RFC 6749 §3.1.2)",
        );
    };
    let port = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(
            "it is a host and a port without a scheme: write http:// or https:// in front of it \
             (RFC 6749 §3.1.2)",
        );
    }
    if ["javascript", "data", "vbscript"]
        .map(|it| it.eq_ignore_ascii_case(scheme))
        .contains(&true)
    {
        return Some("a browser would run it as a script: register an https URI (RFC 9700 §4.1)");
    }
    uri.contains('#')
        .then_some("it has a fragment: remove the `#` and what follows it (RFC 6749 §3.1.2)")
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

/// `https`, with a host, an optional port, and no fragment.
pub(crate) fn is_https_url(url: &str) -> bool {
    is_http_url(url)
        && url
            .parse()
            .is_ok_and(|url: Uri| url.scheme_str() == Some("https"))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_url_of_this_machine_may_be_without_https() {
        for good in [
            "https://client.example.org/jwks.json",
            "https://localhost/",
            "http://localhost:8080/jwks.json",
            "http://127.0.0.1/",
            "http://127.1.2.3:80/",
            "http://[::1]:3000/",
        ] {
            assert!(is_https_or_local(good), "{good}");
        }
        for bad in [
            "http://client.example.org/jwks.json",
            "http://localhost.example.org/",
            "http://10.0.0.1/",
            "http://[2001:db8::1]/",
            "ftp://localhost/",
            "localhost",
        ] {
            assert!(!is_https_or_local(bad), "{bad}");
        }
    }

    #[test]
    fn a_client_is_not_sent_back_to_a_script_a_fragment_or_half_a_uri() {
        for good in [
            "https://a.example/cb",
            "https://a.example/cb?x=1",
            "http://localhost:8080/cb",
            "http://127.0.0.1/cb",
            "http://[::1]:3000/cb",
            "com.example.app:/oauth2redirect",
            "com.example.app:oauth2redirect",
            "myapp://callback",
            "msal0a1b2c://auth",
            "msauth.com.example.app://auth",
            "urn:ietf:wg:oauth:2.0:oob",
            "ms-appx-web://Microsoft.AAD.BrokerPlugin/0a1b",
            "https://a.example/*",
            "https://müller.example/cb",
            "https://a.example/?r=javascript:alert(1)",
            "dataprovider:/cb",
            "javascripts://cb",
        ] {
            assert_eq!(redirect_problem(good), None, "{good}");
        }
        for (bad, says) in [
            ("", "no scheme"),
            ("*", "no scheme"),
            ("/cb", "no scheme"),
            ("//a.example/cb", "no scheme"),
            ("a.example/cb", "no scheme"),
            (":", "no scheme"),
            ("://a.example", "no scheme"),
            (" https://a.example/cb", "no scheme"),
            ("1a://cb", "no scheme"),
            ("my_app://cb", "no scheme"),
            ("java\nscript:alert(1)", "no scheme"),
            ("\u{1}javascript:alert(1)", "no scheme"),
            ("localhost:8080", "host and a port"),
            ("localhost:8080/cb", "host and a port"),
            ("a.example:443?x", "host and a port"),
            ("https://a.example/cb#", "fragment"),
            ("https://a.example/#/cb", "fragment"),
            ("com.example.app:/cb#x", "fragment"),
            ("javascript:alert(1)", "script"),
            ("JavaScript:alert(1)", "script"),
            ("javascript:", "script"),
            ("data:text/html,x", "script"),
            ("DATA:text/html;base64,eA==", "script"),
            ("vbscript:msgbox", "script"),
            ("javascript://a.example/#x", "script"),
        ] {
            let problem = redirect_problem(bad).unwrap_or_else(|| panic!("{bad:?}"));
            assert!(problem.contains(says), "{bad:?}: {problem}");
        }
    }
}
