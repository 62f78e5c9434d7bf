//! `POST /token`. The layer has authenticated the client and checked the grant type,
//! the required parameters and the scope. What is left is to issue tokens.

use std::sync::Arc;

use axum::extract::State;
use tower_token_endpoint::{ErrorCode, GrantType, TokenError, TokenRequest, TokenResponse};

use crate::{
    Server,
    binding::Binding,
    exchange,
    polled::{self, PolledRequests},
    scope::granted,
    vault::{Issued, Vault, random},
};

pub(crate) async fn issue(
    State(server): State<Arc<Server>>,
    request: TokenRequest,
) -> Result<TokenResponse, TokenError> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the layer serves these six")]
    let issued = match request.grant_type() {
        GrantType::ClientCredentials => client_credentials(&server, &request),
        GrantType::AuthorizationCode => authorization_code(&server, &request),
        GrantType::RefreshToken => refresh_token(&server, &request),
        GrantType::DeviceCode => polled(&server, &server.devices.requests, &request, "device_code"),
        GrantType::Ciba => polled(&server, &server.backchannel, &request, "auth_req_id"),
        GrantType::TokenExchange => return exchange::issue(&server, &request),
        _ => Err(ErrorCode::UnsupportedGrantType.into()),
    };
    issued.map(TokenResponse::from)
}

/// RFC 6749 §4.4. If the request has no scope, the client gets its registered one.
fn client_credentials(server: &Server, request: &TokenRequest) -> Result<Issued, TokenError> {
    let scope = granted(request.client(), request.scope())?;
    let binding = Binding::of(request);
    let issue = |vault: &mut Vault, now| vault.issue(scope, binding, now);
    Ok(server.vaults.of(request.client(), issue))
}

/// RFC 6749 §4.1.3 and RFC 7636 §4.5. The layer requires only `code` of a confidential
/// client, but `GET /authorize` binds every code to the other two.
fn authorization_code(server: &Server, request: &TokenRequest) -> Result<Issued, TokenError> {
    let code = required(request, "code")?;
    let redirect_uri = required(request, "redirect_uri")?;
    required(request, "code_verifier")?;
    let refreshable = request.client().allows_grant(&GrantType::RefreshToken);
    server.vaults.of(request.client(), |vault, now| {
        let binding = Binding::of(request);
        let verify_pkce = |challenge: &str| request.verify_pkce(challenge);
        vault.redeem(code, redirect_uri, verify_pkce, refreshable, binding, now)
    })
}

/// RFC 6749 §6.
fn refresh_token(server: &Server, request: &TokenRequest) -> Result<Issued, TokenError> {
    let token = required(request, "refresh_token")?;
    server.vaults.of(request.client(), |vault, now| {
        vault.refresh(token, request.scope(), Binding::of(request), now)
    })
}

/// RFC 8628 §3.4, and CIBA Core §10.1.
fn polled(
    server: &Server,
    requests: &PolledRequests,
    request: &TokenRequest,
    name: &str,
) -> Result<Issued, TokenError> {
    let code = required(request, name)?;
    let client = request.client();
    let scope = requests.of(client, |requests, now| polled::poll(requests, code, now))?;
    let refreshable = client.allows_grant(&GrantType::RefreshToken);
    let binding = Binding::of(request);
    let issue = |vault: &mut Vault, now| vault.grant(random(), scope, refreshable, binding, now);
    Ok(server.vaults.of(client, issue))
}

pub(crate) fn required<'a>(request: &'a TokenRequest, name: &str) -> Result<&'a str, TokenError> {
    request.parameter(name).ok_or_else(|| {
        TokenError::new(ErrorCode::InvalidRequest)
            .description(format!("`{name}` is missing: send it in the body"))
    })
}

impl From<Issued> for TokenResponse {
    fn from(issued: Issued) -> Self {
        let response = match issued.needs_proof {
            true => Self::dpop(issued.access_token),
            false => Self::bearer(issued.access_token),
        };
        let mut response = response.expires_in(issued.lifetime);
        if let Some(refresh_token) = issued.refresh_token {
            response = response.refresh_token(refresh_token);
        }
        if let Some(scope) = issued.scope {
            response = response.scope(&*scope);
        }
        response
    }
}
