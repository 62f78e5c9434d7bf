//! Layers of tower-http outside and inside.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::post;
use bytes::Bytes;
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH};
use http::{HeaderMap, HeaderName, StatusCode};
use http_body_util::Full;
use tower::{Layer, ServiceBuilder};
use tower_http::ServiceBuilderExt;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::cors::CorsLayer;
use tower_http::decompression::{DecompressionLayer, RequestDecompressionLayer};
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::request_id::MakeRequestUuid;
use tower_http::timeout::{RequestBodyDeadlineLayer, TimeoutLayer};
use tower_http::trace::TraceLayer;
use tower_token_endpoint::rejection::Rejection;
use tower_token_endpoint::{TokenRequest, TokenResponse};

use crate::common::{CC_READ, ask};
use crate::setup::{assert_is_token_endpoint, get_request, issue, layer, token_request};

#[tokio::test]
async fn token_endpoint_holds_below_every_tower_http_layer() {
    let stack = ServiceBuilder::new()
        .layer(CatchPanicLayer::new())
        .set_x_request_id(MakeRequestUuid)
        .layer(TraceLayer::new_for_http())
        .propagate_x_request_id()
        .layer(CorsLayer::permissive())
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            Duration::from_secs(30),
        ))
        .layer(CompressionLayer::new())
        .layer(RequestBodyLimitLayer::new(4096))
        .layer(RequestBodyDeadlineLayer::new(Duration::from_secs(20)))
        .layer(layer());
    let app = Router::new().route("/token", post(issue)).layer(stack);
    assert_is_token_endpoint(app.clone(), "/token").await;

    let answer = ask(&app, token_request("/token", "app", "wrong", CC_READ)).await;
    assert_eq!(
        answer.header(HeaderName::from_static("x-request-id")).len(),
        36
    );
    assert_eq!(answer.header(ACCESS_CONTROL_ALLOW_ORIGIN), "*");
}

#[tokio::test]
async fn token_endpoint_holds_above_every_tower_http_layer() {
    let stack = ServiceBuilder::new()
        .layer(layer())
        .layer(CatchPanicLayer::new())
        .set_x_request_id(MakeRequestUuid)
        .layer(TraceLayer::new_for_http())
        .propagate_x_request_id()
        .layer(CorsLayer::permissive())
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            Duration::from_secs(30),
        ))
        .layer(CompressionLayer::new())
        .layer(RequestBodyLimitLayer::new(4096))
        .layer(RequestBodyDeadlineLayer::new(Duration::from_secs(20)));
    let app = Router::new().route("/token", post(issue)).layer(stack);
    assert_is_token_endpoint(app.clone(), "/token").await;

    let accepted = ask(&app, token_request("/token", "app", "s3cret", CC_READ)).await;
    assert!(
        accepted.headers.contains_key("x-request-id"),
        "{accepted:?}"
    );
    let rejected = ask(&app, token_request("/token", "app", "wrong", CC_READ)).await;
    assert!(
        !rejected.headers.contains_key("x-request-id"),
        "{rejected:?}"
    );
}

#[tokio::test]
async fn service_builder_stack_around_a_service_fn_needs_no_router() {
    let service = ServiceBuilder::new()
        .layer(CatchPanicLayer::new())
        .layer(TraceLayer::new_for_http())
        .layer(RequestBodyLimitLayer::new(4096))
        .layer(layer())
        .service_fn(async |request: http::Request<_>| {
            let token = request.extensions().get::<TokenRequest>().cloned();
            let answer = issue(token.expect("the layer is in front")).await;
            Ok::<_, Infallible>(
                http::Response::<Bytes>::from(answer.expect("issued")).map(Full::new),
            )
        });
    assert_is_token_endpoint(service, "/token").await;
}

#[tokio::test]
async fn trace_outside_sees_the_rejection() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let record = Arc::clone(&seen);
    let trace = TraceLayer::new_for_http().on_response(
        move |response: &http::Response<_>, _: Duration, _: &tracing::Span| {
            let rejection = response.extensions().get::<Rejection>();
            record
                .lock()
                .expect("no panic")
                .push(rejection.map(Rejection::as_str));
        },
    );
    let app = Router::new()
        .route("/token", post(issue))
        .layer(ServiceBuilder::new().layer(trace).layer(layer()));
    ask(&app, token_request("/token", "app", "wrong", CC_READ)).await;
    ask(&app, token_request("/token", "ghost", "wrong", CC_READ)).await;
    ask(&app, token_request("/token", "app", "s3cret", CC_READ)).await;
    assert_eq!(
        *seen.lock().expect("no panic"),
        [Some("wrong_secret"), Some("unknown_client"), None]
    );
}

#[tokio::test]
async fn request_id_set_outside_reaches_the_handler() {
    let handler = async |_: TokenRequest, headers: HeaderMap| {
        headers["x-request-id"].to_str().expect("ASCII").to_owned()
    };
    let stack = ServiceBuilder::new()
        .set_x_request_id(MakeRequestUuid)
        .propagate_x_request_id()
        .layer(layer());
    let app = Router::new().route("/token", post(handler)).layer(stack);
    let answer = ask(&app, token_request("/token", "app", "s3cret", CC_READ)).await;
    assert_eq!(
        answer.header(HeaderName::from_static("x-request-id")),
        answer.body
    );
}

#[tokio::test]
async fn panic_of_a_handler_is_caught_outside_and_inside() {
    async fn panics(_: TokenRequest) -> TokenResponse {
        panic!("on purpose")
    }

    let outside = ServiceBuilder::new()
        .layer(CatchPanicLayer::new())
        .layer(layer());
    let app = Router::new().route("/token", post(panics)).layer(outside);
    let answer = ask(&app, token_request("/token", "app", "s3cret", CC_READ)).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    ask(&app, token_request("/token", "app", "wrong", CC_READ))
        .await
        .assert_unauthenticated();

    let inside = ServiceBuilder::new()
        .layer(layer())
        .layer(CatchPanicLayer::new());
    let app = Router::new().route("/token", post(panics)).layer(inside);
    let answer = ask(&app, token_request("/token", "app", "s3cret", CC_READ)).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(answer.header(CACHE_CONTROL), "no-store");
}

#[tokio::test]
async fn compression_outside_compresses_our_errors() {
    let stack = ServiceBuilder::new()
        .layer(CompressionLayer::new())
        .layer(layer());
    let app = Router::new().route("/token", post(issue)).layer(stack);

    let mut request = token_request("/token", "app", "wrong", CC_READ);
    request
        .headers_mut()
        .insert("accept-encoding", "gzip".parse().expect("a header"));
    let plain = ask(&app, token_request("/token", "app", "wrong", CC_READ)).await;
    let packed = ask(&app, request).await;
    assert_eq!(packed.status, StatusCode::UNAUTHORIZED);
    assert_eq!(packed.header(CONTENT_ENCODING), "gzip");
    assert!(!packed.headers.contains_key(CONTENT_LENGTH), "{packed:?}");

    let unpacking = DecompressionLayer::new().layer(app);
    let unpacked = ask(&unpacking, token_request("/token", "app", "wrong", CC_READ)).await;
    unpacked.assert_unauthenticated();
    assert_eq!(unpacked.body, plain.body);
}

/// `text` in gzip.
async fn gzip(text: String) -> Bytes {
    let service = CompressionLayer::new().layer(tower::service_fn(move |_: Request| {
        let text = text.clone();
        async move { Ok::<_, Infallible>(Response::new(Body::from(text))) }
    }));
    let mut request = get_request("/");
    let accepted = "gzip".parse().expect("a header");
    request.headers_mut().insert("accept-encoding", accepted);
    let answer = ask(&service, request).await;
    assert_eq!(answer.header(CONTENT_ENCODING), "gzip");
    answer.body
}

#[tokio::test]
async fn request_decompression_outside_is_read_within_our_limit() {
    let stack = ServiceBuilder::new()
        .layer(RequestDecompressionLayer::new())
        .layer(layer());
    let app = Router::new().route("/token", post(issue)).layer(stack);
    let packed = async |form: String| {
        let mut request = token_request("/token", "app", "s3cret", gzip(form).await);
        let encoding = "gzip".parse().expect("a header");
        request.headers_mut().insert(CONTENT_ENCODING, encoding);
        request
    };
    let padded = |length: usize| format!("{CC_READ}&padding={}", "a".repeat(length));
    ask(&app, packed(padded(1000)).await)
        .await
        .assert_issued_to("app");

    let bomb = packed(padded(1_000_000)).await;
    let size = http_body::Body::size_hint(bomb.body()).exact();
    assert!(size.is_some_and(|size| size < 4096), "{size:?}");
    let answer = ask(&app, bomb).await;
    answer.refused(413, "invalid_request");
}
