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
pub(crate) fn registrations(count: usize) -> Registrations {
    let registrations = (0..count).map(|n| {
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
    });
    Arc::new(registrations.collect())
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

/// The clients of the handler, as axum's state.
pub(crate) type Registrations = Arc<HashMap<String, Registered>>;

/// The usual token endpoint in axum, at its best: a constant-time comparison, a challenge,
/// `no-store`, no `unwrap`. It makes a fraction of the checks that the layer makes.
pub(crate) async fn hand_written(
    State(clients): State<Registrations>,
    TypedHeader(Authorization(basic)): TypedHeader<Authorization<Basic>>,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    issue(&clients, basic.username(), basic.password(), &form)
}

/// The same for credentials in the form.
pub(crate) async fn hand_written_post(
    State(clients): State<Registrations>,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    let (Some(client_id), Some(secret)) = (form.get("client_id"), form.get("client_secret")) else {
        return error(StatusCode::UNAUTHORIZED, "invalid_client", DENIED);
    };
    issue(&clients, client_id, secret, &form)
}

const DENIED: &str = "unknown client or wrong secret";

fn issue(
    clients: &HashMap<String, Registered>,
    client_id: &str,
    secret: &str,
    form: &HashMap<String, String>,
) -> Response {
    let Some(client) = clients.get(client_id) else {
        return error(StatusCode::UNAUTHORIZED, "invalid_client", DENIED);
    };
    if !bool::from(client.secret.as_bytes().ct_eq(secret.as_bytes())) {
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
