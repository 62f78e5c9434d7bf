//! `POST /introspect` and `POST /revoke`. The layer has authenticated the
//! client and seen to it that there is a `token`.
//!
//! Both look into the client's own vault alone, so a token of another client
//! is an unknown one: nobody learns that it exists, and nobody can end it.

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use axum::{Json, extract::State};
use serde_json::{Value, json};
use tower_token_endpoint::AuthenticatedRequest;

use crate::Server;

/// RFC 7662 §2.2.
pub(crate) async fn introspect(
    State(server): State<Arc<Server>>,
    request: AuthenticatedRequest,
) -> Json<Value> {
    let token = request.token().unwrap_or_default();
    let found = server
        .vaults
        .of(request.client(), |vault, now| vault.inspect(token, now));
    let Some(found) = found else {
        return Json(json!({ "active": false }));
    };
    let mut answer = json!({
        "active": true,
        "iss": server.issuer,
        "client_id": request.client().client_id(),
        "iat": unix(found.issued),
        "exp": unix(found.expires),
    });
    if let Some(scope) = found.scope {
        answer["scope"] = json!(*scope);
    }
    if let Some(token_type) = found.token_type {
        answer["token_type"] = json!(token_type);
    }
    Json(answer)
}

/// RFC 7009 §2.2: a token that is not there is revoked already, and the hint
/// is not needed to find one that is.
pub(crate) async fn revoke(
    State(server): State<Arc<Server>>,
    request: AuthenticatedRequest,
) -> Json<Value> {
    let token = request.token().unwrap_or_default();
    server
        .vaults
        .of(request.client(), |vault, _| vault.revoke(token));
    // The body means nothing, but many clients parse it.
    Json(json!({}))
}

fn unix(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
