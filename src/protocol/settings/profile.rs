//! Bundles of settings: what the specifications of a family require of a server.

use std::fmt;

use crate::{
    crypto::{SigningAlgorithm, SigningAlgorithms},
    protocol::auth_method::{AuthMethod, AuthMethods},
};

/// Profile: a bundle of settings that a specification requires.
///
/// Pass it to [`profile`](crate::layer::TokenEndpointLayerBuilder::profile). Each rule is a setting
/// that can also be set without the profile:
///
/// | rule | OAuth 2.1 | FAPI 2.0 | setting |
/// |---|---|---|---|
/// | public clients | accepted (§2.1) | not accepted (§5.3.2.1) | [`auth_methods`] |
/// | methods | all (§2.4) | `private_key_jwt`, `tls_client_auth`, `self_signed_tls_client_auth` (§5.3.2.1) | [`auth_methods`] |
/// | Basic credentials | only form-urlencoded (§2.4.1) | – | [`strict_basic`] |
/// | `aud` of an assertion | the issuer (RFC 10070) | the issuer, as a string (§5.3.2.1) | no [`accept_endpoint_audience`], [`strict_audience`] |
/// | algorithms of assertions and DPoP proofs | – | `PS256`, `ES256`, `Ed25519` (also as `EdDSA`) (§5.4.1) | [`signing_algorithms`], [`Dpop::signing_algorithms`] |
/// | times in assertions and proofs | up to 60 seconds ahead are accepted | up to 10 seconds ahead must be accepted, more than 60 seconds must not (§5.3.2.1) | always so |
/// | tokens that are bound to a key | – | a token request needs a DPoP proof, or a certificate that binds the token; otherwise, it gets a 400 `invalid_request` (§5.3.2.1) | [`dpop`] with [`Dpop::required`]. The certificate of a client that authenticates by it binds the token. That of another client does so if it is registered with [`tls_client_certificate_bound_access_tokens`] |
/// | grant `password` | not served (§10) | not served (§5.3.2.1) | [`grant_types`] |
/// | PKCE of pushed authorization requests | `code_challenge` by `S256` (§4.1.1) | `code_challenge` by `S256` (§5.3.2.2) | [`require_pkce`] |
/// | pushed authorization requests | – | `require_pushed_authorization_requests` in discovery (§5.3.2.2) | [`require_pushed_authorization_requests`] |
///
/// The sections are those of [OAuth 2.1] and of the [FAPI 2.0 Security Profile]. What the layer does
/// not see is left to the server: TLS, redirection URIs, the lifetime of codes, refresh tokens, and the
/// authorization endpoint.
///
/// [OAuth 2.1]: https://datatracker.ietf.org/doc/html/draft-ietf-oauth-v2-1
/// [FAPI 2.0 Security Profile]: https://openid.net/specs/fapi-security-profile-2_0-final.html
/// [`auth_methods`]: crate::layer::TokenEndpointLayerBuilder::auth_methods
/// [`strict_basic`]: crate::layer::TokenEndpointLayerBuilder::strict_basic
/// [`accept_endpoint_audience`]: crate::layer::TokenEndpointLayerBuilder::accept_endpoint_audience
/// [`strict_audience`]: crate::layer::TokenEndpointLayerBuilder::strict_audience
/// [`signing_algorithms`]: crate::layer::TokenEndpointLayerBuilder::signing_algorithms
/// [`dpop`]: crate::layer::TokenEndpointLayerBuilder::dpop
/// [`Dpop::required`]: crate::dpop::Dpop::required
/// [`tls_client_certificate_bound_access_tokens`]: crate::client::ClientBuilder::tls_client_certificate_bound_access_tokens
/// [`Dpop::signing_algorithms`]: crate::dpop::Dpop::signing_algorithms
/// [`grant_types`]: crate::layer::TokenEndpointLayerBuilder::grant_types
/// [`require_pkce`]: crate::layer::TokenEndpointLayerBuilder::require_pkce
/// [`require_pushed_authorization_requests`]: crate::layer::TokenEndpointLayerBuilder::require_pushed_authorization_requests
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Profile {
    /// [OAuth 2.1](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-v2-1), which is still a draft.
    OAuth21,
    /// The [FAPI 2.0 Security Profile](https://openid.net/specs/fapi-security-profile-2_0-final.html).
    /// It needs feature `jwt` or `mtls`.
    Fapi2,
}

/// What a profile requires beyond what all of them do. A new profile is a variant above and a row below.
pub(crate) struct ProfileRow {
    /// What it is called in a text.
    pub(crate) title: &'static str,
    pub(crate) methods: AuthMethods,
    pub(crate) algorithms: SigningAlgorithms,
    /// Whether the audience of an assertion must be a string.
    pub(crate) strict_audience: bool,
    /// Whether every token is bound to a key.
    pub(crate) bound_tokens: bool,
    /// Whether authorization requests must be pushed.
    pub(crate) pushed_requests: bool,
}

impl Profile {
    /// Returns a name for command lines and logs: `oauth21` or `fapi2`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OAuth21 => "oauth21",
            Self::Fapi2 => "fapi2",
        }
    }

    pub(crate) fn row(self) -> ProfileRow {
        match self {
            Self::OAuth21 => ProfileRow {
                title: "OAuth 2.1",
                methods: AuthMethods::all(),
                algorithms: SigningAlgorithms::all(),
                strict_audience: false,
                bound_tokens: false,
                pushed_requests: false,
            },
            Self::Fapi2 => ProfileRow {
                title: "FAPI 2.0",
                methods: AuthMethods::from_iter([
                    AuthMethod::PrivateKeyJwt,
                    AuthMethod::TlsClientAuth,
                    AuthMethod::SelfSignedTlsClientAuth,
                ]),
                algorithms: SigningAlgorithms::from_iter([
                    SigningAlgorithm::PS256,
                    SigningAlgorithm::ES256,
                    SigningAlgorithm::Ed25519,
                ]),
                strict_audience: true,
                bound_tokens: true,
                pushed_requests: true,
            },
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
