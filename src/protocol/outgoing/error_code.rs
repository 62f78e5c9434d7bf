//! The registered error codes, and the characters of an error response.

use std::{borrow::Cow, fmt};

use http::StatusCode;

/// Error code of an OAuth 2.0 error response.
///
/// The codes are those of the endpoints at which clients authenticate ([`Endpoint`](crate::Endpoint)), as
/// the [IANA OAuth Extensions Error Registry] and OpenID Connect CIBA Core spell them.
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
    /// ([RFC 8628 §3.5](https://www.rfc-editor.org/rfc/rfc8628#section-3.5)).
    /// At the backchannel authentication endpoint, the [status](crate::TokenError::status) is 403
    /// (OpenID Connect CIBA Core §13).
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
    /// `unsupported_response_type`, 400: "The authorization server does not support
    /// obtaining an authorization code using this method."
    /// ([RFC 6749 §4.1.2.1](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1))
    UnsupportedResponseType,
    /// `invalid_request_object`, 400: "The request parameter contains an invalid
    /// Request Object."
    /// ([RFC 9101 §7](https://www.rfc-editor.org/rfc/rfc9101#section-7))
    InvalidRequestObject,
    /// `request_not_supported`, 400: "The authorization server does not support the
    /// use of the request parameter."
    /// ([RFC 9101 §7](https://www.rfc-editor.org/rfc/rfc9101#section-7))
    RequestNotSupported,
    /// `expired_login_hint_token`, 400: "The login_hint_token provided in the
    /// authentication request is not valid because it has expired."
    /// ([OpenID Connect CIBA Core §13](https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#auth_error_response))
    ExpiredLoginHintToken,
    /// `unknown_user_id`, 400: "The OpenID Provider is not able to identify which
    /// end-user the Client wishes to be authenticated by means of the hint provided
    /// in the request (login_hint_token, id_token_hint, or login_hint)."
    /// ([OpenID Connect CIBA Core §13](https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#auth_error_response))
    UnknownUserId,
    /// `missing_user_code`, 400: "User code is required but was missing from the
    /// request."
    /// ([OpenID Connect CIBA Core §13](https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#auth_error_response))
    MissingUserCode,
    /// `invalid_user_code`, 400: "The user code was invalid."
    /// ([OpenID Connect CIBA Core §13](https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#auth_error_response))
    InvalidUserCode,
    /// `invalid_binding_message`, 400: "The binding message is invalid or
    /// unacceptable for use in the context of the given request."
    /// ([OpenID Connect CIBA Core §13](https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#auth_error_response))
    InvalidBindingMessage,
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

/// Lists the codes. One that is left out does not compile.
macro_rules! all {
    ($($code:ident),* $(,)?) => {
        impl ErrorCode {
            /// All codes, in the order of their declaration.
            pub const ALL: &[Self] = &[$(Self::$code),*];
        }

        const _: fn(ErrorCode) = |code| match code {
            $(ErrorCode::$code => (),)*
        };
    };
}

all! {
    InvalidRequest, InvalidClient, InvalidGrant, UnauthorizedClient, UnsupportedGrantType, InvalidScope,
    AuthorizationPending, SlowDown, AccessDenied, ExpiredToken, UnsupportedTokenType, InvalidTarget,
    InvalidDpopProof, UseDpopNonce, InvalidAuthorizationDetails, UnsupportedResponseType,
    InvalidRequestObject, RequestNotSupported, ExpiredLoginHintToken, UnknownUserId, MissingUserCode,
    InvalidUserCode, InvalidBindingMessage, ServerError, TemporarilyUnavailable,
}

impl ErrorCode {
    /// Returns the code as it is in the JSON member `error`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
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
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::InvalidRequestObject => "invalid_request_object",
            Self::RequestNotSupported => "request_not_supported",
            Self::ExpiredLoginHintToken => "expired_login_hint_token",
            Self::UnknownUserId => "unknown_user_id",
            Self::MissingUserCode => "missing_user_code",
            Self::InvalidUserCode => "invalid_user_code",
            Self::InvalidBindingMessage => "invalid_binding_message",
            Self::ServerError => "server_error",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
        }
    }

    /// Returns the status of a response with this code.
    ///
    /// [`TokenError::status`](crate::TokenError::status) can set another one.
    #[must_use]
    pub fn status(self) -> StatusCode {
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
            | Self::InvalidAuthorizationDetails
            | Self::UnsupportedResponseType
            | Self::InvalidRequestObject
            | Self::RequestNotSupported
            | Self::ExpiredLoginHintToken
            | Self::UnknownUserId
            | Self::MissingUserCode
            | Self::InvalidUserCode
            | Self::InvalidBindingMessage => StatusCode::BAD_REQUEST,
        }
    }
}

impl ErrorCode {
    /// Whether a response with this code can have this status. A status without a code of
    /// its own (405, 408, 413, 429 …) is an `invalid_request`.
    pub(super) fn has_status(self, status: StatusCode) -> bool {
        status == self.status()
            || match self {
                Self::InvalidRequest => {
                    status.is_client_error() && status != StatusCode::UNAUTHORIZED
                }
                // RFC 6749 §5.2: a 401 only if the client used the Authorization header.
                Self::InvalidClient => status == StatusCode::BAD_REQUEST,
                Self::ServerError => status.is_server_error(),
                Self::TemporarilyUnavailable => status == StatusCode::TOO_MANY_REQUESTS,
                // CIBA Core §13: at the backchannel authentication endpoint.
                Self::AccessDenied => status == StatusCode::FORBIDDEN,
                Self::InvalidGrant
                | Self::UnauthorizedClient
                | Self::UnsupportedGrantType
                | Self::InvalidScope
                | Self::AuthorizationPending
                | Self::SlowDown
                | Self::ExpiredToken
                | Self::UnsupportedTokenType
                | Self::InvalidTarget
                | Self::InvalidDpopProof
                | Self::UseDpopNonce
                | Self::InvalidAuthorizationDetails
                | Self::UnsupportedResponseType
                | Self::InvalidRequestObject
                | Self::RequestNotSupported
                | Self::ExpiredLoginHintToken
                | Self::UnknownUserId
                | Self::MissingUserCode
                | Self::InvalidUserCode
                | Self::InvalidBindingMessage => false,
            }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether RFC 6749 §5.2 allows this byte in an `error_description`.
pub(crate) const fn is_description_byte(byte: u8) -> bool {
    matches!(byte, 0x20..=0x21 | 0x23..=0x5B | 0x5D..=0x7E)
}

/// Whether RFC 6749 §5.2 allows this byte in an `error_uri`.
pub(crate) const fn is_uri_byte(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E)
}

pub(crate) fn within_description_set(text: Cow<'static, str>) -> Cow<'static, str> {
    if text.bytes().all(is_description_byte) {
        return text;
    }
    text.chars()
        .map(|character| match u8::try_from(character) {
            Ok(byte) if is_description_byte(byte) => character,
            Ok(b'"') => '\'',
            _ => '?',
        })
        .collect()
}

pub(crate) fn within_uri_set(uri: Cow<'static, str>) -> Cow<'static, str> {
    if uri.bytes().all(is_uri_byte) {
        return uri;
    }
    uri.bytes()
        .map(|byte| match byte {
            byte if is_uri_byte(byte) => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn description_is_held_to_the_set_of_rfc_6749() {
        let held = within_description_set("say \"no\"\\\r\nné\u{7f}".into());
        assert_eq!(held, "say 'no'???n??");
        assert!(matches!(
            within_description_set("plain".into()),
            Cow::Borrowed("plain")
        ));
    }

    #[test]
    fn uri_is_held_to_the_set_of_rfc_6749() {
        let held = within_uri_set("https://e.example/a b\"\\é".into());
        assert_eq!(held, "https://e.example/a%20b%22%5C%C3%A9");
    }
}
