//! `POST /introspect` and `POST /revoke`. The layer has authenticated the client and
//! checked that there is a `token`.
//!
//! Both look only into the client's own vault. A token of another client is unknown
//! there: a client neither learns that it exists nor can revoke it.

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use axum::{Json, extract::State};
use serde_json::{Value, json};
use tower_token_endpoint::request::{IntrospectionRequest, RevocationRequest};

use crate::Server;

/// RFC 7662 §2.2.
pub(crate) async fn introspect(
    State(server): State<Arc<Server>>,
    request: IntrospectionRequest,
) -> Json<Value> {
    let found = server.vaults.of(request.client(), |vault, now| {
        vault.inspect(request.token(), now)
    });
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
    if let Some(confirmation) = found.bound.confirmation() {
        answer["cnf"] = confirmation;
    }
    Json(answer)
}

/// RFC 7009 §2.2: a token that does not exist counts as revoked. The hint is not needed
/// to find one that exists.
pub(crate) async fn revoke(
    State(server): State<Arc<Server>>,
    request: RevocationRequest,
) -> Json<Value> {
    server
        .vaults
        .of(request.client(), |vault, _| vault.revoke(request.token()));
    // RFC 7009 gives the body no meaning, but many clients parse it as JSON.
    Json(json!({}))
}

fn unix(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
