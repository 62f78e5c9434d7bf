//! Extractors and responses for axum.

use axum_core::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::request::Parts;

use crate::{
    Endpoint, ErrorCode, TokenError, TokenRequest, TokenResponse,
    request::{
        AuthenticatedRequest, BackchannelAuthenticationRequest, DeviceAuthorizationRequest,
        IntrospectionRequest, PushedAuthorizationRequest, RevocationRequest,
    },
};

/// Implements the extractor of one endpoint.
macro_rules! extractor {
    ($request:ident, $endpoint:literal) => {
        #[doc = concat!(
            "Rejects the request with a 500 that says what to do, if no layer for the ", $endpoint,
            " endpoint accepted it."
        )]
        impl<S: Sync> FromRequestParts<S> for $request {
            type Rejection = TokenError;

            async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, TokenError> {
                let request = parts.extensions.get().cloned();
                request.ok_or_else(|| misplaced(parts))
            }
        }
    };
}

extractor!(TokenRequest, "token");
extractor!(IntrospectionRequest, "introspection");
extractor!(RevocationRequest, "revocation");
extractor!(PushedAuthorizationRequest, "pushed authorization request");
extractor!(DeviceAuthorizationRequest, "device authorization");
extractor!(
    BackchannelAuthenticationRequest,
    "backchannel authentication"
);

/// The error of a handler that no layer of its endpoint is in front of.
fn misplaced(parts: &Parts) -> TokenError {
    let error = TokenError::new(ErrorCode::ServerError);
    let Some(request) = AuthenticatedRequest::from_extensions(&parts.extensions) else {
        return error.description(
            "no TokenEndpointLayer handled this request: wrap this route in one, or fix the \
             path of the layer, which inside of nest has no prefix",
        );
    };
    let (endpoint, own) = match request.endpoint() {
        Endpoint::Token => ("token", "TokenRequest"),
        Endpoint::Introspection => ("introspection", "IntrospectionRequest"),
        Endpoint::Revocation => ("revocation", "RevocationRequest"),
        Endpoint::PushedAuthorization => {
            ("pushed authorization request", "PushedAuthorizationRequest")
        }
        Endpoint::DeviceAuthorization => ("device authorization", "DeviceAuthorizationRequest"),
        Endpoint::BackchannelAuthentication => (
            "backchannel authentication",
            "BackchannelAuthenticationRequest",
        ),
    };
    error.description(format!(
        "the layer in front of this handler is for the {endpoint} endpoint: wrap this route in \
         the layer of its own endpoint, or extract {own}"
    ))
}

impl IntoResponse for TokenError {
    fn into_response(self) -> Response {
        self.into_http()
    }
}

impl IntoResponse for TokenResponse {
    fn into_response(self) -> Response {
        self.into_http()
    }
}
