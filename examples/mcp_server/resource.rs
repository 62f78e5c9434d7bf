//! The MCP server: a protected resource (RFC 9728) without a single tool.

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};

use crate::{SCOPE, Server};

/// The path of the resource follows (RFC 9728 §3.1). Some clients ask without it.
const METADATA: &str = "/.well-known/oauth-protected-resource";

pub(crate) fn routes() -> Router<Arc<Server>> {
    Router::new()
        .route("/mcp", post(respond).fallback(refuse))
        .route(METADATA, get(metadata))
        .route(&format!("{METADATA}/mcp"), get(metadata))
}

async fn metadata(State(server): State<Arc<Server>>) -> Json<Value> {
    Json(json!({
        "resource": server.resource,
        "authorization_servers": [server.issuer],
        "scopes_supported": [SCOPE],
        "bearer_methods_supported": ["header"],
    }))
}

/// JSON-RPC, of which every client needs this much.
async fn respond(State(server): State<Arc<Server>>, headers: HeaderMap, body: Bytes) -> Response {
    if let Some(refused) = server.refused(&headers) {
        return refused;
    }
    let Ok(message) = serde_json::from_slice::<Value>(&body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let Some(id) = message.get("id") else {
        return StatusCode::ACCEPTED.into_response();
    };
    let result = match message["method"].as_str().unwrap_or_default() {
        "initialize" => json!({
            "protocolVersion": "2025-11-25",
            "capabilities": { "tools": {} },
            "serverInfo": { "name": "mcp_server", "version": "0.1.0" },
        }),
        "ping" => json!({}),
        "tools/list" => json!({ "tools": [] }),
        _ => {
            let error = json!({ "code": -32601, "message": "Method not found" });
            return Json(json!({ "jsonrpc": "2.0", "id": id, "error": error })).into_response();
        }
    };
    Json(json!({ "jsonrpc": "2.0", "id": id, "result": result })).into_response()
}

/// There are no streams and no sessions.
async fn refuse(State(server): State<Arc<Server>>, headers: HeaderMap) -> Response {
    let refused = server.refused(&headers);
    refused.unwrap_or_else(|| StatusCode::METHOD_NOT_ALLOWED.into_response())
}

impl Server {
    /// The 401 for a request without a valid token (RFC 6750 §3, RFC 9728 §5.1).
    fn refused(&self, headers: &HeaderMap) -> Option<Response> {
        let value = headers.get(header::AUTHORIZATION);
        let value = value.and_then(|value| value.to_str().ok());
        let (scheme, token) = value.and_then(|it| it.split_once(' ')).unwrap_or_default();
        let error = if scheme.eq_ignore_ascii_case("bearer") {
            if self.is_valid(token) {
                return None;
            }
            r#"error="invalid_token", "#
        } else {
            ""
        };
        let metadata = format!("{}{METADATA}/mcp", self.issuer);
        let challenge = format!(r#"Bearer {error}resource_metadata="{metadata}", scope="{SCOPE}""#);
        let headers = [(header::WWW_AUTHENTICATE, challenge)];
        Some((StatusCode::UNAUTHORIZED, headers).into_response())
    }

    /// Whether the token is for this MCP server, and was not revoked.
    fn is_valid(&self, token: &str) -> bool {
        let mut issued = self.issued();
        let Some(id) = issued.access.get(token).map(|access| access.grant.clone()) else {
            return false;
        };
        let grant = issued.grants.get(&id);
        grant.is_some_and(|grant| grant.resource == self.resource)
    }
}
