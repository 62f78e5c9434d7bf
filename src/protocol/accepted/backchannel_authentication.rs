//! What the inner service gets at the backchannel authentication endpoint.

use super::{
    authenticated::{AuthenticatedRequest, with_authenticated},
    getters::{getters, scope_getters},
};

/// Backchannel authentication request (OpenID Connect CIBA Core §7.1) of an authenticated client,
/// which is never a public one.
///
/// The client is registered for the CIBA grant, and does not ask for more than its registered scope.
/// The request has a `scope`, and exactly one hint about the user: `login_hint_token`, `id_token_hint`
/// or `login_hint`. If the client is registered for `ping` or `push`, there is also a
/// `client_notification_token`. The inner service still has to find the user, and to respond with an
/// `auth_req_id`.
///
/// With a `request`, all of these are claims of this JWT, and may be missing from the request. The
/// inner service has to verify the JWT, and must not use other parameters (CIBA Core §7.1.1). The layer
/// does not read the JWT, so the inner service also checks what the layer otherwise checks.
///
/// The inner service finds it in the extensions of the request. With feature `axum`, it is also
/// an extractor. If the request did not pass the layer of the backchannel authentication endpoint, the
/// extractor responds with a 500.
///
/// ```
/// use http::Request;
/// use tower_token_endpoint::request::BackchannelAuthenticationRequest;
///
/// fn user<B>(request: &Request<B>) -> Option<&str> {
///     request.extensions().get::<BackchannelAuthenticationRequest>()?.login_hint()
/// }
/// ```
#[derive(Clone, Debug)]
pub struct BackchannelAuthenticationRequest {
    authenticated: AuthenticatedRequest,
}

impl BackchannelAuthenticationRequest {
    pub(crate) const fn new(authenticated: AuthenticatedRequest) -> Self {
        Self { authenticated }
    }
}

with_authenticated!(BackchannelAuthenticationRequest);
scope_getters!(BackchannelAuthenticationRequest);

getters! { BackchannelAuthenticationRequest:
    /// Returns `login_hint_token`, a token about the user (CIBA Core §7.1).
    login_hint_token;
    /// Returns `id_token_hint`, an ID token of the user (CIBA Core §7.1).
    id_token_hint;
    /// Returns `login_hint`, such as the e-mail address of the user (CIBA Core §7.1).
    login_hint;
    /// Returns `client_notification_token`, with which the server authenticates when it calls the
    /// client (CIBA Core §7.1). If the client is registered for `ping` or `push`, the layer has checked
    /// its length and its grammar.
    client_notification_token;
    /// Returns `acr_values` (CIBA Core §7.1).
    acr_values;
    /// Returns `binding_message`, which is shown to the user on both devices (CIBA Core §7.1).
    binding_message;
    /// Returns `user_code`, a secret of the user (CIBA Core §7.1).
    user_code;
    /// Returns `requested_expiry`, a number of seconds (CIBA Core §7.1).
    requested_expiry;
    /// Returns `request`, a JWT whose claims are the authentication request (CIBA Core §7.1.1).
    request;
    /// Returns `authorization_details`, a JSON text (RFC 9396 §2).
    authorization_details;
}
