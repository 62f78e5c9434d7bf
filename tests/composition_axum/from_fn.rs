//! `axum::middleware::from_fn` outside and inside.

use std::fmt::Debug;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::post;
use tower::{Service, ServiceBuilder};
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::RequestBodyDeadlineLayer;
use tower_token_endpoint::TokenRequest;
use tower_token_endpoint::rejection::Rejection;

use crate::common::{CC_READ, ask};
use crate::setup::{assert_is_token_endpoint, issue, layer, layer_on, streamed, token_request};

/// Inside: says in a header what the layer told it.
pub(crate) async fn inside(request: Request, next: Next) -> Response {
    let client = request
        .extensions()
        .get::<TokenRequest>()
        .map(|token| token.client().client_id().to_owned());
    let mut response = next.run(request).await;
    if let Some(client) = client {
        let client = client.parse().expect("a client_id fit for a header");
        response.headers_mut().insert("x-inside", client);
    }
    response
}

/// Outside: says in a header why the layer rejected.
async fn outside(request: Request, next: Next) -> Response {
    assert!(request.extensions().get::<TokenRequest>().is_none());
    let mut response = next.run(request).await;
    if let Some(rejection) = response.extensions().get::<Rejection>() {
        let reason = rejection
            .as_str()
            .parse()
            .expect("a reason fit for a header");
        response.headers_mut().insert("x-outside", reason);
    }
    response
}

async fn assert_from_fn_sees_both_sides<S, R>(app: S)
where
    S: Service<Request, Response = http::Response<R>> + Clone,
    S::Error: Debug,
    R: http_body::Body,
    R::Error: Debug,
{
    let accepted = ask(&app, token_request("/token", "app", "s3cret", CC_READ)).await;
    accepted.assert_issued_to("app");
    assert_eq!(accepted.headers["x-inside"], "app");
    assert!(!accepted.headers.contains_key("x-outside"), "{accepted:?}");

    let rejected = ask(&app, token_request("/token", "app", "wrong", CC_READ)).await;
    rejected.assert_unauthenticated();
    assert_eq!(rejected.headers["x-outside"], "wrong_secret");
    assert!(!rejected.headers.contains_key("x-inside"), "{rejected:?}");
}

#[tokio::test]
async fn from_fn_inside_and_outside_in_separate_router_layers() {
    let app = Router::new()
        .route("/token", post(issue))
        .layer(from_fn(inside))
        .layer(layer_on("/token"))
        .layer(from_fn(outside));
    assert_from_fn_sees_both_sides(app.clone()).await;
    assert_is_token_endpoint(app, "/token").await;
}

#[tokio::test]
async fn from_fn_inside_and_outside_in_one_service_builder() {
    let stack = ServiceBuilder::new()
        .layer(from_fn(outside))
        .layer(layer().axum_body())
        .layer(from_fn(inside));
    let app = Router::new().route("/token", post(issue)).layer(stack);
    assert_from_fn_sees_both_sides(app.clone()).await;
    assert_is_token_endpoint(app, "/token").await;
}

#[tokio::test]
async fn from_fn_inside_below_body_limit_and_body_deadline() {
    let stack = ServiceBuilder::new()
        .layer(from_fn(outside))
        .layer(RequestBodyLimitLayer::new(4096))
        .layer(RequestBodyDeadlineLayer::new(Duration::from_secs(20)))
        .layer(layer().axum_body())
        .layer(from_fn(inside));
    let app = Router::new().route("/token", post(issue)).layer(stack);
    assert_from_fn_sees_both_sides(app.clone()).await;
    assert_is_token_endpoint(app, "/token").await;
}

#[tokio::test]
async fn from_fn_inside_below_body_layers_around_a_method_router() {
    let stack = ServiceBuilder::new()
        .layer(from_fn(outside))
        .layer(RequestBodyDeadlineLayer::new(Duration::from_secs(20)))
        .layer(RequestBodyLimitLayer::new(4096))
        .layer(layer().axum_body())
        .layer(from_fn(inside));
    let app = Router::new().route("/token", post(issue).layer(stack));
    assert_from_fn_sees_both_sides(app).await;
}

#[tokio::test]
async fn axum_body_below_the_body_limit_still_tells_413_from_400() {
    let stack = ServiceBuilder::new()
        .layer(RequestBodyLimitLayer::new(64))
        .layer(RequestBodyDeadlineLayer::new(Duration::from_secs(20)))
        .layer(layer().axum_body())
        .layer(from_fn(inside));
    let app = Router::new().route("/token", post(issue)).layer(stack);
    let frames = std::iter::once(CC_READ).chain(std::iter::repeat_n("&a=0123456789", 10));
    let answer = ask(
        &app,
        token_request("/token", "app", "s3cret", streamed(frames)),
    )
    .await;
    answer.refused(413, "invalid_request");
}
