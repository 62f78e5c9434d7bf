//! Which paths there are, and what responds at all others.

use axum::{
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
};
use tower_token_endpoint::{ErrorCode, TokenError, rejection::pages::ErrorPages};

/// The endpoints below the path of the issuer.
const ENDPOINTS: [&str; 9] = [
    "/token",
    "/introspect",
    "/revoke",
    "/par",
    "/device_authorization",
    "/device",
    "/backchannel_authentication",
    "/authorize",
    "/resource",
];

#[derive(Clone)]
pub(crate) struct Paths {
    /// The path of the issuer without a slash at its end, so mostly nothing. All
    /// endpoints are below it.
    pub(crate) base: String,
    /// Where the discovery document is. The path of the issuer is at its end
    /// (RFC 8414 §3.1).
    pub(crate) discovery: String,
}

impl Paths {
    pub(crate) fn of(issuer: &str) -> Self {
        let issuer = issuer.parse::<Uri>().unwrap_or_default();
        let base = issuer.path().trim_end_matches('/').to_owned();
        Self {
            discovery: format!("/.well-known/oauth-authorization-server{base}"),
            base,
        }
    }

    /// The pages about the error codes, at `/errors` below the path of the issuer.
    pub(crate) fn error_pages(&self, issuer: &str) -> ErrorPages {
        ErrorPages::new(issuer).base_path(format!("{}/errors", self.base))
    }

    /// The response at a path that does not exist. It names the path that was probably
    /// meant, or else all that exist. So whoever set up a client sees what to change.
    pub(crate) fn not_found(&self, path: &str) -> Response {
        let name = path.rsplit('/').find(|segment| !segment.is_empty());
        let meant = ENDPOINTS
            .iter()
            .find(|endpoint| name.is_some_and(|name| name.eq_ignore_ascii_case(&endpoint[1..])));
        let Self { base, discovery } = self;
        let hint = match meant {
            Some(endpoint) => format!("use {base}{endpoint}"),
            None if path.contains("/.well-known/") => format!("use {discovery}"),
            None => {
                let all = ENDPOINTS.map(|endpoint| format!("{base}{endpoint}, "));
                format!("there are {}and {discovery}", all.concat())
            }
        };
        error(
            StatusCode::NOT_FOUND,
            format!("this path does not exist: {hint}"),
        )
    }
}

/// The response to a method that a path does not have. axum adds the header `Allow`.
pub(crate) async fn wrong_method() -> Response {
    let description = "the method is wrong: use one of those in the header Allow";
    error(StatusCode::METHOD_NOT_ALLOWED, description.to_owned())
}

/// JSON, since many clients try to parse every response as JSON.
fn error(status: StatusCode, description: String) -> Response {
    let error = TokenError::new(ErrorCode::InvalidRequest).description(description);
    (status, error).into_response()
}
