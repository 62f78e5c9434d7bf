//! `POST /token`. The layer has authenticated the client, and accepts only the two grants here.

use std::{sync::Arc, time::Duration};

use axum::extract::State;
use tower_token_endpoint::{
    ErrorCode, GrantType, TokenError, TokenRequest, TokenResponse, client::Secret,
};

use crate::{
    SCOPE, Server,
    expiring::{Expiring, Lives, random},
};

#[derive(Default)]
pub(crate) struct Issued {
    pub(crate) codes: Expiring<Code>,
    pub(crate) grants: Expiring<Grant>,
    pub(crate) access: Expiring<Access>,
}

pub(crate) struct Code {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: String,
}

/// What the user gave to the client. Every token of it ends with it.
pub(crate) struct Grant {
    pub(crate) client_id: String,
    pub(crate) resource: String,
    /// The second half of the one refresh token that is valid.
    refresh: Secret,
}

pub(crate) struct Access {
    pub(crate) grant: String,
}

impl Lives for Code {
    const LIFETIME: Duration = Duration::from_secs(60);
}

impl Lives for Grant {
    const LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);
}

impl Lives for Access {
    const LIFETIME: Duration = Duration::from_secs(15 * 60);
}

pub(crate) async fn issue(
    State(server): State<Arc<Server>>,
    request: TokenRequest,
) -> Result<TokenResponse, TokenError> {
    server.check_resource(request.resource())?;
    let client = request.client();
    let mut issued = server.issued();
    let id = if *request.grant_type() == GrantType::AuthorizationCode {
        issued.redeem(&request, &server.resource)?
    } else {
        issued.refresh(&request)?
    };
    let access_token = issued.access.insert(Access { grant: id.clone() });
    let response = TokenResponse::bearer(access_token)
        .expires_in(Access::LIFETIME)
        .scope(SCOPE);
    let grant = issued.grants.get(&id);
    let grant = grant.filter(|_| client.allows_grant(&GrantType::RefreshToken));
    Ok(match grant {
        Some(grant) => {
            let secret = random();
            grant.refresh = Secret::new(secret.clone());
            response.refresh_token(format!("{id}.{secret}"))
        }
        None => response,
    })
}

impl Issued {
    /// Makes a grant of a code. A request that does not fit the code does not use it up.
    fn redeem(&mut self, request: &TokenRequest, resource: &str) -> Result<String, TokenError> {
        let client_id = request.client().client_id();
        let key = request.code().unwrap_or_default();
        let code = self.codes.get(key).filter(|it| it.client_id == client_id);
        let code = code.ok_or_else(|| invalid_grant("the code is unknown, used or expired"))?;
        // Clients of OAuth 2.1 need not send it.
        let redirect_uri = request.redirect_uri();
        if redirect_uri.is_some_and(|uri| uri != code.redirect_uri) {
            let text = "redirect_uri is not that of the authorization request";
            return Err(invalid_grant(text));
        }
        request.verify_pkce(&code.challenge)?;
        self.codes.remove(key);
        Ok(self.grants.insert(Grant {
            client_id: client_id.to_owned(),
            resource: resource.to_owned(),
            refresh: Secret::new(random()),
        }))
    }

    /// The grant of a refresh token, which [`issue`] replaces.
    fn refresh(&mut self, request: &TokenRequest) -> Result<String, TokenError> {
        let client_id = request.client().client_id();
        let token = request.refresh_token().unwrap_or_default();
        let (id, secret) = token.split_once('.').unwrap_or_default();
        let grant = self.grants.get(id).filter(|it| it.client_id == client_id);
        let grant =
            grant.ok_or_else(|| invalid_grant("the refresh token is unknown or expired"))?;
        if grant.refresh.matches(secret) {
            return Ok(id.to_owned());
        }
        // An old token is used again, so somebody has stolen one (OAuth 2.1 §4.3.1).
        self.grants.remove(id);
        let text = "the refresh token was used before, so its grant is revoked";
        Err(invalid_grant(text))
    }
}

fn invalid_grant(description: &'static str) -> TokenError {
    TokenError::new(ErrorCode::InvalidGrant).description(description)
}
