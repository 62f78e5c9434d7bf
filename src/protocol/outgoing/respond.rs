//! The one way out: how a rejection becomes a response, and what is added to the
//! response of the inner service.

use std::{borrow::Cow, fmt, mem, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header, request::Parts};

use super::{
    error_code::ErrorCode,
    error_response::ErrorResponse,
    headers::{self, DPOP_NONCE},
    json,
    token_error::SentError,
};
use crate::protocol::{
    outcome::Outcome, reason::AUTHENTICATION_FAILED, rejection::Rejection, trace_id::TraceId,
};

/// Setting that decides which failed authentications get a challenge, the header
/// `WWW-Authenticate` (RFC 9110 §11.6.1).
///
/// Set it with [`challenge`](crate::layer::TokenEndpointLayerBuilder::challenge):
///
/// ```
/// use tower_token_endpoint::{MemoryClientStore, TokenEndpointLayer, layer::Challenge};
///
/// # let clients = MemoryClientStore::from_json(b"[]")?;
/// let layer = TokenEndpointLayer::builder(clients, "https://as.example.com")
///     .challenge(Challenge::OnlyForHeader)
///     .build()?;
/// # Ok::<_, tower_token_endpoint::BoxError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Challenge {
    /// Every failed authentication gets a 401 with a challenge, as RFC 9110 §15.5.2
    /// requires of every 401.
    Always,
    /// A failed authentication gets a challenge only if the request has an
    /// `Authorization` header, as RFC 6749 §5.2 requires. Without the header, the response
    /// is a 400: a challenge would make a browser ask its user for a password.
    OnlyForHeader,
}

/// The settings of responses.
#[derive(Clone, Debug)]
pub(crate) struct Responses {
    pub(crate) challenge: Challenge,
    pub(crate) retry_after: Duration,
    error_uri: ErrorUri,
    hook: Option<Hook>,
    /// Both are made once, since a 401 is the response that attackers cause most.
    challenge_header: HeaderValue,
    authentication_failed: Bytes,
}

/// The `error_uri` of responses.
#[derive(Clone, Debug)]
enum ErrorUri {
    None,
    Same(Box<str>),
    /// With the name of the error code behind it. It must not tell the cause of a 401.
    OfCode(Box<str>),
}

/// What the server adds to an error response.
#[derive(Clone)]
pub(crate) struct Hook(pub(crate) Arc<OnError>);

type OnError = dyn Fn(&Rejection, &Parts, &mut ErrorResponse) + Send + Sync;

impl fmt::Debug for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hook")
    }
}

impl Responses {
    pub(crate) fn new(realm: &str) -> Self {
        Self {
            challenge: Challenge::Always,
            retry_after: Duration::from_secs(5),
            error_uri: ErrorUri::None,
            hook: None,
            challenge_header: headers::basic_challenge(realm),
            authentication_failed: authentication_failed(None),
        }
    }

    pub(crate) fn set_error_uri(&mut self, uri: &str) {
        self.error_uri = ErrorUri::Same(uri.into());
        self.make_authentication_failed();
    }

    pub(crate) fn set_error_uri_base(&mut self, base: &str) {
        self.error_uri = ErrorUri::OfCode(base.trim_end_matches('/').into());
        self.make_authentication_failed();
    }

    pub(crate) fn set_hook(&mut self, hook: Hook) {
        self.hook = Some(hook);
    }

    fn make_authentication_failed(&mut self) {
        let uri = self.error_uri(ErrorCode::InvalidClient);
        self.authentication_failed = authentication_failed(uri.as_deref());
    }

    fn error_uri(&self, code: ErrorCode) -> Option<Cow<'_, str>> {
        match &self.error_uri {
            ErrorUri::None => None,
            ErrorUri::Same(uri) => Some(Cow::Borrowed(uri)),
            ErrorUri::OfCode(base) => Some(format!("{base}/{code}").into()),
        }
    }

    /// Makes the response to a refused request, with the outcome if it is reported. It reuses the
    /// memory of the headers and extensions of the request. `random` is asked for a number only if
    /// the client should come back later.
    #[inline]
    pub(crate) fn reject(
        &self,
        rejection: Rejection,
        outcome: Option<Outcome>,
        request: &mut Parts,
        random: impl FnOnce() -> u64,
    ) -> Response<Bytes> {
        let row = rejection.reason().row();
        let status = self.status(row.status, &request.headers);
        let (body, added) = if self.hook.is_some() || rejection.trace_id().is_some() {
            let response = self.extended(row.code, &rejection, request);
            (response.body(rejection.trace_id()), Some(response))
        } else {
            (self.body(row.code, &rejection), None)
        };
        let length = body.len();
        let mut response = json::response(status, mem::take(&mut request.headers), body);
        let headers = response.headers_mut();
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, self.challenge_header.clone());
        } else if status == StatusCode::METHOD_NOT_ALLOWED {
            headers.insert(header::ALLOW, HeaderValue::from_static("POST"));
        }
        if let Some(delay) = self.delay(status, &rejection) {
            let delay = headers::retry_after_spread(delay, random());
            headers.insert(header::RETRY_AFTER, delay);
        }
        if let Some(nonce) = rejection.dpop_nonce() {
            headers.insert(DPOP_NONCE, nonce.clone());
        }
        if let Some(added) = added {
            for (name, value) in added.headers() {
                let _ = headers.try_append(name, value.clone());
            }
        }
        if request.method == Method::HEAD {
            // No body (RFC 9110 §9.3.2), which HTTP/2 would send, but the length of the
            // body for another method (§8.6).
            headers.insert(header::CONTENT_LENGTH, length.into());
            *response.body_mut() = Bytes::new();
        }
        let mut extensions = mem::take(&mut request.extensions);
        extensions.clear();
        extensions.insert(rejection);
        if let Some(outcome) = outcome {
            extensions.insert(outcome);
        }
        *response.extensions_mut() = extensions;
        response
    }

    fn status(&self, status: StatusCode, request: &HeaderMap) -> StatusCode {
        let is_challenged = match self.challenge {
            Challenge::Always => true,
            Challenge::OnlyForHeader => request.contains_key(header::AUTHORIZATION),
        };
        match status {
            StatusCode::UNAUTHORIZED if !is_challenged => StatusCode::BAD_REQUEST,
            status => status,
        }
    }

    fn body(&self, code: ErrorCode, rejection: &Rejection) -> Bytes {
        if code == ErrorCode::InvalidClient {
            return self.authentication_failed.clone();
        }
        json::error_body(
            code,
            &rejection.description(),
            self.error_uri(code).as_deref(),
        )
    }

    /// A response with more than RFC 6749 §5.2 defines.
    #[inline(never)]
    fn extended(&self, code: ErrorCode, rejection: &Rejection, request: &Parts) -> ErrorResponse {
        let mut response = ErrorResponse::new(code, rejection.description(), self.own_uri(code));
        if let Some(Hook(hook)) = &self.hook {
            hook(rejection, request, &mut response);
        }
        response
    }

    fn own_uri(&self, code: ErrorCode) -> Option<Cow<'static, str>> {
        self.error_uri(code).map(|uri| Cow::Owned(uri.into_owned()))
    }

    /// The body of an error of the inner service with what the layer adds to it. `None` if that is
    /// nothing.
    pub(crate) fn body_of_inner(
        &self,
        error: &SentError,
        trace_id: Option<&TraceId>,
    ) -> Option<Bytes> {
        let adds_uri = error.uri.is_none() && !matches!(self.error_uri, ErrorUri::None);
        if trace_id.is_none() && !adds_uri {
            return None;
        }
        let uri = error.uri.clone().or_else(|| self.own_uri(error.code));
        let description = error.description.clone().unwrap_or_default();
        Some(ErrorResponse::new(error.code, description, uri).body(trace_id))
    }

    /// How long the client should wait, for `Retry-After`.
    fn delay(&self, status: StatusCode, rejection: &Rejection) -> Option<Duration> {
        let may_come_back = [
            StatusCode::SERVICE_UNAVAILABLE,
            StatusCode::TOO_MANY_REQUESTS,
        ];
        may_come_back
            .contains(&status)
            .then(|| rejection.retry_after().unwrap_or(self.retry_after))
    }
}

/// Adds the headers that keep the response of the inner service out of caches, if they are
/// absent (RFC 6749 §5.1).
pub(crate) fn complete(headers: &mut HeaderMap) {
    // Comparing the few names is cheaper than hashing two.
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

/// Tells the client its next nonce (RFC 9449 §8.2), unless the inner service tells another one.
pub(crate) fn offer_nonce(headers: &mut HeaderMap, nonce: &HeaderValue) {
    if !headers.contains_key(DPOP_NONCE) {
        let _ = headers.try_insert(DPOP_NONCE, nonce.clone());
    }
}

fn authentication_failed(error_uri: Option<&str>) -> Bytes {
    json::error_body(ErrorCode::InvalidClient, AUTHENTICATION_FAILED, error_uri)
}
