//! The handler that people write by hand.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Form;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse as _, Json, Response};
use axum_extra::TypedHeader;
use axum_extra::headers::Authorization;
use axum_extra::headers::authorization::Basic;
use http::{HeaderName, StatusCode, header};
use serde::Serialize;
use subtle::ConstantTimeEq as _;

use crate::requests::{client_id, issued, secret};

/// What the hand-written handler knows about a client.
pub(crate) struct Registered {
    secret: String,
    grant_types: Vec<String>,
    scopes: Vec<String>,
}

/// The registrations of the hand-written handler. The secret is kept as it is, as is usual: this
/// handler is spared the hash that the layer makes for every request.
pub(crate) fn registrations(count: usize) -> HashMap<String, Registered> {
    (0..count)
        .map(|n| {
            let registered = Registered {
                secret: secret(n),
                grant_types: vec![
                    "client_credentials".into(),
                    "authorization_code".into(),
                    "refresh_token".into(),
                ],
                scopes: vec!["read".into(), "write".into(), "profile".into()],
            };
            (client_id(n), registered)
        })
        .collect()
}

#[derive(Serialize)]
struct ErrorBody {
    error: &'static str,
    error_description: &'static str,
}

fn error(status: StatusCode, error: &'static str, error_description: &'static str) -> Response {
    let body = Json(ErrorBody {
        error,
        error_description,
    });
    const NO_STORE: (HeaderName, &str) = (header::CACHE_CONTROL, "no-store");
    if status == StatusCode::UNAUTHORIZED {
        let challenge = (header::WWW_AUTHENTICATE, "Basic realm=\"token\"");
        return (status, [challenge, NO_STORE], body).into_response();
    }
    (status, [NO_STORE], body).into_response()
}

/// The usual token endpoint in axum, at its best: a constant-time comparison, a challenge,
/// `no-store`, no `unwrap`. It makes a fraction of the checks that the layer makes.
pub(crate) async fn hand_written(
    State(clients): State<Arc<HashMap<String, Registered>>>,
    TypedHeader(Authorization(basic)): TypedHeader<Authorization<Basic>>,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    const DENIED: &str = "unknown client or wrong secret";
    let Some(client) = clients.get(basic.username()) else {
        return error(StatusCode::UNAUTHORIZED, "invalid_client", DENIED);
    };
    let presented = basic.password().as_bytes();
    if !bool::from(client.secret.as_bytes().ct_eq(presented)) {
        return error(StatusCode::UNAUTHORIZED, "invalid_client", DENIED);
    }
    let Some(grant_type) = form.get("grant_type") else {
        let description = "grant_type is missing";
        return error(StatusCode::BAD_REQUEST, "invalid_request", description);
    };
    if grant_type != "client_credentials" {
        let description = "only client_credentials is served";
        return error(
            StatusCode::BAD_REQUEST,
            "unsupported_grant_type",
            description,
        );
    }
    if !client.grant_types.contains(grant_type) {
        let description = "not registered for this grant";
        return error(StatusCode::BAD_REQUEST, "unauthorized_client", description);
    }
    if let Some(scope) = form.get("scope") {
        let mut wanted = scope.split(' ');
        if !wanted.all(|scope| client.scopes.iter().any(|known| known == scope)) {
            let description = "outside the registered scope";
            return error(StatusCode::BAD_REQUEST, "invalid_scope", description);
        }
    }
    issued().map(Body::new)
}
