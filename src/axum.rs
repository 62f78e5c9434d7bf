//! Extractors and answers for axum.

use axum_core::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::request::Parts;

use crate::{AuthenticatedRequest, ErrorCode, TokenError, TokenRequest, TokenResponse};

/// Fails closed, with a 500 that says what to do, where no layer for the token
/// endpoint is in front of the handler.
impl<S: Sync> FromRequestParts<S> for TokenRequest {
    type Rejection = TokenError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, TokenError> {
        let extensions = &parts.extensions;
        match extensions.get::<Self>() {
            Some(request) => Ok(request.clone()),
            None if extensions.get::<AuthenticatedRequest>().is_some() => Err(misplaced(
                "the layer in front of this handler is for another endpoint than the token \
                 endpoint: take AuthenticatedRequest in place of TokenRequest",
            )),
            None => Err(misplaced(NO_LAYER)),
        }
    }
}

/// Fails closed, with a 500 that says what to do, where no layer is in front
/// of the handler.
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

const NO_LAYER: &str = "no TokenEndpointLayer took this request: put one around this route, or \
     correct its path, which inside of nest is the one without the prefix";

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
