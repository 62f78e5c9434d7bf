//! `TokenError` and `TokenResponse` as answers of handlers.

use std::time::Duration;

use axum::Router;
use axum::response::IntoResponse;
use axum::routing::post;
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, PRAGMA, RETRY_AFTER, WWW_AUTHENTICATE};
use serde_json::json;
use tower_token_endpoint::{ErrorCode, TokenError, TokenRequest, TokenResponse};

use crate::common::{CC_READ, Reply, ask};
use crate::setup::{issue, layer, token_request};

#[tokio::test]
async fn token_error_of_a_handler_renders_itself() {
    async fn refuse(_: TokenRequest) -> Result<TokenResponse, TokenError> {
        Err(TokenError::new(ErrorCode::InvalidGrant)
            .description("the code was used before")
            .uri("https://as.example.com/errors"))?
    }

    let app = Router::new().route("/token", post(refuse)).layer(layer());
    let answer = ask(&app, token_request("/token", "app", "s3cret", CC_READ)).await;
    answer.refused(400, "invalid_grant");
    assert_eq!(
        *answer.json(),
        json!({
            "error": "invalid_grant",
            "error_description": "the code was used before",
            "error_uri": "https://as.example.com/errors",
        })
    );
    assert_eq!(answer.reason(), None);
}

#[tokio::test]
async fn error_code_becomes_a_token_error_by_the_question_mark() {
    async fn refuse(request: TokenRequest) -> Result<TokenResponse, TokenError> {
        request
            .refresh_token()
            .ok_or(ErrorCode::AuthorizationPending)?;
        issue(request).await
    }

    let app = Router::new().route("/token", post(refuse)).layer(layer());
    ask(&app, token_request("/token", "app", "s3cret", CC_READ))
        .await
        .refused(400, "authorization_pending");
}

#[tokio::test]
async fn token_error_into_response_has_status_headers_and_challenge() {
    let invalid = TokenError::new(ErrorCode::InvalidClient)
        .realm("here")
        .into_response();
    let invalid = Reply::read(invalid).await;
    invalid.refused(401, "invalid_client");
    assert_eq!(
        invalid.header(WWW_AUTHENTICATE),
        r#"Basic realm="here", charset="UTF-8""#
    );

    let down = TokenError::new(ErrorCode::TemporarilyUnavailable)
        .retry_after(Duration::from_secs(7))
        .into_response();
    let down = Reply::read(down).await;
    down.refused(503, "temporarily_unavailable");
    assert_eq!(down.header(RETRY_AFTER), "7");

    let broken = TokenError::from(ErrorCode::ServerError).into_response();
    Reply::read(broken).await.refused(500, "server_error");
}

#[tokio::test]
async fn token_response_into_response_is_uncacheable_json() {
    let response = TokenResponse::bearer("t").scope("read").into_response();
    let answer = Reply::read(response).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header(CONTENT_TYPE), "application/json");
    assert_eq!(answer.header(CACHE_CONTROL), "no-store");
    assert_eq!(answer.header(PRAGMA), "no-cache");
    assert_eq!(
        *answer.json(),
        json!({"access_token": "t", "token_type": "Bearer", "scope": "read"})
    );
}
