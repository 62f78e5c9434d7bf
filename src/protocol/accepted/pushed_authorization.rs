//! What the inner service gets at the pushed authorization request endpoint.

use super::{
    authenticated::{AuthenticatedRequest, with_authenticated},
    getters::{getters, scope_getters},
};

/// Pushed authorization request of an authenticated client, or of a public client that sent its id.
///
/// It has no `request_uri`. It has a `response_type`, unless it has a `request`. The inner service
/// still has to check it as an authorization request (RFC 9126 §2.1), such as its redirection URI, and
/// to respond with a 201, a `request_uri` and its `expires_in`.
///
/// With a `request`, only the claims of this JWT are the authorization request, and the inner service
/// has to verify it. It must not use other parameters, except those of the client's authentication
/// (RFC 9126 §3). The layer does not read the JWT, so the inner service also compares its scope with
/// that of the client.
///
/// The inner service finds it in the extensions of the request. With feature `axum`, it is also
/// an extractor. If the request did not pass the layer of the pushed authorization request endpoint,
/// the extractor responds with a 500.
///
/// ```
/// use http::Request;
/// use tower_token_endpoint::request::PushedAuthorizationRequest;
///
/// fn challenge<B>(request: &Request<B>) -> Option<&str> {
///     let request = request.extensions().get::<PushedAuthorizationRequest>()?;
///     request.code_challenge().filter(|_| request.code_challenge_method() == Some("S256"))
/// }
/// ```
#[derive(Clone, Debug)]
pub struct PushedAuthorizationRequest {
    authenticated: AuthenticatedRequest,
}

impl PushedAuthorizationRequest {
    pub(crate) const fn new(authenticated: AuthenticatedRequest) -> Self {
        Self { authenticated }
    }

    /// Returns the thumbprint of the key that the authorization code must be bound to: that of the DPoP
    /// proof of this request, or `dpop_jkt` (RFC 9449 §10.1). `None` if there is neither.
    ///
    /// A layer without [`dpop`](crate::layer::TokenEndpointLayerBuilder::dpop) does not check `dpop_jkt`. With
    /// `request`, the inner service compares the claim `dpop_jkt` of that JWT with
    /// [`dpop_thumbprint`](Self::dpop_thumbprint).
    #[must_use]
    pub fn dpop_jkt(&self) -> Option<&str> {
        let proven = self.authenticated.dpop_thumbprint();
        proven.or_else(|| self.parameter("dpop_jkt"))
    }
}

with_authenticated!(PushedAuthorizationRequest);
scope_getters!(PushedAuthorizationRequest);

getters! { PushedAuthorizationRequest:
    /// Returns `response_type` (RFC 6749 §3.1.1). The layer refuses a request that has neither it nor
    /// `request`.
    response_type;
    /// Returns `response_mode` (OAuth 2.0 Multiple Response Type Encoding Practices §2.1).
    response_mode;
    /// Returns `redirect_uri` (RFC 6749 §3.1.2). It should be one of
    /// [`redirect_uris`](crate::Client::redirect_uris) of the client.
    redirect_uri;
    /// Returns `state` (RFC 6749 §4.1.1).
    state;
    /// Returns `code_challenge`, the hash of the secret of PKCE (RFC 7636 §4.3).
    code_challenge;
    /// Returns `code_challenge_method` (RFC 7636 §4.3). Without it, the method is `plain`.
    code_challenge_method;
    /// Returns `request`, a JWT whose claims are the authorization request (RFC 9101 §4).
    request;
    /// Returns `authorization_details`, a JSON text (RFC 9396 §2).
    authorization_details;
    /// Returns `nonce` (OpenID Connect Core §3.1.2.1).
    nonce;
    /// Returns `display` (OpenID Connect Core §3.1.2.1).
    display;
    /// Returns `prompt` (OpenID Connect Core §3.1.2.1).
    prompt;
    /// Returns `max_age` (OpenID Connect Core §3.1.2.1).
    max_age;
    /// Returns `ui_locales` (OpenID Connect Core §3.1.2.1).
    ui_locales;
    /// Returns `id_token_hint`, an ID token of the user (OpenID Connect Core §3.1.2.1).
    id_token_hint;
    /// Returns `login_hint` (OpenID Connect Core §3.1.2.1).
    login_hint;
    /// Returns `acr_values` (OpenID Connect Core §3.1.2.1).
    acr_values;
    /// Returns `claims`, a JSON text (OpenID Connect Core §5.5).
    claims;
}
