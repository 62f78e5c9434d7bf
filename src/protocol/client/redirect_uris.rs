//! Which redirection URIs a client may use.

use super::Client;

impl Client {
    /// Returns whether the client is registered for this redirection URI.
    ///
    /// The URI is compared byte for byte (RFC 9700 §2.1). One part may differ: a program on the user's
    /// machine does not know its port in advance, so for `http` URIs of the hosts `127.0.0.1`, `[::1]` and
    /// `localhost` any port is as good as the registered one, or as none (RFC 8252 §7.3).
    ///
    /// At the token endpoint, compare `redirect_uri` with the one of the authorization request instead
    /// (RFC 6749 §4.1.3).
    ///
    /// ```
    /// use tower_token_endpoint::{Client, client::AuthMethod};
    ///
    /// let client = Client::builder("app")
    ///     .auth_method(AuthMethod::None)
    ///     .redirect_uri("http://127.0.0.1/callback")
    ///     .build()?;
    /// assert!(client.allows_redirect_uri("http://127.0.0.1:51004/callback"));
    /// assert!(!client.allows_redirect_uri("http://127.0.0.1:51004/other"));
    /// # Ok::<_, tower_token_endpoint::BoxError>(())
    /// ```
    #[must_use]
    pub fn allows_redirect_uri(&self, uri: &str) -> bool {
        let without_port = without_loopback_port(uri);
        self.redirect_uris().iter().any(|registered| {
            registered == uri
                || without_port.is_some() && without_port == without_loopback_port(registered)
        })
    }
}

/// The host and what follows the port, for a URI of this machine. `None` for any other.
fn without_loopback_port(uri: &str) -> Option<(&str, &str)> {
    let rest = uri.strip_prefix("http://")?;
    let hosts = ["127.0.0.1", "[::1]", "localhost"].into_iter();
    let (host, rest) = hosts
        .filter_map(|host| Some((host, rest.strip_prefix(host)?)))
        .next()?;
    let rest = match rest.strip_prefix(':') {
        None => rest,
        Some(port) => {
            let end = port.bytes().take_while(u8::is_ascii_digit).count();
            let (digits, rest) = port.split_at(end);
            digits.parse::<u16>().ok()?;
            rest
        }
    };
    // Otherwise, the host goes on.
    let is_whole = rest.is_empty() || rest.starts_with(['/', '?']);
    is_whole.then_some((host, rest))
}

#[cfg(test)]
mod tests {
    use crate::{client::AuthMethod, protocol::client::Client};

    fn allows(registered: &str, uri: &str) -> bool {
        let client = Client::builder("a").auth_method(AuthMethod::None);
        let client = client.redirect_uri(registered).build().expect("a client");
        client.allows_redirect_uri(uri)
    }

    #[test]
    fn a_uri_is_compared_byte_for_byte() {
        for registered in [
            "https://client.example.org/cb",
            "https://client.example.org/cb?a=b",
            "https://client.example.org:8443/",
            "com.example.app:/cb",
            "http://localhost",
            "http://[::1]:3000/cb",
        ] {
            assert!(allows(registered, registered));
            for other in [
                format!("{registered}/"),
                format!("{registered}?"),
                format!("{registered}#a"),
                registered.to_uppercase(),
                registered[1..].to_owned(),
                format!("{registered} "),
                String::new(),
            ] {
                assert!(!allows(registered, &other), "{registered} {other}");
            }
        }
        // RFC 8252 §7.3 is about loopback addresses.
        for (registered, other) in [
            (
                "https://client.example.org/cb",
                "https://client.example.org:8443/cb",
            ),
            (
                "https://client.example.org:8443/cb",
                "https://client.example.org/cb",
            ),
            ("https://127.0.0.1/cb", "https://127.0.0.1:3000/cb"),
            ("http://192.0.2.1/cb", "http://192.0.2.1:3000/cb"),
            ("http://127.0.0.2/cb", "http://127.0.0.2:3000/cb"),
        ] {
            assert!(!allows(registered, other), "{registered} {other}");
        }
    }

    /// RFC 8252 §7.3.
    #[test]
    fn the_port_of_this_machine_may_be_any() {
        for host in ["127.0.0.1", "[::1]", "localhost"] {
            for registered in ["", ":3000", ":0"] {
                let registered = format!("http://{host}{registered}/cb?a=b");
                for port in ["", ":1", ":3000", ":65535"] {
                    let uri = format!("http://{host}{port}/cb?a=b");
                    assert!(allows(&registered, &uri), "{registered} {uri}");
                }
                for other in [
                    format!("http://{host}:65536/cb?a=b"),
                    format!("http://{host}:/cb?a=b"),
                    format!("http://{host}:+1/cb?a=b"),
                    format!("http://{host}:1a/cb?a=b"),
                    format!("http://{host}:1@evil.example/cb?a=b"),
                    format!("http://{host}@evil.example/cb?a=b"),
                    format!("http://{host}.evil.example/cb?a=b"),
                    format!("http://{host}:1.evil.example/cb?a=b"),
                    format!("http://user@{host}:1/cb?a=b"),
                    format!("https://{host}:1/cb?a=b"),
                    format!("HTTP://{host}:1/cb?a=b"),
                    format!("http://{host}:1/cb"),
                    format!("http://{host}:1/cb?a=b#c"),
                    format!("http://{host}:1/CB?a=b"),
                    format!("http://{host}:1\\/cb?a=b"),
                ] {
                    assert!(!allows(&registered, &other), "{registered} {other}");
                }
            }
        }
        let others = [
            "http://127.0.0.1:1/",
            "http://[::1]:1/",
            "http://localhost:1/",
        ];
        for (at, registered) in others.iter().enumerate() {
            for (other_at, uri) in others.iter().enumerate() {
                assert_eq!(
                    allows(registered, uri),
                    at == other_at,
                    "{registered} {uri}"
                );
            }
        }
    }
}
