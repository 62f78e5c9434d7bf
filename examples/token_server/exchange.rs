//! `POST /token` with token exchange (RFC 8693): an access token for one with at most its scope.
//!
//! A client may exchange the tokens that were issued to itself, and nobody else's: they are those in
//! its own vault. There is no delegation, and no token has an audience.

use tower_token_endpoint::{ErrorCode, TokenError, TokenRequest, TokenResponse};

use crate::{Server, binding::Binding, refuse::refuse, token::required};

/// RFC 8693 §3.
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

pub(crate) fn issue(server: &Server, request: &TokenRequest) -> Result<TokenResponse, TokenError> {
    let token = required(request, "subject_token")?;
    if required(request, "subject_token_type")? != ACCESS_TOKEN {
        return refuse(
            ErrorCode::InvalidRequest,
            "only access tokens are exchanged: send their subject_token_type",
        );
    }
    let wanted = request.parameter("requested_token_type");
    if wanted.is_some_and(|wanted| wanted != ACCESS_TOKEN) {
        return refuse(
            ErrorCode::InvalidRequest,
            "only access tokens are issued: leave requested_token_type out",
        );
    }
    if request.parameter("actor_token").is_some() {
        return refuse(
            ErrorCode::InvalidRequest,
            "nobody can act for another one here: leave actor_token out",
        );
    }
    // RFC 8693 §2.2.2.
    let mut parameters = request.parameters().iter();
    if parameters.any(|(name, _)| ["audience", "resource"].contains(&name)) {
        return refuse(
            ErrorCode::InvalidTarget,
            "no token here is for a certain service: leave audience and resource out",
        );
    }
    let issued = server.vaults.of(request.client(), |vault, now| {
        vault.exchange(token, request.scope(), Binding::of(request), now)
    })?;
    Ok(TokenResponse::from(issued).issued_token_type(ACCESS_TOKEN))
}
