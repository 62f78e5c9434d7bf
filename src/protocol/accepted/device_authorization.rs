//! What the inner service gets at the device authorization endpoint.

use super::{
    authenticated::{AuthenticatedRequest, with_authenticated},
    getters::{getters, scope_getters},
};

/// Device authorization request of an authenticated client, or of a public client that sent its id.
///
/// The client is registered for the device grant, and does not ask for more than its registered
/// scope. The inner service still has to make a device code and a user code (RFC 8628 §3.2).
///
/// The inner service finds it in the extensions of the request. With feature `axum`, it is also
/// an extractor. If the request did not pass the layer of the device authorization endpoint, the
/// extractor responds with a 500.
///
/// ```
/// use http::Request;
/// use tower_token_endpoint::request::DeviceAuthorizationRequest;
///
/// fn wanted<B>(request: &Request<B>) -> Option<String> {
///     let request = request.extensions().get::<DeviceAuthorizationRequest>()?;
///     let scope = request.scope().map_or("", |scope| scope.as_str());
///     Some(format!("{}: {scope}", request.client().client_id()))
/// }
/// ```
#[derive(Clone, Debug)]
pub struct DeviceAuthorizationRequest {
    authenticated: AuthenticatedRequest,
}

impl DeviceAuthorizationRequest {
    pub(crate) const fn new(authenticated: AuthenticatedRequest) -> Self {
        Self { authenticated }
    }
}

with_authenticated!(DeviceAuthorizationRequest);
scope_getters!(DeviceAuthorizationRequest);

getters! { DeviceAuthorizationRequest:
    /// Returns `authorization_details`, a JSON text (RFC 9396 §2).
    authorization_details;
}
