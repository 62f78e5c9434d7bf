//! An error response for inner services.

use std::{borrow::Cow, fmt, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode, header};

use super::{
    error_code::{ErrorCode, within_description_set, within_uri_set},
    headers, json,
};

/// An error answer of an inner service, with the status, the headers and the
/// JSON body of [RFC 6749 §5.2].
///
/// With feature `axum` it is an `IntoResponse`; elsewhere [`into_http`] makes
/// an [`http::Response`] of it.
///
/// ```
/// use bytes::Bytes;
/// use tower_token_endpoint::{ErrorCode, TokenError};
///
/// let answer = TokenError::new(ErrorCode::InvalidGrant)
///     .description("the code was used before: start again at the authorization endpoint")
///     .into_http::<Bytes>();
///
/// assert_eq!(answer.status(), 400);
/// assert_eq!(answer.headers()["cache-control"], "no-store");
/// ```
///
/// [RFC 6749 §5.2]: https://www.rfc-editor.org/rfc/rfc6749#section-5.2
/// [`into_http`]: Self::into_http
#[derive(Clone, Debug)]
pub struct TokenError {
    code: ErrorCode,
    description: Option<Cow<'static, str>>,
    uri: Option<Cow<'static, str>>,
    realm: Option<Cow<'static, str>>,
    retry_after: Option<Duration>,
}

impl TokenError {
    /// An answer with this code and nothing else.
    #[must_use]
    pub const fn new(code: ErrorCode) -> Self {
        Self {
            code,
            description: None,
            uri: None,
            realm: None,
            retry_after: None,
        }
    }

    /// Sets `error_description`, a text for the client's developer.
    ///
    /// **Default: none.** RFC 6749 §5.2 allows printable ASCII without `"` and
    /// `\`; `"` is sent as `'` and any other character outside the set as `?`.
    #[must_use]
    pub fn description(mut self, description: impl Into<Cow<'static, str>>) -> Self {
        self.description = Some(within_description_set(description.into()));
        self
    }

    /// Sets `error_uri`, the address of a page about this error.
    ///
    /// **Default: none.** Characters that RFC 6749 §5.2 does not allow in a URI
    /// are percent-encoded.
    #[must_use]
    pub fn uri(mut self, uri: impl Into<Cow<'static, str>>) -> Self {
        self.uri = Some(within_uri_set(uri.into()));
        self
    }

    /// Sets the realm of the challenge that goes with a 401.
    ///
    /// **Default: `token endpoint`.** Only [`ErrorCode::InvalidClient`] sends one
    /// (RFC 9110 §11.6.1, RFC 7617 §2), whatever the layer's
    /// [`challenge`](crate::TokenEndpointLayer::challenge) is.
    #[must_use]
    pub fn realm(mut self, realm: impl Into<Cow<'static, str>>) -> Self {
        self.realm = Some(realm.into());
        self
    }

    /// Sends `Retry-After`, in whole seconds rounded up (RFC 9110 §10.2.3).
    ///
    /// **Default: none.**
    #[must_use]
    pub const fn retry_after(mut self, delay: Duration) -> Self {
        self.retry_after = Some(delay);
        self
    }

    /// The code of this error.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        self.code
    }

    /// Renders the answer.
    #[must_use]
    pub fn into_http<B: From<Bytes>>(self) -> Response<B> {
        let body = json::error_body(
            self.code,
            self.description.as_deref().unwrap_or_default(),
            self.uri.as_deref(),
        );
        let mut response = json::response(self.code.status(), HeaderMap::new(), body);
        let headers = response.headers_mut();
        if self.code.status() == StatusCode::UNAUTHORIZED {
            let realm = self.realm.as_deref().unwrap_or("token endpoint");
            headers.insert(header::WWW_AUTHENTICATE, headers::basic_challenge(realm));
        }
        if let Some(delay) = self.retry_after {
            headers.insert(header::RETRY_AFTER, headers::retry_after(delay));
        }
        response.map(B::from)
    }
}

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
}
