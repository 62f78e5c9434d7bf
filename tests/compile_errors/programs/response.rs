use tower_token_endpoint::{TokenRequest, TokenResponse};

#[axum::debug_handler]
async fn issue(request: TokenRequest) -> TokenResponse {
    TokenResponse::bearer(request.client().client_id())
}
