//! Extractors and responses for axum.

use axum_core::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::request::Parts;

use crate::{AuthenticatedRequest, ErrorCode, TokenError, TokenRequest, TokenResponse};

/// Rejects the request with a 500 that says what to do, if no layer for the token
/// endpoint is in front of the handler.
impl<S: Sync> FromRequestParts<S> for TokenRequest {
    type Rejection = TokenError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, TokenError> {
        let extensions = &parts.extensions;
        match extensions.get::<Self>() {
            Some(request) => Ok(request.clone()),
            None if extensions.get::<AuthenticatedRequest>().is_some() => Err(misplaced(
                "the layer in front of this handler is not for the token endpoint: extract \
                 AuthenticatedRequest instead of TokenRequest",
            )),
            None => Err(misplaced(NO_LAYER)),
        }
    }
}

/// Rejects the request with a 500 that says what to do, if no layer is in front of the
/// handler.
impl<S: Sync> FromRequestParts<S> for AuthenticatedRequest {
    type Rejection = TokenError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, TokenError> {
        let extensions = &parts.extensions;
        extensions
            .get::<Self>()
            .or_else(|| Some(extensions.get::<TokenRequest>()?.authenticated()))
            .cloned()
            .ok_or_else(|| misplaced(NO_LAYER))
    }
}

const NO_LAYER: &str = "no TokenEndpointLayer handled this request: wrap this route in one, or \
     fix the path of the layer, which inside of nest has no prefix";

fn misplaced(description: &'static str) -> TokenError {
    TokenError::new(ErrorCode::ServerError).description(description)
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
