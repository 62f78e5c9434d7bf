//! Limits of size and time: those of other layers and our own.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::routing::post;
use http::StatusCode;
use http::header::CONTENT_LENGTH;
use tower::ServiceBuilder;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::{RequestBodyDeadlineLayer, TimeoutLayer};
use tower_token_endpoint::TokenEndpointLayer;
use tower_token_endpoint::rejection::RejectionReason;

use crate::common::{Built, CC_READ, Hanging, ISSUER, Step, ask, data, scripted};
use crate::setup::{builder, issue, layer, streamed, token_request};

#[tokio::test]
async fn body_limit_outside_makes_a_streamed_body_413_of_this_layer() {
    let stack = ServiceBuilder::new()
        .layer(RequestBodyLimitLayer::new(64))
        .layer(layer());
    let app = Router::new().route("/token", post(issue)).layer(stack);
    let frames = std::iter::once(CC_READ).chain(std::iter::repeat_n("&a=0123456789", 10));
    let answer = ask(
        &app,
        token_request("/token", "app", "s3cret", streamed(frames)),
    )
    .await;
    answer.refused(413, "invalid_request");
    assert_eq!(answer.reason(), Some(RejectionReason::BodyTooLarge));
}

#[tokio::test]
async fn body_limit_outside_answers_a_long_content_length_itself() {
    let stack = ServiceBuilder::new()
        .layer(RequestBodyLimitLayer::new(8))
        .layer(layer());
    let app = Router::new().route("/token", post(issue)).layer(stack);
    let mut request = token_request("/token", "app", "s3cret", CC_READ);
    request
        .headers_mut()
        .insert(CONTENT_LENGTH, CC_READ.len().into());
    let answer = ask(&app, request).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(answer.reason(), None, "{answer:?}");
}

#[tokio::test]
async fn axums_default_body_limit_does_not_replace_ours() {
    let app = Router::new()
        .route("/token", post(issue))
        .layer(builder().body_limit(64).built())
        .layer(axum::extract::DefaultBodyLimit::disable());
    let frames = std::iter::once(CC_READ).chain(std::iter::repeat_n("&a=0123456789", 10));
    let answer = ask(
        &app,
        token_request("/token", "app", "s3cret", streamed(frames)),
    )
    .await;
    answer.refused(413, "invalid_request");
}

#[tokio::test(start_paused = true)]
async fn body_deadline_outside_is_a_body_that_cannot_be_read() {
    let stack = ServiceBuilder::new()
        .layer(RequestBodyDeadlineLayer::new(Duration::from_secs(1)))
        .layer(layer());
    let app = Router::new().route("/token", post(issue)).layer(stack);
    let body = Body::new(scripted([data("grant_type="), Step::Hang]));
    let answer = ask(&app, token_request("/token", "app", "s3cret", body)).await;
    answer.refused(400, "invalid_request");
    assert_eq!(answer.reason(), Some(RejectionReason::BodyUnreadable));
}

#[tokio::test(start_paused = true)]
async fn our_deadline_below_a_longer_body_deadline_is_408() {
    let stack = ServiceBuilder::new()
        .layer(RequestBodyDeadlineLayer::new(Duration::from_secs(60)))
        .layer(layer());
    let app = Router::new().route("/token", post(issue)).layer(stack);
    let body = Body::new(scripted([data("grant_type="), Step::Hang]));
    let answer = ask(&app, token_request("/token", "app", "s3cret", body)).await;
    answer.refused(408, "invalid_request");
    assert_eq!(answer.reason(), Some(RejectionReason::BodyTimeout));
}

#[tokio::test(start_paused = true)]
async fn timeout_outside_cuts_a_decision_that_hangs() {
    let stack = ServiceBuilder::new()
        .layer(TimeoutLayer::with_status_code(
            StatusCode::GATEWAY_TIMEOUT,
            Duration::from_secs(1),
        ))
        .layer(TokenEndpointLayer::builder(Hanging, ISSUER).built());
    let app = Router::new().route("/token", post(issue)).layer(stack);
    let answer = ask(&app, token_request("/token", "app", "s3cret", CC_READ)).await;
    assert_eq!(answer.status, StatusCode::GATEWAY_TIMEOUT);
    assert!(answer.body.is_empty(), "{answer:?}");
}

#[tokio::test(start_paused = true)]
async fn our_deadline_below_a_longer_timeout_is_503_with_retry_after() {
    let stack = ServiceBuilder::new()
        .layer(TimeoutLayer::with_status_code(
            StatusCode::GATEWAY_TIMEOUT,
            Duration::from_secs(60),
        ))
        .layer(TokenEndpointLayer::builder(Hanging, ISSUER).built());
    let app = Router::new().route("/token", post(issue)).layer(stack);
    let answer = ask(&app, token_request("/token", "app", "s3cret", CC_READ)).await;
    answer.refused(503, "temporarily_unavailable");
    answer.comes_back_after(5);
    assert_eq!(answer.reason(), Some(RejectionReason::DecisionTimeout));
}
