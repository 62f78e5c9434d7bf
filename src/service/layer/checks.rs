//! Checks of single settings.

use std::time::Duration;

use http::Uri;

use super::config_error::Problems;
use crate::protocol::{settings::Settings, uri::is_http_url};

/// Checks the settings that do not depend on others.
pub(super) fn check(
    settings: &Settings,
    [error_uri, error_uri_base]: [Option<&str>; 2],
    problems: &mut Problems,
) {
    let mut ensure = |holds: bool, setting, value: &str, wanted| {
        if !holds {
            problems.add(setting, value, wanted);
        }
    };
    let issuer = &*settings.issuer;
    ensure(is_issuer(issuer), "issuer", issuer, ISSUER);
    if let Some(path) = settings.location.path.as_deref() {
        ensure(is_path(path), "path", path, PATH);
    }
    if let (Some(paths), Some(path)) = (&settings.location.paths, &settings.location.path) {
        ensure(paths.includes(path), "path_where", path, PATH_WHERE);
    }
    if let Some(url) = settings.location.url.as_deref() {
        ensure(is_http_url(url), "endpoint_url", url, ENDPOINT_URL);
    }
    let deadline = settings.deadline;
    let shown = format!("{deadline:?}");
    ensure(!deadline.is_zero(), "deadline", &shown, DEADLINE);
    let limit = settings.body_limit;
    let is_limit = u32::try_from(limit).is_ok_and(|limit| limit > 0);
    ensure(is_limit, "body_limit", &limit.to_string(), BODY_LIMIT);
    if let Some(uri) = error_uri {
        ensure(is_http_url(uri), "error_uri", uri, ERROR_URI);
    }
    if let Some(base) = error_uri_base {
        let is_base = is_http_url(base) && !base.contains('?');
        ensure(is_base, "error_uri_base", base, ERROR_URI_BASE);
        let is_only = error_uri.is_none();
        ensure(is_only, "error_uri_base", base, ERROR_URI_TWICE);
    }
    let delay = settings.responses.retry_after;
    let is_delay = !delay.is_zero() && delay <= DAY;
    ensure(is_delay, "retry_after", &format!("{delay:?}"), RETRY_AFTER);
}

const ISSUER: &str =
    "must be a URL such as https://as.example.com, without query and fragment (RFC 8414 §2)";
const PATH: &str = "must be the path of a URL as clients send it, such as /token";
const PATH_WHERE: &str =
    "must return true for the path that is set with `path`, or that path must not be set";
const ENDPOINT_URL: &str = "must be an http or https URL such as https://as.example.com/token, without user, password and \
     fragment (RFC 6749 §3.2)";
const DEADLINE: &str = "must be longer than zero";
const BODY_LIMIT: &str = "must be a number of bytes from 1 to 4294967295";
const ERROR_URI: &str = "must be the http or https URL of a page about the errors, without user, password and fragment \
     (RFC 6749 §5.2)";
const ERROR_URI_BASE: &str = "must be an http or https URL such as https://as.example.com/errors, without user, password, query \
     and fragment: the error code is added to it (RFC 6749 §5.2)";
const ERROR_URI_TWICE: &str = "must not be set together with error_uri: keep one of them";
const RETRY_AFTER: &str = "must be longer than zero, and at most one day";

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Whether it is an issuer identifier: a URL without query or fragment (RFC 8414 §2). Plain
/// `http` is for development and for loopback addresses.
fn is_issuer(issuer: &str) -> bool {
    is_http_url(issuer) && !issuer.contains('?')
}

fn is_path(path: &str) -> bool {
    path.starts_with('/') && path.parse::<Uri>().is_ok_and(|uri| uri.path() == path)
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
            assert!(is_issuer(good), "{good}");
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
            assert!(!is_issuer(bad), "{bad}");
        }
    }

    #[test]
    fn a_path_is_what_a_request_can_have() {
        for good in ["/", "/token", "/oauth2/v1/token", "/t%C3%B6ken"] {
            assert!(is_path(good), "{good}");
        }
        for bad in [
            "",
            "token",
            "/token?a",
            "/token#a",
            "/to ken",
            "https://a.example/token",
        ] {
            assert!(!is_path(bad), "{bad}");
        }
    }
}
