//! What an OAuth endpoint says when it refuses: the registered codes, and an
//! error answer for inner services.

use std::{borrow::Cow, fmt, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode, header};

use super::answer;

/// An error code of the token, introspection and revocation endpoints, as the
/// [IANA OAuth Extensions Error Registry] spells it.
///
/// ```
/// use tower_token_endpoint::ErrorCode;
///
/// assert_eq!(ErrorCode::InvalidGrant.as_str(), "invalid_grant");
/// assert_eq!(ErrorCode::InvalidGrant.status(), 400);
/// ```
///
/// [IANA OAuth Extensions Error Registry]: https://www.iana.org/assignments/oauth-parameters/oauth-parameters.xhtml#extensions-error
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorCode {
    /// `invalid_request`, 400: "The request is missing a required parameter,
    /// includes an unsupported parameter value (other than grant type),
    /// repeats a parameter, includes multiple credentials, utilizes more than
    /// one mechanism for authenticating the client, or is otherwise malformed."
    /// ([RFC 6749 §5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2))
    InvalidRequest,
    /// `invalid_client`, 401: "Client authentication failed (e.g., unknown
    /// client, no client authentication included, or unsupported
    /// authentication method)."
    /// ([RFC 6749 §5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2))
    InvalidClient,
    /// `invalid_grant`, 400: "The provided authorization grant (e.g.,
    /// authorization code, resource owner credentials) or refresh token is
    /// invalid, expired, revoked, does not match the redirection URI used in
    /// the authorization request, or was issued to another client."
    /// ([RFC 6749 §5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2))
    InvalidGrant,
    /// `unauthorized_client`, 400: "The authenticated client is not authorized
    /// to use this authorization grant type."
    /// ([RFC 6749 §5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2))
    UnauthorizedClient,
    /// `unsupported_grant_type`, 400: "The authorization grant type is not
    /// supported by the authorization server."
    /// ([RFC 6749 §5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2))
    UnsupportedGrantType,
    /// `invalid_scope`, 400: "The requested scope is invalid, unknown,
    /// malformed, or exceeds the scope granted by the resource owner."
    /// ([RFC 6749 §5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2))
    InvalidScope,
    /// `authorization_pending`, 400: "The authorization request is still
    /// pending as the end user hasn't yet completed the user-interaction
    /// steps" ([RFC 8628 §3.5](https://www.rfc-editor.org/rfc/rfc8628#section-3.5))
    AuthorizationPending,
    /// `slow_down`, 400: "A variant of "authorization_pending", the
    /// authorization request is still pending and polling should continue, but
    /// the interval MUST be increased by 5 seconds for this and all subsequent
    /// requests." ([RFC 8628 §3.5](https://www.rfc-editor.org/rfc/rfc8628#section-3.5))
    SlowDown,
    /// `access_denied`, 400: "The authorization request was denied."
    /// ([RFC 8628 §3.5](https://www.rfc-editor.org/rfc/rfc8628#section-3.5))
    AccessDenied,
    /// `expired_token`, 400: "The "device_code" has expired, and the device
    /// authorization session has concluded."
    /// ([RFC 8628 §3.5](https://www.rfc-editor.org/rfc/rfc8628#section-3.5))
    ExpiredToken,
    /// `unsupported_token_type`, 400: "The authorization server does not
    /// support the revocation of the presented token type."
    /// ([RFC 7009 §2.2.1](https://www.rfc-editor.org/rfc/rfc7009#section-2.2.1))
    UnsupportedTokenType,
    /// `invalid_target`, 400: "The requested resource is invalid, missing,
    /// unknown, or malformed."
    /// ([RFC 8707 §2](https://www.rfc-editor.org/rfc/rfc8707#section-2))
    InvalidTarget,
    /// `invalid_dpop_proof`, 400: "If the DPoP proof is invalid, the
    /// authorization server issues an error response per Section 5.2 of
    /// \[RFC6749\] with "invalid_dpop_proof" as the value of the "error" parameter."
    /// ([RFC 9449 §5](https://www.rfc-editor.org/rfc/rfc9449#section-5))
    InvalidDpopProof,
    /// `use_dpop_nonce`, 400: "the authorization server responds to requests that
    /// do not include a nonce with an HTTP 400 (Bad Request) error response per
    /// Section 5.2 of \[RFC6749\] using "use_dpop_nonce" as the error code value."
    /// The nonce goes into the header `DPoP-Nonce`.
    /// ([RFC 9449 §8](https://www.rfc-editor.org/rfc/rfc9449#section-8))
    UseDpopNonce,
    /// `invalid_authorization_details`, 400: "The AS MUST refuse to process any
    /// unknown authorization details type or authorization details not conforming
    /// to the respective type definition."
    /// ([RFC 9396 §5](https://www.rfc-editor.org/rfc/rfc9396#section-5))
    InvalidAuthorizationDetails,
    /// `server_error`, 500: "The authorization server encountered an
    /// unexpected condition that prevented it from fulfilling the request."
    /// ([RFC 6749 §4.1.2.1](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1))
    ServerError,
    /// `temporarily_unavailable`, 503: "The authorization server is currently
    /// unable to handle the request due to a temporary overloading or
    /// maintenance of the server."
    /// ([RFC 6749 §4.1.2.1](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1))
    TemporarilyUnavailable,
}

impl ErrorCode {
    /// The code as it stands in the JSON member `error`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidScope => "invalid_scope",
            Self::AuthorizationPending => "authorization_pending",
            Self::SlowDown => "slow_down",
            Self::AccessDenied => "access_denied",
            Self::ExpiredToken => "expired_token",
            Self::UnsupportedTokenType => "unsupported_token_type",
            Self::InvalidTarget => "invalid_target",
            Self::InvalidDpopProof => "invalid_dpop_proof",
            Self::UseDpopNonce => "use_dpop_nonce",
            Self::InvalidAuthorizationDetails => "invalid_authorization_details",
            Self::ServerError => "server_error",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
        }
    }

    /// The status that an answer with this code has, unless a decision names
    /// another (405, 408, 413 and 429 have no code of their own).
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::InvalidClient => StatusCode::UNAUTHORIZED,
            Self::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
            Self::TemporarilyUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::InvalidRequest
            | Self::InvalidGrant
            | Self::UnauthorizedClient
            | Self::UnsupportedGrantType
            | Self::InvalidScope
            | Self::AuthorizationPending
            | Self::SlowDown
            | Self::AccessDenied
            | Self::ExpiredToken
            | Self::UnsupportedTokenType
            | Self::InvalidTarget
            | Self::InvalidDpopProof
            | Self::UseDpopNonce
            | Self::InvalidAuthorizationDetails => StatusCode::BAD_REQUEST,
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

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
        self.description = Some(answer::within_description_set(description.into()));
        self
    }

    /// Sets `error_uri`, the address of a page about this error.
    ///
    /// **Default: none.** Characters that RFC 6749 §5.2 does not allow in a URI
    /// are percent-encoded.
    #[must_use]
    pub fn uri(mut self, uri: impl Into<Cow<'static, str>>) -> Self {
        self.uri = Some(answer::within_uri_set(uri.into()));
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
        let body = answer::error_body(
            self.code,
            self.description.as_deref().unwrap_or_default(),
            self.uri.as_deref(),
        );
        let mut response = answer::json(self.code.status(), HeaderMap::new(), body);
        let headers = response.headers_mut();
        if self.code.status() == StatusCode::UNAUTHORIZED {
            let realm = self.realm.as_deref().unwrap_or("token endpoint");
            headers.insert(header::WWW_AUTHENTICATE, answer::basic_challenge(realm));
        }
        if let Some(delay) = self.retry_after {
            headers.insert(header::RETRY_AFTER, answer::retry_after(delay));
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
