//! The reasons to refuse a request, and what is decided for each.

use http::StatusCode;

use super::outgoing::error_code::ErrorCode;

/// What is decided for a reason.
pub(crate) struct Row {
    name: &'static str,
    pub(crate) code: ErrorCode,
    pub(crate) status: StatusCode,
    /// The text for the client's developer, with [`PARAMETER`] where the parameter
    /// at fault is named.
    pub(crate) description: &'static str,
}

/// Where a description names the parameter at fault.
pub(crate) const PARAMETER: &str = "{parameter}";

/// Declares the reasons: variant, name, error code, the status where it is not
/// the one of the code, and what the answer tells the client's developer.
macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident, $name:literal, $code:ident $($status:ident)?, $text:expr;)*) => {
        /// The reasons of a [`Rejection`](crate::Rejection), each with its decision.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Reason { $($(#[$doc])* $variant,)* }

        impl Reason {
            pub(crate) const fn row(self) -> Row {
                match self {
                    $(Self::$variant => row($name, ErrorCode::$code, $text)
                        $(.with_status(StatusCode::$status))?,)*
                }
            }

            #[cfg(test)]
            pub(crate) const ALL: &[Self] = &[$(Self::$variant),*];
        }
    };
}

const fn row(name: &'static str, code: ErrorCode, description: &'static str) -> Row {
    Row {
        name,
        code,
        status: code.status(),
        description,
    }
}

impl Row {
    const fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }
}

impl Reason {
    /// A stable name for logs and metrics, such as `wrong_secret`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.row().name
    }
}

/// One text for every cause of a 401: which one it was, a stranger must not
/// learn.
pub(crate) const AUTHENTICATION_FAILED: &str = "client authentication failed: send the credentials of \
     a registered client, by the one method that it is registered for";

const STORE_DOWN: &str = "the server cannot authenticate clients at the moment: send the request again later, with a new client_assertion if it has one";

reasons! {
    // head
    /// Another method than POST (RFC 6749 §3.2): 405.
    MethodNotAllowed, "method_not_allowed", InvalidRequest METHOD_NOT_ALLOWED,
        "this endpoint takes POST alone: send the parameters in the body of a POST request";
    /// The body is not declared as a form (RFC 6749 §4.1.3).
    ContentTypeNotForm, "content_type_not_form", InvalidRequest,
        "the body must be a form: send one Content-Type header, application/x-www-form-urlencoded";
    /// The form is declared to be in another charset (RFC 6749 appendix B).
    CharsetNotUtf8, "charset_not_utf8", InvalidRequest,
        "the form must be in UTF-8: send Content-Type application/x-www-form-urlencoded without another charset";
    /// A `Content-Encoding` header.
    ContentEncodingPresent, "content_encoding_present", InvalidRequest,
        "the body must not be compressed: send it without Content-Encoding";
    /// `client_secret` or `client_assertion` in the URI (RFC 6749 §2.3.1).
    CredentialsInQuery, "credentials_in_query", InvalidRequest,
        "client_secret and client_assertion must not be in the URI: send them in the body or the Authorization header, and replace the secret, which is in logs by now";
    /// More than one `Authorization` header.
    RepeatedAuthorizationHeader, "repeated_authorization_header", InvalidRequest,
        "the Authorization header is repeated: send it once";
    /// An `Authorization` header of another scheme than Basic.
    UnsupportedScheme, "unsupported_scheme", InvalidClient, AUTHENTICATION_FAILED;
    /// The credentials of Basic are not base64 (RFC 7617 §2).
    BasicNotBase64, "basic_not_base64", InvalidRequest,
        "the Basic credentials are not base64: send base64 of client_id:client_secret, each form-urlencoded first";
    /// The credentials of Basic have no colon (RFC 7617 §2).
    BasicWithoutColon, "basic_without_colon", InvalidRequest,
        "the Basic credentials have no colon: send base64 of client_id:client_secret, each form-urlencoded first";
    /// The credentials of Basic have nothing before the colon (RFC 7617 §2).
    BasicEmptyClientId, "basic_empty_client_id", InvalidRequest,
        "the Basic credentials have an empty client_id: send base64 of client_id:client_secret, each form-urlencoded first";
    /// The credentials of Basic are not UTF-8 (RFC 7617 §2.1).
    BasicNotUtf8, "basic_not_utf8", InvalidRequest,
        "the Basic credentials are not UTF-8: send base64 of client_id:client_secret, each form-urlencoded first";
    /// The credentials of Basic do not form-urldecode (RFC 6749 §2.3.1). Only
    /// where [`strict_basic`](crate::TokenEndpointLayer::strict_basic) is on.
    BasicNotFormEncoded, "basic_not_form_encoded", InvalidRequest,
        "the Basic credentials are not form-urlencoded: encode client_id and client_secret before joining them by a colon";
    // body
    /// The body is above the limit: 413.
    BodyTooLarge, "body_too_large", InvalidRequest PAYLOAD_TOO_LARGE,
        "the body is larger than this endpoint reads: send only the parameters of the request";
    /// The stream of the body failed.
    BodyUnreadable, "body_unreadable", InvalidRequest,
        "the body could not be read to its end: send the whole of it";
    /// The body did not end before the deadline: 408.
    BodyTimeout, "body_timeout", InvalidRequest REQUEST_TIMEOUT,
        "the body did not arrive in time: send it without delay";
    /// A `%` without two hexadecimal digits in the body.
    BadPercentEncoding, "bad_percent_encoding", InvalidRequest,
        "the form has a percent sign without two hexadecimal digits: percent-encode names and values";
    /// A name or value that is not UTF-8 (RFC 6749 appendix B).
    FormNotUtf8, "form_not_utf8", InvalidRequest,
        "the form has a name or value that is not UTF-8: encode text as UTF-8 first";
    /// A parameter that is there more than once (RFC 6749 §3.2).
    RepeatedParameter, "repeated_parameter", InvalidRequest,
        "{parameter} is repeated: send it once";
    // credentials
    /// More than one authentication method (RFC 6749 §2.3).
    MultipleMechanisms, "multiple_mechanisms", InvalidRequest,
        "the client authenticates by more than one method: send the Authorization header, client_secret or client_assertion, and only one of them";
    /// `client_secret` without `client_id` (RFC 6749 §2.3.1).
    MissingClientId, "missing_client_id", InvalidRequest,
        "{parameter} is missing: send it with client_secret";
    /// `client_assertion_type` without `client_assertion` (RFC 7521 §4.2).
    MissingClientAssertion, "missing_client_assertion", InvalidRequest,
        "{parameter} is missing: send it with client_assertion_type";
    /// `client_assertion` without `client_assertion_type` (RFC 7521 §4.2).
    MissingClientAssertionType, "missing_client_assertion_type", InvalidRequest,
        "{parameter} is missing: send it with client_assertion";
    /// A `client_assertion_type` that is not the one of RFC 7523 §2.2.
    UnknownAssertionType, "unknown_assertion_type", InvalidClient, AUTHENTICATION_FAILED;
    /// `client_id` in the body names another client than the credentials do.
    ClientIdMismatch, "client_id_mismatch", InvalidRequest,
        "client_id in the body is not the client of the credentials: send the same one or leave it out";
    /// No credentials and no `client_id` (RFC 6749 §3.2.1).
    NoCredentials, "no_credentials", InvalidClient, AUTHENTICATION_FAILED;
    // client and proof
    /// No client is registered by this id.
    UnknownClient, "unknown_client", InvalidClient, AUTHENTICATION_FAILED;
    /// The secret is none of the client's.
    WrongSecret, "wrong_secret", InvalidClient, AUTHENTICATION_FAILED;
    /// The secret was the client's until it expired (RFC 7591 §3.2.1).
    ExpiredSecret, "expired_secret", InvalidClient, AUTHENTICATION_FAILED;
    /// The client is registered for another method (RFC 7591 §2).
    MethodNotRegistered, "method_not_registered", InvalidClient, AUTHENTICATION_FAILED;
    /// The layer does not verify this method.
    MethodNotVerifiable, "method_not_verifiable", InvalidClient, AUTHENTICATION_FAILED;
    /// A public client at an endpoint for confidential ones, such as the
    /// introspection endpoint (RFC 7662 §2.1).
    PublicClientNotAllowed, "public_client_not_allowed", InvalidClient, AUTHENTICATION_FAILED;
    /// The client store failed; [`source`](std::error::Error::source) of the
    /// [`Rejection`](crate::Rejection) has its error.
    StoreUnavailable, "store_unavailable", TemporarilyUnavailable, STORE_DOWN;
    /// The client store did not answer before the deadline.
    DecisionTimeout, "decision_timeout", TemporarilyUnavailable, STORE_DOWN;
    /// A [`SecretHash`](crate::SecretHash) could not find out whether the secret
    /// matches; [`source`](std::error::Error::source) of the [`Rejection`](crate::Rejection)
    /// has its error.
    SecretHashUnavailable, "secret_hash_unavailable", TemporarilyUnavailable, STORE_DOWN;
    // assertion
    /// The assertion is longer than any, or not three parts of base64url without
    /// padding, of which two are JSON objects with each member once and of the
    /// right type (RFC 7515 §5.2, RFC 7519 §7.2).
    MalformedAssertion, "malformed_assertion", InvalidClient, AUTHENTICATION_FAILED;
    /// The header has `crit` or `b64` (RFC 7515 §4.1.11, RFC 7797).
    CriticalHeader, "critical_header", InvalidClient, AUTHENTICATION_FAILED;
    /// `typ` says that the token is something else (RFC 8725 §3.11).
    WrongTokenType, "wrong_token_type", InvalidClient, AUTHENTICATION_FAILED;
    /// `alg` is `none`, unknown, or none that the server takes (RFC 8725 §3.1).
    UnsupportedAlgorithm, "unsupported_algorithm", InvalidClient, AUTHENTICATION_FAILED;
    /// `alg` is another one than the client's `token_endpoint_auth_signing_alg`.
    AlgorithmNotRegistered, "algorithm_not_registered", InvalidClient, AUTHENTICATION_FAILED;
    /// The client has no key of this `kid` that is for this `alg`.
    UnknownKey, "unknown_key", InvalidClient, AUTHENTICATION_FAILED;
    /// The client has several keys for this `alg`, and the header names none
    /// (OpenID Connect Core §10.1).
    AmbiguousKey, "ambiguous_key", InvalidClient, AUTHENTICATION_FAILED;
    /// The client registered a `jwks_uri`, and the layer has no `KeySource`.
    KeySourceMissing, "key_source_missing", InvalidClient, AUTHENTICATION_FAILED;
    /// The signature, or the HMAC, is not one of the client's (RFC 7523 §3).
    WrongSignature, "wrong_signature", InvalidClient, AUTHENTICATION_FAILED;
    /// A claim that an assertion must have is missing (RFC 7523 §3).
    MissingClaim, "missing_claim", InvalidClient, AUTHENTICATION_FAILED;
    /// `iss` and `sub` are not the same client (RFC 7523 §3).
    IssuerNotSubject, "issuer_not_subject", InvalidClient, AUTHENTICATION_FAILED;
    /// `aud` is not this server, or not this server alone (RFC 7523 §3).
    WrongAudience, "wrong_audience", InvalidClient, AUTHENTICATION_FAILED;
    /// `exp` has passed (RFC 7519 §4.1.4).
    ExpiredAssertion, "expired_assertion", InvalidClient, AUTHENTICATION_FAILED;
    /// `exp` is more than an hour ahead.
    LongLivedAssertion, "long_lived_assertion", InvalidClient, AUTHENTICATION_FAILED;
    /// `nbf` or `iat` is in the future (RFC 7519 §4.1.5 and §4.1.6).
    AssertionNotYetValid, "assertion_not_yet_valid", InvalidClient, AUTHENTICATION_FAILED;
    /// The `jti` was used before (RFC 7523 §3).
    ReplayedAssertion, "replayed_assertion", InvalidClient, AUTHENTICATION_FAILED;
    /// The keys of the client could not be fetched;
    /// [`source`](std::error::Error::source) of the [`Rejection`](crate::Rejection) has the error.
    KeySourceUnavailable, "key_source_unavailable", TemporarilyUnavailable, STORE_DOWN;
    /// The store of one-time values failed, or is full;
    /// [`source`](std::error::Error::source) of the [`Rejection`](crate::Rejection) has its error.
    ReplayStoreUnavailable, "replay_store_unavailable", TemporarilyUnavailable, STORE_DOWN;
    // grant and scope
    /// `grant_type` is missing (RFC 6749 §5.2).
    MissingGrantType, "missing_grant_type", InvalidRequest,
        "{parameter} is missing: send the grant type, such as client_credentials";
    /// The server does not serve this grant (RFC 6749 §5.2).
    UnsupportedGrantType, "unsupported_grant_type", UnsupportedGrantType,
        "this server does not serve this grant_type: see grant_types_supported in its metadata";
    /// The client is not registered for this grant (RFC 6749 §5.2).
    GrantTypeNotRegistered, "grant_type_not_registered", UnauthorizedClient,
        "this client is not registered for this grant_type: add it to the grant_types of the client";
    /// `client_credentials` by a public client (RFC 6749 §4.4).
    PublicClientCredentials, "public_client_credentials", UnauthorizedClient,
        "a public client has no credentials to be granted a token for: use a confidential client";
    /// A parameter that the grant, or the endpoint, needs is missing.
    MissingParameter, "missing_parameter", InvalidRequest,
        "{parameter} is missing: this request needs it";
    /// `scope` is not of the grammar of RFC 6749 §3.3.
    MalformedScope, "malformed_scope", InvalidScope,
        "scope is malformed: send tokens of printable ASCII with one space between each two";
    /// `scope` has a token that the client is not registered for.
    ScopeNotRegistered, "scope_not_registered", InvalidScope,
        "scope has a token that this client is not registered for: leave it out or register it";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_variants_in_snake_case() {
        for &reason in Reason::ALL {
            let camel: String = reason
                .as_str()
                .split('_')
                .map(|word| word[..1].to_uppercase() + &word[1..])
                .collect();
            assert_eq!(camel, format!("{reason:?}"));
        }
    }

    #[test]
    fn every_401_says_the_same() {
        for &reason in Reason::ALL {
            if reason.row().code == ErrorCode::InvalidClient {
                assert_eq!(
                    reason.row().description,
                    AUTHENTICATION_FAILED,
                    "{reason:?}"
                );
            }
        }
    }
}
