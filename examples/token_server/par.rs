//! `POST /par` (RFC 9126). The layer has authenticated the client, and checked the scope and that
//! there is no `request_uri`. `GET /authorize` takes what was pushed.

use std::{sync::Arc, time::Duration};

use axum::{Json, extract::State, http::StatusCode};
use serde_json::{Value, json};
use tower_token_endpoint::{Client, ErrorCode, TokenError, request::PushedAuthorizationRequest};

use crate::{
    Server, authorize,
    expiring::Expiring,
    per_client::PerClient,
    refuse::refuse,
    vault::{Code, random},
};

const LIFETIME: Duration = Duration::from_secs(90);
/// What every `request_uri` starts with (RFC 9126 §2.2).
const PREFIX: &str = "urn:ietf:params:oauth:request_uri:";
/// The longest state that is kept, in bytes.
const STATE_LIMIT: usize = 2048;

/// The requests that were pushed and not used yet. Anybody can push with the id of a public client. So
/// each request stays until it is used or expires, and those beyond the share are refused.
pub(crate) type PushedRequests = PerClient<Expiring<Pushed>>;

pub(crate) fn requests(clients: usize) -> PushedRequests {
    PerClient::new(clients, |share| Expiring::new(LIFETIME, share))
}

/// A request that would have been approved when it was pushed.
pub(crate) struct Pushed {
    pub(crate) redirect_uri: String,
    pub(crate) state: Option<String>,
    pub(crate) code: Code,
}

pub(crate) async fn push(
    State(server): State<Arc<Server>>,
    request: PushedAuthorizationRequest,
) -> Result<(StatusCode, Json<Value>), TokenError> {
    let pushed = check(&request)?;
    let id = random();
    let added = server.pushed.of(request.client(), |requests, now| {
        requests.insert_if_room(id.clone(), pushed, now)
    });
    if !added {
        return Err(too_many());
    }
    let answer = json!({
        "request_uri": format!("{PREFIX}{id}"),
        "expires_in": LIFETIME.as_secs(),
    });
    Ok((StatusCode::CREATED, Json(answer)))
}

/// Checks it as `GET /authorize` does (RFC 9126 §2.1).
fn check(request: &PushedAuthorizationRequest) -> Result<Pushed, TokenError> {
    if request.request().is_some() {
        return refuse(
            ErrorCode::RequestNotSupported,
            "this server reads no request objects: send the parameters themselves",
        );
    }
    let client = request.client();
    let registered = |uri: &&str| authorize::is_target(client, uri);
    let Some(redirect_uri) = request.redirect_uri().filter(registered) else {
        return refuse(
            ErrorCode::InvalidRequest,
            "redirect_uri is missing or not registered, or neither https nor on the user's own \
             machine: send a registered one",
        );
    };
    let state = request.state().map(str::to_owned);
    if state.as_ref().is_some_and(|it| it.len() > STATE_LIMIT) {
        return refuse(
            ErrorCode::InvalidRequest,
            "state is too long: send at most 2,048 bytes",
        );
    }
    // A proof at this endpoint names the key as well (RFC 9449 §10.1).
    let parameter = |name: &str| match name {
        "dpop_jkt" => Ok(request.dpop_jkt()),
        _ => Ok(request.parameter(name)),
    };
    Ok(Pushed {
        redirect_uri: redirect_uri.to_owned(),
        state,
        code: authorize::approve(client, redirect_uri, parameter)
            .or_else(|(code, description)| refuse(code, description))?,
    })
}

/// What a client has pushed as this `request_uri`. It is then used up. At another client, it is unknown
/// and stays good.
pub(crate) fn take(server: &Server, client: &Client, request_uri: &str) -> Option<Pushed> {
    let id = request_uri.strip_prefix(PREFIX)?;
    server.pushed.of(client, |requests, now| {
        requests.get(id, now)?;
        requests.remove(id)
    })
}

/// The error of a client that has its share of requests which it has not completed (RFC 9126 §2.3).
pub(crate) fn too_many() -> TokenError {
    TokenError::new(ErrorCode::TemporarilyUnavailable)
        .status(StatusCode::TOO_MANY_REQUESTS)
        .retry_after(Duration::from_secs(10))
        .description("the client has too many requests that were not completed: try again later")
}
