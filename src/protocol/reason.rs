//! The reasons to refuse a request, each with its error code, status and description.

mod row;

use std::fmt;

use http::StatusCode;

pub(crate) use self::row::{AUTHENTICATION_FAILED, PARAMETER};
use self::row::{CLIENT_UNAVAILABLE, Row, STORE_DOWN, row};
use super::outgoing::error_code::ErrorCode;

/// Declares the reasons: variant, name, error code, the status if it is not the one of the
/// code, and the description for the client's developer.
macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident, $name:literal, $code:ident $($status:ident)?, $text:expr;)*) => {
        /// Reason why a request was refused.
        ///
        /// [`Rejection::reason`](crate::rejection::Rejection::reason) returns it. The module
        /// [`decisions`](crate::decisions) lists the cases. See
        /// [`Rejection`](crate::rejection::Rejection) for an example.
        ///
        /// Each variant shows its name in logs and the error code of the response. The status
        /// is that of the code, if the variant does not say otherwise.
        // A word, as the values that results hold instead of it: what is written byte by byte
        // and read as words makes the processor wait.
        #[repr(usize)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum RejectionReason { $(
            $(#[$doc])*
            #[doc = ""]
            #[doc = concat!(
                "`", $name, "`, [`", stringify!($code), "`](ErrorCode::", stringify!($code), ")"
            )]
            $variant,
        )* }

        impl RejectionReason {
            pub(crate) fn row(self) -> Row {
                match self {
                    $(Self::$variant => row($name, ErrorCode::$code, $text)
                        $(.with_status(StatusCode::$status))?,)*
                }
            }

            /// All reasons, in the order of the steps that find them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];
        }
    };
}

impl fmt::Display for RejectionReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl RejectionReason {
    /// Returns a stable name for logs and metrics, such as `wrong_secret`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.row().name
    }
}

reasons! {
    // head
    /// The request is not a `POST` (RFC 6749 §3.2). The status is 405.
    MethodNotAllowed, "method_not_allowed", InvalidRequest METHOD_NOT_ALLOWED,
        "this endpoint accepts only POST: send the parameters in the body of a POST request";
    /// The `Content-Type` is not `application/x-www-form-urlencoded` (RFC 6749 §4.1.3).
    ContentTypeNotForm, "content_type_not_form", InvalidRequest,
        "the body must be a form: send one Content-Type header, application/x-www-form-urlencoded";
    /// There is more than one `Content-Type` header, or one with a list of types.
    RepeatedContentTypeHeader, "repeated_content_type_header", InvalidRequest,
        "the Content-Type header is repeated: send it once, with application/x-www-form-urlencoded";
    /// The charset in the `Content-Type` is in single quotes, which quote nothing in a header
    /// (RFC 9110 §5.6.4).
    CharsetInSingleQuotes, "charset_in_single_quotes", InvalidRequest,
        "the charset in Content-Type is in single quotes: send charset=utf-8 without them, or no charset";
    /// The `Content-Type` names a charset other than UTF-8 (RFC 6749 appendix B).
    CharsetNotUtf8, "charset_not_utf8", InvalidRequest,
        "the form must be in UTF-8: send Content-Type application/x-www-form-urlencoded without another charset";
    /// There is a `Content-Encoding` header with another value than `identity`.
    ContentEncodingPresent, "content_encoding_present", InvalidRequest,
        "the body must not be compressed: send it without Content-Encoding";
    /// `client_secret` or `client_assertion` is in the URI (RFC 6749 §2.3.1).
    CredentialsInQuery, "credentials_in_query", InvalidRequest,
        "client_secret and client_assertion must not be in the URI: send them in the body or the Authorization header, and replace the secret, which is in logs by now";
    /// `client_id` is in the query of the URI (RFC 6749 §2.3.1), or `grant_type` or `scope` is
    /// there and not in the body.
    ParameterInQuery, "parameter_in_query", InvalidRequest,
        "{parameter} must not be in the query of the URI: send it in the body";
    /// There is more than one `Authorization` header.
    RepeatedAuthorizationHeader, "repeated_authorization_header", InvalidRequest,
        "the Authorization header is repeated: send it once";
    /// The scheme of the `Authorization` header is not Basic.
    UnsupportedScheme, "unsupported_scheme", InvalidClient, AUTHENTICATION_FAILED;
    /// The Basic credentials are not base64 (RFC 7617 §2).
    BasicNotBase64, "basic_not_base64", InvalidRequest,
        "the Basic credentials are not base64: send base64 of client_id:client_secret, each form-urlencoded first";
    /// The Basic credentials have no colon (RFC 7617 §2).
    BasicWithoutColon, "basic_without_colon", InvalidRequest,
        "the Basic credentials have no colon: send base64 of client_id:client_secret, each form-urlencoded first";
    /// The Basic credentials have nothing before the colon. No client has an empty id.
    BasicEmptyClientId, "basic_empty_client_id", InvalidRequest,
        "the Basic credentials have an empty client_id: send base64 of client_id:client_secret, each form-urlencoded first";
    /// The Basic credentials are not UTF-8 (RFC 7617 §2.1).
    BasicNotUtf8, "basic_not_utf8", InvalidRequest,
        "the Basic credentials are not UTF-8: send base64 of client_id:client_secret, each form-urlencoded first";
    /// The Basic credentials are not form-urlencoded (RFC 6749 §2.3.1). This is refused only
    /// if [`strict_basic`](crate::layer::TokenEndpointLayerBuilder::strict_basic) is set.
    BasicNotFormEncoded, "basic_not_form_encoded", InvalidRequest,
        "the Basic credentials are not form-urlencoded: encode client_id and client_secret before joining them with a colon";
    // body
    /// The body is larger than the limit. The status is 413.
    BodyTooLarge, "body_too_large", InvalidRequest PAYLOAD_TOO_LARGE,
        "the body is larger than this endpoint reads: send only the parameters of the request";
    /// The body could not be read to its end.
    BodyUnreadable, "body_unreadable", InvalidRequest,
        "the body could not be read to its end: send all of it";
    /// The body did not end before the deadline. The status is 408.
    BodyTimeout, "body_timeout", InvalidRequest REQUEST_TIMEOUT,
        "the body did not arrive in time: send it without delay";
    /// The body has a `%` without two hexadecimal digits.
    BadPercentEncoding, "bad_percent_encoding", InvalidRequest,
        "the form has a percent sign without two hexadecimal digits: percent-encode names and values";
    /// The body has a name or value that is not UTF-8 (RFC 6749 appendix B).
    FormNotUtf8, "form_not_utf8", InvalidRequest,
        "the form has a name or value that is not UTF-8: encode text as UTF-8 first";
    /// A parameter was sent more than once, in the body or in the body and the query of the URI
    /// (RFC 6749 §3.2).
    RepeatedParameter, "repeated_parameter", InvalidRequest,
        "{parameter} is repeated: send it once, in the body";
    // credentials
    /// The request uses more than one authentication method (RFC 6749 §2.3).
    MultipleMechanisms, "multiple_mechanisms", InvalidRequest,
        "the client authenticates by more than one method: send the Authorization header, client_secret or client_assertion, and only one of them";
    /// There is a `client_secret` without `client_id` (RFC 6749 §2.3.1).
    MissingClientId, "missing_client_id", InvalidRequest,
        "{parameter} is missing: send it with client_secret";
    /// There is a `client_assertion_type` without `client_assertion` (RFC 7521 §4.2).
    MissingClientAssertion, "missing_client_assertion", InvalidRequest,
        "{parameter} is missing: send it with client_assertion_type";
    /// There is a `client_assertion` without `client_assertion_type` (RFC 7521 §4.2).
    MissingClientAssertionType, "missing_client_assertion_type", InvalidRequest,
        "{parameter} is missing: send it with client_assertion";
    /// The `client_assertion_type` is not the one of RFC 7523 §2.2.
    UnknownAssertionType, "unknown_assertion_type", InvalidClient, AUTHENTICATION_FAILED;
    /// `client_id` in the body is not the client of the credentials.
    ClientIdMismatch, "client_id_mismatch", InvalidRequest,
        "client_id in the body is not the client of the credentials: send the same id or leave it out";
    /// There are no credentials and no `client_id` (RFC 6749 §5.2).
    NoCredentials, "no_credentials", InvalidClient, AUTHENTICATION_FAILED;
    // throttle
    /// There were too many failed authentications from this source, or for this client from this
    /// source. The credentials were not verified, so they may be right. The status is 429.
    Throttled, "throttled", TemporarilyUnavailable TOO_MANY_REQUESTS,
        "there were too many failed authentications: send the request again after the seconds in Retry-After";
    // client and proof
    /// No client is registered with this id.
    UnknownClient, "unknown_client", InvalidClient, AUTHENTICATION_FAILED;
    /// The store knows why there is no client with this id: its metadata document is not valid, for
    /// example ([`ClientStore::why_unknown`](crate::store::ClientStore::why_unknown)). The
    /// [`source`](std::error::Error::source) of the [`Rejection`](crate::rejection::Rejection) tells what is wrong.
    InvalidRegistration, "invalid_registration", InvalidClient, AUTHENTICATION_FAILED;
    /// The secret is wrong.
    WrongSecret, "wrong_secret", InvalidClient, AUTHENTICATION_FAILED;
    /// The secret is wrong, and would be right without the white space at its ends, such as the line
    /// feed of a file. Only secrets that are kept as they are, or as SHA-256, are compared so.
    WhiteSpaceInSecret, "white_space_in_secret", InvalidClient, AUTHENTICATION_FAILED;
    /// The secret of the client has expired (RFC 7591 §3.2.1).
    ExpiredSecret, "expired_secret", InvalidClient, AUTHENTICATION_FAILED;
    /// The client is registered for other methods (RFC 7591 §2), at least one of which the layer
    /// verifies.
    MethodNotRegistered, "method_not_registered", InvalidClient, AUTHENTICATION_FAILED;
    /// The layer does not verify the method of the request, or does not verify any method that
    /// the client is registered for: see
    /// [`auth_methods`](crate::layer::TokenEndpointLayerBuilder::auth_methods). In the second
    /// case, the [`Rejection`](crate::rejection::Rejection) names the client.
    MethodNotVerifiable, "method_not_verifiable", InvalidClient, AUTHENTICATION_FAILED;
    /// The client is public, but only confidential clients may use the endpoint, such as the
    /// introspection endpoint (RFC 7662 §2.1).
    PublicClientNotAllowed, "public_client_not_allowed", InvalidClient, AUTHENTICATION_FAILED;
    /// The client store failed. Its error is the [`source`](std::error::Error::source) of
    /// the [`Rejection`](crate::rejection::Rejection).
    StoreUnavailable, "store_unavailable", TemporarilyUnavailable, STORE_DOWN;
    /// The store works, and does not know this client at the moment: its metadata document, or the key set that
    /// the document names, cannot be fetched, for example
    /// ([`ClientUnavailable`](crate::store::ClientUnavailable)). Nothing of the server is down, and a stranger can cause it. The
    /// [`source`](std::error::Error::source) of the [`Rejection`](crate::rejection::Rejection) tells more.
    ClientUnavailable, "client_unavailable", TemporarilyUnavailable, CLIENT_UNAVAILABLE;
    /// A store, a source of keys or a [`SecretHash`](crate::client::SecretHash) did not finish
    /// before the deadline.
    DecisionTimeout, "decision_timeout", TemporarilyUnavailable, STORE_DOWN;
    /// A [`SecretHash`](crate::client::SecretHash) could not tell whether the secret
    /// matches. Its error is the [`source`](std::error::Error::source) of the
    /// [`Rejection`](crate::rejection::Rejection).
    SecretHashUnavailable, "secret_hash_unavailable", TemporarilyUnavailable, STORE_DOWN;
    /// Too many slow hashes were wanted at the same time: the request waited too long for a
    /// permit of the [`HashPool`](crate::client::hashing::HashPool), or too many others waited. The
    /// [`source`](std::error::Error::source) of the [`Rejection`](crate::rejection::Rejection)
    /// tells how many run and wait, and the limits.
    HashingOverloaded, "hashing_overloaded", TemporarilyUnavailable, STORE_DOWN;
    // certificate
    /// The client authenticates by the certificate of its TLS connection (RFC 8705 §2), and there is none, or one
    /// that cannot be read.
    CertificateMissing, "certificate_missing", InvalidClient, AUTHENTICATION_FAILED;
    /// Neither the acceptor nor the proxy has said that the chain of the certificate was verified, and `tls_client_auth`
    /// requires it (RFC 8705 §2.1): see `ClientCertificates`.
    CertificateNotVerified, "certificate_not_verified", InvalidClient, AUTHENTICATION_FAILED;
    /// The certificate has expired or is not yet valid (RFC 5280 §4.1.2.5). For `self_signed_tls_client_auth`, its
    /// time does not count. The [`source`](std::error::Error::source) of the
    /// [`Rejection`](crate::rejection::Rejection) tells the times.
    CertificateExpired, "certificate_expired", InvalidClient, AUTHENTICATION_FAILED;
    /// The certificate does not have the name that the client registered (RFC 8705 §2.1.2), or its key is not one of
    /// the client's (§2.2). The [`source`](std::error::Error::source) of the
    /// [`Rejection`](crate::rejection::Rejection) tells both names.
    CertificateNotRegistered, "certificate_not_registered", InvalidClient, AUTHENTICATION_FAILED;
    // assertion
    /// The assertion is too long, or is not three parts of base64url without padding, or its
    /// header and claims are not JSON objects with each member once and of the right type
    /// (RFC 7515 §5.2, RFC 7519 §7.2).
    MalformedAssertion, "malformed_assertion", InvalidClient, AUTHENTICATION_FAILED;
    /// The header of the assertion has `crit` or `b64` (RFC 7515 §4.1.11, RFC 7797 §7).
    CriticalHeader, "critical_header", InvalidClient, AUTHENTICATION_FAILED;
    /// The header `typ` is that of another kind of token (RFC 8725 §3.11).
    WrongTokenType, "wrong_token_type", InvalidClient, AUTHENTICATION_FAILED;
    /// `alg` is `none`, unknown, or not accepted by the server (RFC 8725 §3.1).
    UnsupportedAlgorithm, "unsupported_algorithm", InvalidClient, AUTHENTICATION_FAILED;
    /// `alg` is not the client's `token_endpoint_auth_signing_alg` (OpenID Connect
    /// Registration §2).
    AlgorithmNotRegistered, "algorithm_not_registered", InvalidClient, AUTHENTICATION_FAILED;
    /// The client has no key with this `kid` for this `alg`, or only an RSA key with more
    /// bits than `max_rsa_bits` of the builder.
    UnknownKey, "unknown_key", InvalidClient, AUTHENTICATION_FAILED;
    /// The client has several keys for this `alg`, and the header has no `kid` that names
    /// one of them (OpenID Connect Core §10.1).
    AmbiguousKey, "ambiguous_key", InvalidClient, AUTHENTICATION_FAILED;
    /// The client registered a `jwks_uri`, but the layer has no `JwksSource`: see
    /// `jwks_source` of the builder.
    KeySourceMissing, "key_source_missing", InvalidClient, AUTHENTICATION_FAILED;
    /// The signature or the HMAC is wrong (RFC 7523 §3).
    WrongSignature, "wrong_signature", InvalidClient, AUTHENTICATION_FAILED;
    /// A required claim is missing (RFC 7523 §3 and, for `jti`, OpenID Connect Core §9).
    MissingClaim, "missing_claim", InvalidClient, AUTHENTICATION_FAILED;
    /// `iss` and `sub` are not the same (OpenID Connect Core §9).
    IssuerNotSubject, "issuer_not_subject", InvalidClient, AUTHENTICATION_FAILED;
    /// `aud` is not the issuer, or has more than one value (RFC 7523 §3, RFC 10070). The
    /// [`source`](std::error::Error::source) of the [`Rejection`](crate::rejection::Rejection)
    /// tells what it is, and what is accepted.
    WrongAudience, "wrong_audience", InvalidClient, AUTHENTICATION_FAILED;
    /// `exp` has passed (RFC 7519 §4.1.4).
    ExpiredAssertion, "expired_assertion", InvalidClient, AUTHENTICATION_FAILED;
    /// `exp` is more than one hour in the future.
    LongLivedAssertion, "long_lived_assertion", InvalidClient, AUTHENTICATION_FAILED;
    /// `nbf` is in the future (RFC 7519 §4.1.5), or `iat` is.
    AssertionNotYetValid, "assertion_not_yet_valid", InvalidClient, AUTHENTICATION_FAILED;
    /// The `jti` was used before (OpenID Connect Core §9).
    ReplayedAssertion, "replayed_assertion", InvalidClient, AUTHENTICATION_FAILED;
    /// The keys of the client could not be fetched. The error is the
    /// [`source`](std::error::Error::source) of the
    /// [`Rejection`](crate::rejection::Rejection).
    KeySourceUnavailable, "key_source_unavailable", TemporarilyUnavailable, STORE_DOWN;
    /// The key set of the client does not have the key, and was fetched so often for unknown keys that
    /// it is fetched again only after a pause. Nothing is down: whoever sends an unknown `kid`, or a certificate with an
    /// unknown key, three times a minute causes it.
    KeyFetchPaused, "key_fetch_paused", TemporarilyUnavailable, STORE_DOWN;
    /// The store of one-time values failed or is full. Its error is the
    /// [`source`](std::error::Error::source) of the
    /// [`Rejection`](crate::rejection::Rejection).
    ReplayStoreUnavailable, "replay_store_unavailable", TemporarilyUnavailable, STORE_DOWN;
    // binding
    /// There is more than one `DPoP` header, or one with a comma (RFC 9449 §4.3).
    RepeatedDpopHeader, "repeated_dpop_header", InvalidDpopProof,
        "the DPoP header is repeated: send one DPoP proof";
    /// The DPoP proof is too long, or is not three parts of base64url without padding, or its
    /// header and claims are not JSON objects with each member once and of the right type
    /// (RFC 9449 §4.2).
    MalformedDpopProof, "malformed_dpop_proof", InvalidDpopProof,
        "the DPoP proof is malformed: send a compact JWS of at most 8 KiB";
    /// The header `typ` of the proof is not `dpop+jwt` (RFC 9449 §4.2).
    WrongDpopType, "wrong_dpop_type", InvalidDpopProof,
        "the typ of the DPoP proof is wrong: set it to dpop+jwt";
    /// `alg` of the proof is `none`, symmetric, unknown, or not accepted by the server, or its
    /// header has `crit` or `b64` (RFC 9449 §4.2, RFC 7515 §4.1.11).
    UnsupportedDpopAlgorithm, "unsupported_dpop_algorithm", InvalidDpopProof,
        "the alg of the DPoP proof is not accepted: use one of dpop_signing_alg_values_supported, without crit";
    /// `jwk` of the proof is missing, is not a public key for `alg`, or is too weak (RFC 9449 §4.2). The
    /// [`source`](std::error::Error::source) of the [`Rejection`](crate::rejection::Rejection) tells which.
    InvalidDpopKey, "invalid_dpop_key", InvalidDpopProof,
        "the jwk of the DPoP proof is not a public key for its alg: send the public key, and nothing of the private one";
    /// The signature of the proof is not by its `jwk` (RFC 9449 §4.3).
    WrongDpopSignature, "wrong_dpop_signature", InvalidDpopProof,
        "the signature of the DPoP proof is wrong: sign with the private key of jwk";
    /// `jti`, `htm`, `htu` or `iat` of the proof is missing, or `jti` is empty or longer than 256
    /// bytes (RFC 9449 §4.2).
    MissingDpopClaim, "missing_dpop_claim", InvalidDpopProof,
        "{parameter} of the DPoP proof is missing, empty or too long: send jti, htm, htu and iat";
    /// `htm` of the proof is not `POST` (RFC 9449 §4.3).
    WrongDpopMethod, "wrong_dpop_method", InvalidDpopProof,
        "the htm of the DPoP proof is wrong: it is the method of the request, in upper case";
    /// `htu` of the proof is not the URL of the endpoint (RFC 9449 §4.3). The
    /// [`source`](std::error::Error::source) of the [`Rejection`](crate::rejection::Rejection) tells both.
    WrongDpopUri, "wrong_dpop_uri", InvalidDpopProof,
        "the htu of the DPoP proof is wrong: it is the URL of this endpoint in the metadata of the server";
    /// `iat` of the proof is too old, or `exp` has passed (RFC 9449 §11.1).
    ExpiredDpopProof, "expired_dpop_proof", InvalidDpopProof,
        "the DPoP proof is too old: make a new one for each request, and check the clock of the client";
    /// `iat` or `nbf` of the proof is in the future (RFC 9449 §11.1).
    DpopProofNotYetValid, "dpop_proof_not_yet_valid", InvalidDpopProof,
        "the DPoP proof is from the future: check the clock of the client";
    /// The server requires a nonce, and the proof has none (RFC 9449 §8).
    MissingDpopNonce, "missing_dpop_nonce", UseDpopNonce,
        "the DPoP proof needs a nonce: send a new proof with the value of the header DPoP-Nonce";
    /// The nonce of the proof is not one of this server, or is too old (RFC 9449 §8).
    WrongDpopNonce, "wrong_dpop_nonce", UseDpopNonce,
        "the nonce of the DPoP proof is no longer accepted: send a new proof with the value of the header DPoP-Nonce";
    /// The `jti` of the proof was used before with its key (RFC 9449 §11.1).
    ReplayedDpopProof, "replayed_dpop_proof", InvalidDpopProof,
        "the DPoP proof was used before: make a new one, with a new jti, for each request";
    /// `ath` of the proof is not the hash of the access token, or is missing (RFC 9449 §7). Only `Dpop::verify` finds
    /// this.
    WrongDpopToken, "wrong_dpop_token", InvalidDpopProof,
        "the ath of the DPoP proof is wrong: it is the base64url of the SHA-256 of the access token";
    /// The proof is by another key than the access token is bound to (RFC 9449 §7). Only `Dpop::verify` finds
    /// this.
    WrongDpopKey, "wrong_dpop_key", InvalidDpopProof,
        "the DPoP proof is by another key than the access token is bound to: sign with that key";
    /// The client or the server requires a DPoP proof, and there is none (RFC 9449 §5.2). With the profile FAPI 2.0, a
    /// certificate that binds the token is enough.
    DpopProofRequired, "dpop_proof_required", InvalidRequest,
        "a DPoP proof is required: send one in the DPoP header";
    /// The client is registered with `tls_client_certificate_bound_access_tokens`, and the request has no certificate
    /// (RFC 8705 §3.4).
    CertificateRequired, "certificate_required", InvalidRequest,
        "a client certificate is required: present it in the TLS connection to this endpoint";
    // grant and scope
    /// `grant_type` is missing (RFC 6749 §5.2).
    MissingGrantType, "missing_grant_type", InvalidRequest,
        "{parameter} is missing: send the grant type, such as client_credentials";
    /// The server does not serve this grant (RFC 6749 §5.2).
    UnsupportedGrantType, "unsupported_grant_type", UnsupportedGrantType,
        "this server does not serve this grant_type: see grant_types_supported in its metadata";
    /// The client is not registered for this grant (RFC 6749 §5.2), or for the grant that begins at
    /// the endpoint of the request, such as device authorization.
    GrantTypeNotRegistered, "grant_type_not_registered", UnauthorizedClient,
        "this client is not registered for the grant of this request: add it to the grant_types of the client";
    /// The grant is `client_credentials`, and the client is public (RFC 6749 §4.4).
    PublicClientCredentials, "public_client_credentials", UnauthorizedClient,
        "a public client cannot use client_credentials: use a confidential client";
    /// A parameter that the grant or the endpoint requires is missing.
    MissingParameter, "missing_parameter", InvalidRequest,
        "{parameter} is missing: send it, since this request requires it";
    /// `request_uri` was pushed (RFC 9126 §2.1).
    RequestUriPushed, "request_uri_pushed", InvalidRequest,
        "request_uri must not be pushed: send the parameters themselves, or a request object in request";
    /// `code_challenge_method` of a pushed authorization request is not `S256` (RFC 7636 §4.3). This is
    /// refused only if [`require_pkce`](crate::layer::TokenEndpointLayerBuilder::require_pkce) is set.
    CodeChallengeMethodNotS256, "code_challenge_method_not_s256", InvalidRequest,
        "code_challenge_method is not S256: send S256, and the base64url of the SHA-256 of the code_verifier as code_challenge";
    /// A backchannel authentication request has no hint about the user, or more than one (OpenID
    /// Connect CIBA Core §7.1).
    NotOneHint, "not_one_hint", InvalidRequest,
        "the request must have one hint about the user: send login_hint_token, id_token_hint or login_hint, and only one of them";
    /// `client_notification_token` has more than 1,024 characters, or is not of the grammar of bearer
    /// tokens (OpenID Connect CIBA Core §7.1, RFC 6750 §2.1).
    MalformedNotificationToken, "malformed_notification_token", InvalidRequest,
        "client_notification_token is malformed: send a bearer token of at most 1024 letters, digits and -._~+/";
    /// `dpop_jkt` of a pushed authorization request is not a thumbprint: 43 characters of base64url
    /// (RFC 9449 §10).
    MalformedDpopThumbprint, "malformed_dpop_thumbprint", InvalidRequest,
        "dpop_jkt is malformed: send the base64url of the SHA-256 thumbprint of the key, which has 43 characters";
    /// `dpop_jkt` of a pushed authorization request is not the thumbprint of the key of its DPoP
    /// proof (RFC 9449 §10.1).
    WrongDpopThumbprint, "wrong_dpop_thumbprint", InvalidRequest,
        "dpop_jkt is not the thumbprint of the key of the DPoP proof: send the same key, or only one of the two";
    /// `scope` does not follow the grammar of RFC 6749 §3.3.
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
        for &reason in RejectionReason::ALL {
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
        for &reason in RejectionReason::ALL {
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
