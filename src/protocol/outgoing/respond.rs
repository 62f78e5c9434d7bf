//! The one way out: how a rejection becomes a response, and what is added to the
//! response of the inner service.

use std::{mem, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header, request::Parts};

use super::{error_code::ErrorCode, headers, json};
use crate::protocol::{reason::AUTHENTICATION_FAILED, rejection::Rejection};

/// Which answers carry a challenge; see
/// [`TokenEndpointLayer::challenge`](crate::TokenEndpointLayer::challenge).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Challenge {
    /// Every failed authentication is a 401 with a challenge, as RFC 9110
    /// §15.5.2 wants it of every 401.
    Always,
    /// Only where the request has an `Authorization` header, for which RFC 6749
    /// §5.2 demands it. Without the header the answer is a 400, since a
    /// browser asks its user for a password at the sight of a challenge.
    OnlyForHeader,
}

/// What the settings say about responses.
#[derive(Clone, Debug)]
pub(crate) struct Responses {
    pub(crate) challenge: Challenge,
    pub(crate) retry_after: Duration,
    error_uri: Option<Box<str>>,
    /// Both are made once, since the 401 is what an attacker causes most.
    challenge_header: HeaderValue,
    authentication_failed: Bytes,
}

impl Responses {
    pub(crate) fn new(realm: &str) -> Self {
        Self {
            challenge: Challenge::Always,
            retry_after: Duration::from_secs(5),
            error_uri: None,
            challenge_header: headers::basic_challenge(realm),
            authentication_failed: authentication_failed(None),
        }
    }

    pub(crate) fn set_error_uri(&mut self, uri: &str) {
        self.authentication_failed = authentication_failed(Some(uri));
        self.error_uri = Some(uri.into());
    }

    /// The response to a request that is refused. It reuses the memory of the
    /// request's headers and extensions.
    #[inline]
    pub(crate) fn reject(&self, rejection: Rejection, request: &mut Parts) -> Response<Bytes> {
        let status = self.status(&rejection, &request.headers);
        let body = self.body(&rejection);
        let length = body.len();
        let mut response = json::response(status, mem::take(&mut request.headers), body);
        let headers = response.headers_mut();
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, self.challenge_header.clone());
        } else if status == StatusCode::METHOD_NOT_ALLOWED {
            headers.insert(header::ALLOW, HeaderValue::from_static("POST"));
        }
        if let Some(delay) = self.delay(status) {
            headers.insert(header::RETRY_AFTER, headers::retry_after(delay));
        }
        if request.method == Method::HEAD {
            // No body (RFC 9110 §9.3.2), which HTTP/2 would send, but the length of the
            // one that another method gets (§8.6).
            headers.insert(header::CONTENT_LENGTH, length.into());
            *response.body_mut() = Bytes::new();
        }
        let mut extensions = mem::take(&mut request.extensions);
        extensions.clear();
        extensions.insert(rejection);
        *response.extensions_mut() = extensions;
        response
    }

    fn status(&self, rejection: &Rejection, request: &HeaderMap) -> StatusCode {
        let is_challenged = match self.challenge {
            Challenge::Always => true,
            Challenge::OnlyForHeader => request.contains_key(header::AUTHORIZATION),
        };
        match rejection.status() {
            StatusCode::UNAUTHORIZED if !is_challenged => StatusCode::BAD_REQUEST,
            status => status,
        }
    }

    fn body(&self, rejection: &Rejection) -> Bytes {
        let code = rejection.code();
        if code == ErrorCode::InvalidClient {
            return self.authentication_failed.clone();
        }
        json::error_body(code, &rejection.description(), self.error_uri.as_deref())
    }

    /// How long the client should wait.
    fn delay(&self, status: StatusCode) -> Option<Duration> {
        (status == StatusCode::SERVICE_UNAVAILABLE).then_some(self.retry_after)
    }
}

/// Adds to the response of the inner service what keeps it out of caches, if it says
/// nothing itself (RFC 6749 §5.1).
pub(crate) fn complete(headers: &mut HeaderMap) {
    // To look at the few names that there are is cheaper than to hash two.
    let mut says_nothing = [true, true];
    for name in headers.keys() {
        says_nothing[0] &= *name != header::CACHE_CONTROL;
        says_nothing[1] &= *name != header::PRAGMA;
    }
    if says_nothing[0] {
        headers.insert(header::CACHE_CONTROL, headers::NO_STORE);
    }
    if says_nothing[1] {
        headers.insert(header::PRAGMA, headers::NO_CACHE);
    }
}

fn authentication_failed(error_uri: Option<&str>) -> Bytes {
    json::error_body(ErrorCode::InvalidClient, AUTHENTICATION_FAILED, error_uri)
}
