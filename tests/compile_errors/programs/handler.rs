use axum::{Router, routing::post};
use tower_token_endpoint::{TokenRequest, TokenResponse};

async fn issue(request: TokenRequest) -> TokenResponse {
    TokenResponse::bearer(request.client().client_id())
}

pub fn app() -> Router {
    Router::new().route("/token", post(issue))
}
