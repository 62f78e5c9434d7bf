//! `POST /backchannel_authentication` (OpenID Connect CIBA Core), behind the layer, in poll mode. The
//! server knows one user, who approves at the second poll. It issues no ID tokens, so it does not ask
//! for the scope `openid`.

use std::{sync::Arc, time::Duration};

use axum::{Json, extract::State};
use serde_json::{Value, json};
use tower_token_endpoint::{
    ErrorCode, TokenError, client::BackchannelTokenDeliveryMode,
    request::BackchannelAuthenticationRequest,
};

use crate::{
    Server, par,
    polled::{self, Approval, Polled, PolledRequests},
    refuse::refuse,
    scope::granted,
};

const LIFETIME: u64 = 5 * 60;
/// The `login_hint` of the one user.
const USER: &str = "demo-user";

pub(crate) fn requests(clients: usize) -> PolledRequests {
    polled::requests::<LIFETIME>(clients)
}

/// CIBA Core §7.3 and §13.
pub(crate) async fn start(
    State(server): State<Arc<Server>>,
    request: BackchannelAuthenticationRequest,
) -> Result<Json<Value>, TokenError> {
    let client = request.client();
    let mode = client.backchannel_token_delivery_mode();
    if mode != BackchannelTokenDeliveryMode::Poll {
        return refuse(
            ErrorCode::UnauthorizedClient,
            "this server calls no clients: register the client for poll",
        );
    }
    if request.request().is_some() {
        return refuse(
            ErrorCode::InvalidRequest,
            "this server reads no signed requests: send the parameters themselves",
        );
    }
    if request.login_hint() != Some(USER) {
        return refuse(
            ErrorCode::UnknownUserId,
            "no user is known by this hint: send login_hint=demo-user",
        );
    }
    let lifetime = match request.requested_expiry().map(str::parse::<u64>) {
        None => LIFETIME,
        Some(Ok(seconds)) if seconds > 0 => seconds.min(LIFETIME),
        Some(_) => {
            return refuse(
                ErrorCode::InvalidRequest,
                "requested_expiry is not a positive number of seconds",
            );
        }
    };
    let scope = granted(client, request.scope())?;
    let interval = server.poll_interval;
    let added = server.backchannel.of(client, |requests, now| {
        let expires = now + Duration::from_secs(lifetime);
        let polled = Polled::new(scope, Approval::After(1), interval, expires);
        polled::add(requests, polled, now)
    });
    Ok(Json(json!({
        "auth_req_id": added.ok_or_else(par::too_many)?,
        "expires_in": lifetime,
        "interval": interval.as_secs(),
    })))
}
