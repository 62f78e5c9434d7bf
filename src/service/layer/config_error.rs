//! What a layer cannot be set up with.

use std::fmt;

use http::Uri;

use crate::protocol::uri::is_http_url;

/// A setting that could only be a mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    setting: &'static str,
    value: String,
    wanted: &'static str,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            setting,
            value,
            wanted,
        } = self;
        write!(f, "{setting} {value:?}: it must be {wanted}")
    }
}

impl std::error::Error for ConfigError {}

/// An issuer identifier: a URL without query or fragment (RFC 8414 §2). Plain
/// `http` is for development and for issuers behind a loopback address.
pub(super) fn check_issuer(issuer: &str) -> Result<(), ConfigError> {
    const WANTED: &str =
        "a URL such as https://as.example.com, without query and fragment (RFC 8414 §2)";
    let holds = is_http_url(issuer) && !issuer.contains('?');
    ensure(holds, "issuer", issuer, WANTED)
}

pub(super) fn check_endpoint_url(url: &str) -> Result<(), ConfigError> {
    const WANTED: &str =
        "a URL such as https://as.example.com/token, without fragment (RFC 6749 §3.2)";
    ensure(is_http_url(url), "endpoint_url", url, WANTED)
}

pub(super) fn check_error_uri(uri: &str) -> Result<(), ConfigError> {
    const WANTED: &str = "the URL of a page about the errors (RFC 6749 §5.2)";
    ensure(is_http_url(uri), "error_uri", uri, WANTED)
}

pub(super) fn check_path(path: &str) -> Result<(), ConfigError> {
    const WANTED: &str = "the path of a URL as it is sent, such as /token";
    let holds = path.starts_with('/') && path.parse::<Uri>().is_ok_and(|uri| uri.path() == path);
    ensure(holds, "path", path, WANTED)
}

fn ensure(
    holds: bool,
    setting: &'static str,
    value: &str,
    wanted: &'static str,
) -> Result<(), ConfigError> {
    if holds {
        return Ok(());
    }
    Err(ConfigError {
        setting,
        value: value.to_owned(),
        wanted,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_a_url_without_query_and_fragment() {
        for good in [
            "https://as.example.com",
            "https://as.example.com/",
            "https://as.example.com:8443/tenant/1",
            "http://127.0.0.1:3000",
            "http://[::1]:3000",
        ] {
            assert_eq!(check_issuer(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "as.example.com",
            "/token",
            "urn:as",
            "ftp://as.example.com",
            "https://",
            "https://as.example.com?a=b",
            "https://as.example.com/?",
            "https://as.example.com#a",
            "https://as example.com",
            "https://ä.example.com",
            "https://as.example.com\n",
            "https://user:password@as.example.com",
            "https://as.example.com:",
            "https://as.example.com:abc",
            "https://as.example.com:99999",
            "https://[]",
            "https://[as]",
            "https://as.example.com/%zz",
            "https://as.example.com/[",
            "https://as.example.com/\"",
        ] {
            assert!(check_issuer(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_path_is_what_a_request_can_have() {
        for good in ["/", "/token", "/oauth2/v1/token", "/t%C3%B6ken"] {
            assert_eq!(check_path(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "token",
            "/token?a",
            "/token#a",
            "/to ken",
            "https://a.example/token",
        ] {
            assert!(check_path(bad).is_err(), "{bad}");
        }
    }
}
