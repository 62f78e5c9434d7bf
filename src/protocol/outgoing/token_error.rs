//! Error response of an inner service (RFC 6749 §5.2).

use std::{borrow::Cow, fmt, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};

use super::{
    error_code::{ErrorCode, within_description_set, within_uri_set},
    headers, json,
};

/// Error response of an inner service, with the status, the headers and the JSON
/// body of [RFC 6749 §5.2].
///
/// With feature `axum`, it implements `IntoResponse`, so a handler can return it. Without
/// axum, [`into_http`] returns an [`http::Response`].
///
/// ```
/// use bytes::Bytes;
/// use tower_token_endpoint::{ErrorCode, TokenError};
///
/// let response = TokenError::new(ErrorCode::InvalidGrant)
///     .description("the code was used before: start again at the authorization endpoint")
///     .into_http::<Bytes>();
///
/// assert_eq!(response.status(), 400);
/// assert_eq!(response.headers()["cache-control"], "no-store");
/// ```
///
/// [RFC 6749 §5.2]: https://www.rfc-editor.org/rfc/rfc6749#section-5.2
/// [`into_http`]: Self::into_http
/// [`http::Response`]: https://docs.rs/http/1/http/response/struct.Response.html
#[derive(Clone, Debug)]
#[must_use = "an error does nothing until it is returned"]
pub struct TokenError {
    code: ErrorCode,
    status: StatusCode,
    description: Option<Cow<'static, str>>,
    uri: Option<Cow<'static, str>>,
    realm: Option<Cow<'static, str>>,
    retry_after: Option<Duration>,
    /// Boxed, so that a `Result` with this error stays small.
    headers: Option<Box<HeaderMap>>,
}

impl TokenError {
    /// Makes an error with this code, and with the status of the code.
    pub fn new(code: ErrorCode) -> Self {
        Self {
            code,
            status: code.status(),
            description: None,
            uri: None,
            realm: None,
            retry_after: None,
            headers: None,
        }
    }

    /// Sets the status of the response.
    ///
    /// **Default: the [status of the code](ErrorCode::status)** (RFC 6749 §5.2). These
    /// statuses can be set:
    ///
    /// | code | statuses |
    /// |---|---|
    /// | `invalid_request` | any 4xx except 401, such as 413 or 429 |
    /// | `invalid_client` | 400, 401 |
    /// | `access_denied` | 400, 403 |
    /// | `server_error` | any 5xx, such as 502 |
    /// | `temporarily_unavailable` | 429, 503 |
    /// | any other | 400 |
    ///
    /// Any other status is a bug in the server. The client must not take it for a success or
    /// for its own error. Therefore the response is then a 500 with the code `server_error`,
    /// and its description says why.
    ///
    /// ```
    /// use std::time::Duration;
    /// use bytes::Bytes;
    /// use http::StatusCode;
    /// use tower_token_endpoint::{ErrorCode, TokenError};
    ///
    /// let response = TokenError::new(ErrorCode::TemporarilyUnavailable)
    ///     .status(StatusCode::TOO_MANY_REQUESTS)
    ///     .retry_after(Duration::from_secs(30))
    ///     .into_http::<Bytes>();
    ///
    /// assert_eq!(response.status(), 429);
    /// assert_eq!(response.headers()["retry-after"], "30");
    /// ```
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// Sets `error_description`, a text for the client's developer.
    ///
    /// **Default: none.** RFC 6749 §5.2 allows only printable ASCII without `"` and `\`.
    /// `"` is sent as `'`, and any other character that is not allowed is sent as `?`.
    pub fn description(mut self, description: impl Into<Cow<'static, str>>) -> Self {
        self.description = Some(within_description_set(description.into()));
        self
    }

    /// Sets `error_uri`, the URL of a page about this error.
    ///
    /// **Default: none.** Characters that RFC 6749 §5.2 does not allow in a URI
    /// are percent-encoded.
    pub fn uri(mut self, uri: impl Into<Cow<'static, str>>) -> Self {
        self.uri = Some(within_uri_set(uri.into()));
        self
    }

    /// Sets the realm of the challenge (`WWW-Authenticate`). Only a 401 has a challenge.
    ///
    /// **Default: `token endpoint`.** The layer itself sends the issuer as the realm. The
    /// layer's [`challenge`](crate::layer::TokenEndpointLayerBuilder::challenge) does not
    /// change this response.
    ///
    /// RFC 9110 §11.6.1, RFC 7617 §2.
    pub fn realm(mut self, realm: impl Into<Cow<'static, str>>) -> Self {
        self.realm = Some(realm.into());
        self
    }

    /// Sets the header `Retry-After`, which is rounded up to whole seconds.
    ///
    /// **Default: none.**
    ///
    /// RFC 9110 §10.2.3.
    pub fn retry_after(mut self, delay: Duration) -> Self {
        self.retry_after = Some(delay);
        self
    }

    /// Adds a header, such as `DPoP-Nonce` (RFC 9449 §8).
    ///
    /// **Default: none.** A header that is added twice is sent twice. The headers that
    /// this type sends itself cannot be changed: `Content-Type`, `Cache-Control`, `Pragma`,
    /// the length and the encoding of the body and, if
    /// [`retry_after`](Self::retry_after) was set, `Retry-After`. A `WWW-Authenticate` is
    /// sent after the challenge of a 401.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use http::{HeaderName, HeaderValue};
    /// use tower_token_endpoint::{ErrorCode, TokenError};
    ///
    /// let name = HeaderName::from_static("dpop-nonce");
    /// let nonce = HeaderValue::from_static("eyJ7S_zG.eyJH0-Z.HX4w-7v");
    /// let response = TokenError::new(ErrorCode::UseDpopNonce)
    ///     .header(name, nonce)
    ///     .into_http::<Bytes>();
    ///
    /// assert_eq!(response.headers()["dpop-nonce"], "eyJ7S_zG.eyJH0-Z.HX4w-7v");
    /// ```
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        if !OWN_HEADERS.contains(&name) {
            let headers = self.headers.get_or_insert_default();
            // If there are more headers than a map can hold, the first ones are sent.
            let _ = headers.try_append(name, value);
        }
        self
    }

    /// Returns the code of this error.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        self.code
    }

    /// Converts the error into a response.
    #[must_use]
    pub fn into_http<B: From<Bytes>>(self) -> Response<B> {
        if !self.code.has_status(self.status) {
            return Self::new(ErrorCode::ServerError)
                .description("the server set a status that its error code does not have")
                .into_http();
        }
        let body = json::error_body(
            self.code,
            self.description.as_deref().unwrap_or_default(),
            self.uri.as_deref(),
        );
        let mut response = json::response(self.status, HeaderMap::new(), body);
        response.extensions_mut().insert(SentError {
            code: self.code,
            description: self.description.clone(),
            uri: self.uri.clone(),
        });
        let headers = response.headers_mut();
        if self.status == StatusCode::UNAUTHORIZED {
            let realm = self.realm.as_deref().unwrap_or("token endpoint");
            headers.insert(header::WWW_AUTHENTICATE, headers::basic_challenge(realm));
        }
        let added = self.headers.as_deref().into_iter().flatten();
        for (name, value) in added {
            let _ = headers.try_append(name, value.clone());
        }
        if let Some(delay) = self.retry_after {
            headers.insert(header::RETRY_AFTER, headers::retry_after(delay));
        }
        response.map(B::from)
    }
}

/// What a layer outside needs to know of an error: it may write the body once more.
#[derive(Clone, Debug)]
pub(crate) struct SentError {
    pub(crate) code: ErrorCode,
    pub(crate) description: Option<Cow<'static, str>>,
    pub(crate) uri: Option<Cow<'static, str>>,
}

/// The headers that an error response has by itself.
pub(super) const OWN_HEADERS: [HeaderName; 6] = [
    header::CONTENT_TYPE,
    header::CACHE_CONTROL,
    header::PRAGMA,
    header::CONTENT_LENGTH,
    header::CONTENT_ENCODING,
    header::TRANSFER_ENCODING,
];

impl From<ErrorCode> for TokenError {
    fn from(code: ErrorCode) -> Self {
        Self::new(code)
    }
}

impl From<TokenError> for Response<Bytes> {
    fn from(error: TokenError) -> Self {
        error.into_http()
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.description {
            Some(description) => write!(f, "{}: {description}", self.code),
            None => f.write_str(self.code.as_str()),
        }
    }
}

impl std::error::Error for TokenError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_the_name_and_status_of_its_rfc() {
        let rows = [
            (ErrorCode::InvalidRequest, "invalid_request", 400),
            (ErrorCode::InvalidClient, "invalid_client", 401),
            (ErrorCode::InvalidGrant, "invalid_grant", 400),
            (ErrorCode::UnauthorizedClient, "unauthorized_client", 400),
            (
                ErrorCode::UnsupportedGrantType,
                "unsupported_grant_type",
                400,
            ),
            (ErrorCode::InvalidScope, "invalid_scope", 400),
            (
                ErrorCode::AuthorizationPending,
                "authorization_pending",
                400,
            ),
            (ErrorCode::SlowDown, "slow_down", 400),
            (ErrorCode::AccessDenied, "access_denied", 400),
            (ErrorCode::ExpiredToken, "expired_token", 400),
            (
                ErrorCode::UnsupportedTokenType,
                "unsupported_token_type",
                400,
            ),
            (ErrorCode::InvalidTarget, "invalid_target", 400),
            (ErrorCode::InvalidDpopProof, "invalid_dpop_proof", 400),
            (ErrorCode::UseDpopNonce, "use_dpop_nonce", 400),
            (
                ErrorCode::InvalidAuthorizationDetails,
                "invalid_authorization_details",
                400,
            ),
            (
                ErrorCode::UnsupportedResponseType,
                "unsupported_response_type",
                400,
            ),
            (
                ErrorCode::InvalidRequestObject,
                "invalid_request_object",
                400,
            ),
            (ErrorCode::RequestNotSupported, "request_not_supported", 400),
            (
                ErrorCode::ExpiredLoginHintToken,
                "expired_login_hint_token",
                400,
            ),
            (ErrorCode::UnknownUserId, "unknown_user_id", 400),
            (ErrorCode::MissingUserCode, "missing_user_code", 400),
            (ErrorCode::InvalidUserCode, "invalid_user_code", 400),
            (
                ErrorCode::InvalidBindingMessage,
                "invalid_binding_message",
                400,
            ),
            (ErrorCode::ServerError, "server_error", 500),
            (
                ErrorCode::TemporarilyUnavailable,
                "temporarily_unavailable",
                503,
            ),
        ];
        for (code, name, status) in rows {
            let answer = TokenError::new(code).into_http::<Bytes>();
            assert_eq!(answer.status(), status, "{name}");
            assert_eq!(answer.body(), &format!(r#"{{"error":"{name}"}}"#));
            assert_eq!(answer.headers()["content-type"], "application/json");
            assert_eq!(answer.headers()["cache-control"], "no-store");
            assert_eq!(answer.headers()["pragma"], "no-cache");
            let is_challenged = answer.headers().contains_key("www-authenticate");
            assert_eq!(is_challenged, status == 401, "{name}");
        }
    }

    #[test]
    fn a_status_that_the_code_has_is_sent_and_any_other_is_a_500() {
        let rows: [(ErrorCode, &[u16], &[u16]); 8] = [
            (
                ErrorCode::InvalidRequest,
                &[400, 403, 408, 413, 415, 429, 499],
                &[200, 302, 401, 500, 503],
            ),
            (ErrorCode::InvalidClient, &[400, 401], &[200, 403, 429, 503]),
            (ErrorCode::InvalidGrant, &[400], &[100, 200, 401, 429, 500]),
            (ErrorCode::SlowDown, &[400], &[429, 503]),
            (ErrorCode::AccessDenied, &[400, 403], &[200, 401, 404]),
            (ErrorCode::UnknownUserId, &[400], &[403, 404]),
            (
                ErrorCode::ServerError,
                &[500, 502, 503, 599],
                &[200, 400, 429],
            ),
            (
                ErrorCode::TemporarilyUnavailable,
                &[429, 503],
                &[200, 400, 500],
            ),
        ];
        for (code, statuses, others) in rows {
            for &number in statuses {
                let status = StatusCode::from_u16(number).expect("a status");
                let response = TokenError::new(code).status(status).into_http::<Bytes>();
                assert_eq!(response.status(), number, "{code}");
                assert_eq!(response.body(), &format!(r#"{{"error":"{code}"}}"#));
                let is_challenged = response.headers().contains_key("www-authenticate");
                assert_eq!(is_challenged, number == 401, "{code} {number}");
            }
            for &number in others {
                let status = StatusCode::from_u16(number).expect("a status");
                let response = TokenError::new(code).status(status).into_http::<Bytes>();
                assert_eq!(response.status(), 500, "{code} {number}");
                assert!(response.body().starts_with(br#"{"error":"server_error","#));
            }
        }
    }

    #[test]
    fn a_header_is_sent_unless_it_is_one_of_the_responses_own() {
        let name = |name| HeaderName::from_bytes(name).expect("a name");
        let mut error = TokenError::new(ErrorCode::InvalidClient).retry_after(Duration::ZERO);
        for (header, value) in [
            (&b"content-type"[..], "text/html"),
            (b"Cache-Control", "public"),
            (b"pragma", "x"),
            (b"content-length", "1"),
            (b"transfer-encoding", "chunked"),
            (b"content-encoding", "gzip"),
            (b"retry-after", "9"),
            (b"www-authenticate", "DPoP algs=\"ES256\""),
            (b"x-request-id", "1"),
            (b"x-request-id", "2"),
        ] {
            error = error.header(name(header), HeaderValue::from_static(value));
        }
        let response = error.into_http::<Bytes>();
        let values = |name| -> Vec<_> {
            let values = response.headers().get_all(name).iter();
            values
                .map(|value| value.to_str().expect("a text"))
                .collect()
        };
        assert_eq!(values("content-type"), ["application/json"]);
        assert_eq!(values("cache-control"), ["no-store"]);
        assert_eq!(values("pragma"), ["no-cache"]);
        assert_eq!(values("retry-after"), ["1"]);
        assert_eq!(values("x-request-id"), ["1", "2"]);
        assert_eq!(
            values("www-authenticate"),
            [
                "Basic realm=\"token endpoint\", charset=\"UTF-8\"",
                "DPoP algs=\"ES256\""
            ]
        );
        for absent in ["content-length", "transfer-encoding", "content-encoding"] {
            assert!(values(absent).is_empty(), "{absent}");
        }
    }

    #[test]
    fn an_error_is_displayed_as_its_code_and_its_description() {
        let error = TokenError::new(ErrorCode::InvalidGrant);
        assert_eq!(error.to_string(), "invalid_grant");
        let error = error.description("The code is expired.");
        assert_eq!(error.to_string(), "invalid_grant: The code is expired.");
    }

    #[test]
    fn a_response_is_made_of_an_error() {
        let response = Response::from(TokenError::new(ErrorCode::InvalidGrant));
        assert_eq!(response.status(), 400);
        assert_eq!(response.body(), r#"{"error":"invalid_grant"}"#);
    }

    #[test]
    fn a_result_with_an_error_stays_small() {
        assert!(size_of::<TokenError>() <= 128);
    }
}
