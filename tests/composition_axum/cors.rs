//! Preflight requests, and answers that a browser may read.

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::IntoResponse;
use axum::routing::post;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, AUTHORIZATION, ORIGIN,
};
use http::{Method, StatusCode};
use tower_http::cors::{Any, CorsLayer};

use crate::common::{CC_READ, Reply, ask};
use crate::setup::{issue, layer, layer_on, token_request};

pub(crate) fn preflight(path: &str) -> Request {
    Request::options(path)
        .header(ORIGIN, "https://spa.example.com")
        .header(ACCESS_CONTROL_REQUEST_METHOD, "POST")
        .header(ACCESS_CONTROL_REQUEST_HEADERS, "authorization")
        .body(Body::empty())
        .expect("a valid request")
}

pub(crate) fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::POST])
        .allow_headers([AUTHORIZATION])
}

#[track_caller]
fn assert_preflight_allowed(answer: &Reply) {
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_eq!(answer.header(ACCESS_CONTROL_ALLOW_ORIGIN), "*");
    assert_eq!(answer.header(ACCESS_CONTROL_ALLOW_METHODS), "POST");
    assert_eq!(answer.header(ACCESS_CONTROL_ALLOW_HEADERS), "authorization");
}

#[tokio::test]
async fn preflight_is_answered_by_cors_outside_and_rejections_are_readable() {
    let app = Router::new()
        .route("/token", post(issue))
        .layer(layer_on("/token"))
        .layer(cors());
    assert_preflight_allowed(&ask(&app, preflight("/token")).await);

    let mut request = token_request("/token", "app", "wrong", CC_READ);
    request
        .headers_mut()
        .insert(ORIGIN, "https://spa.example.com".parse().expect("a header"));
    let answer = ask(&app, request).await;
    answer.assert_unauthenticated();
    assert_eq!(answer.header(ACCESS_CONTROL_ALLOW_ORIGIN), "*");
}

#[tokio::test]
async fn preflight_passes_through_to_cors_inside() {
    let app = Router::new()
        .route("/token", post(issue))
        .layer(cors())
        .layer(layer_on("/token"));
    assert_preflight_allowed(&ask(&app, preflight("/token")).await);
}

#[tokio::test]
async fn preflight_passes_through_to_an_options_route() {
    async fn answer_options() -> impl IntoResponse {
        (StatusCode::NO_CONTENT, [(ACCESS_CONTROL_ALLOW_ORIGIN, "*")])
    }

    let app = Router::new()
        .route("/token", post(issue).options(answer_options))
        .route_layer(layer());
    let answer = ask(&app, preflight("/token")).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert_eq!(answer.header(ACCESS_CONTROL_ALLOW_ORIGIN), "*");
    assert_eq!(answer.reason(), None);
}
