//! Which redirection URIs a client may use.

use super::Client;

impl Client {
    /// Returns whether the client is registered for this redirection URI.
    ///
    /// The URI is compared byte for byte (RFC 9700 §2.1). One part may differ: a program on the user's
    /// machine does not know its port in advance, so for `http` URIs of the hosts `127.0.0.1`, `[::1]` and
    /// `localhost` any port is as good as the registered one, or as none (RFC 8252 §7.3).
    ///
    /// Strangers write documents. So for a client [from a document](Self::is_from_document), a registered URI is
    /// allowed only if it is `https`, `http` of one of these hosts (RFC 9700 §2.6), or of the scheme of an app, which
    /// has a period (RFC 8252 §7.1).
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
        let is_safe = without_port.is_some() || is_of_site_or_app(uri);
        if self.is_from_document() && !is_safe {
            return false;
        }
        self.redirect_uris().iter().any(|registered| {
            registered == uri
                || without_port.is_some() && without_port == without_loopback_port(registered)
        })
    }
}

fn is_of_site_or_app(uri: &str) -> bool {
    let scheme = uri.split_once(':').map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("https") || scheme.contains('.'))
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

    #[test]
    fn a_document_may_send_a_code_only_to_https_this_machine_or_an_app() {
        let url = "https://a.example/client";
        let allows = |uri: &str| {
            let document = serde_json::json!({"client_id": url, "redirect_uris": [uri]});
            let client = Client::from_document(url, document.to_string().as_bytes());
            client.expect(uri).allows_redirect_uri(uri)
        };
        for good in [
            "https://a.example/cb",
            "HTTPS://a.example/cb",
            "http://localhost/cb",
            "http://127.0.0.1:8080/cb",
            "http://[::1]/",
            "com.example.app:/cb",
        ] {
            assert!(allows(good), "{good}");
        }
        for bad in [
            "http://a.example/cb",
            "HTTP://localhost/cb",
            "http://localhost:80@a.example/cb",
            "http://localhost@a.example/cb",
            "http://localhost.a.example/cb",
            "http://127.0.0.2/cb",
            "file:///etc/passwd",
            "about:blank",
            "cursor://anysphere.cursor-mcp/oauth/callback",
        ] {
            assert!(!allows(bad), "{bad}");
        }
    }
}
