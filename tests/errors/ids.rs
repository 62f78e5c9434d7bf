//! `trace_id`: what leads from a response to the log.

use bytes::Bytes;
use http::{HeaderName, Response};
use serde_json::json;
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_http::request_id::{MakeRequestUuid, RequestId, SetRequestIdLayer};
use tower_token_endpoint::layer::TraceIds;
use tower_token_endpoint::rejection::{Rejection, TraceId};
use tower_token_endpoint::{ErrorCode, TokenError};
use tracing_subscriber::filter::LevelFilter;

use crate::common::{Built as _, Call, Log, basic, body, builder, call, post};
use crate::{Layer, clients, exchange, json};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

fn layer() -> Layer {
    let trace_ids = TraceIds::new().header(REQUEST_ID).traceparent();
    builder(clients()).trace_ids(trace_ids).built()
}

fn issued() -> Response<Bytes> {
    Response::new(Bytes::from_static(b"{}"))
}

/// A request with this `x-request-id` that each step of the layer refuses, and one that nobody does.
fn refused() -> Vec<Call> {
    let calls = [
        call("GET", "/token"),
        call("POST", "/token"),
        basic("app:s3cret").with_body("grant_type=%zz"),
        basic("nobody:s3cret"),
        basic("app:wrong"),
        body("client_id=app"),
        basic("app:s3cret").with_body("grant_type=magic"),
        basic("app:s3cret").with_body("grant_type=client_credentials&scope=write"),
    ];
    calls.map(|it| it.set("x-request-id", "req-1")).into()
}

#[tokio::test]
async fn every_error_response_its_rejection_and_its_event_have_the_same_id() {
    let layer = layer();
    for call in refused() {
        let log = Log::default();
        let guard = log.of_thread(LevelFilter::INFO);
        let (response, inner) = exchange(&layer, &call, issued()).await;
        drop(guard);
        assert!(inner.is_none(), "{call:?}");
        let error = json(&response);
        assert_eq!(error["trace_id"], "req-1", "{call:?}");
        let description = error["error_description"].as_str().expect("a description");
        assert!(description.ends_with(" (trace_id: req-1)"), "{description}");
        let rejection: &Rejection = response.extensions().get().expect("a rejection");
        assert_eq!(rejection.trace_id().map(TraceId::as_str), Some("req-1"));
        let lines = log.take();
        let [line] = &lines[..] else {
            panic!("{lines:?}");
        };
        assert!(line.contains(r#"trace_id="req-1""#), "{line}");
        assert!(line.contains(rejection.as_str()), "{line}");
    }
}

/// RFC 6749 §5.2: nobody must learn which cause a failed authentication has.
#[tokio::test]
async fn every_401_with_the_same_id_is_the_same() {
    let layer = layer();
    let calls = ["nobody:s3cret", "app:wrong", "spa:x"];
    let mut bodies = Vec::new();
    for credentials in calls {
        let call = basic(credentials).set("x-request-id", "req-1");
        let (response, _) = exchange(&layer, &call, issued()).await;
        assert_eq!(response.status(), 401);
        bodies.push((response.headers().clone(), response.into_body()));
    }
    assert_eq!(bodies[0], bodies[1]);
    assert_eq!(bodies[0], bodies[2]);
}

#[tokio::test]
async fn an_error_of_the_inner_service_has_the_id_and_an_event() {
    let layer = layer();
    let call = basic("app:s3cret").set("x-request-id", "req-1");
    for (error, expected) in [
        (
            TokenError::new(ErrorCode::InvalidGrant).description("the code was used before"),
            json!({
                "error": "invalid_grant",
                "error_description": "the code was used before (trace_id: req-1)",
                "trace_id": "req-1",
            }),
        ),
        (
            TokenError::new(ErrorCode::InvalidGrant).uri("https://a.example/e"),
            json!({
                "error": "invalid_grant",
                "error_description": "(trace_id: req-1)",
                "error_uri": "https://a.example/e",
                "trace_id": "req-1",
            }),
        ),
    ] {
        let log = Log::default();
        let guard = log.of_thread(LevelFilter::DEBUG);
        let (response, inner) = exchange(&layer, &call, error).await;
        drop(guard);
        assert_eq!(response.status(), 400);
        assert_eq!(json(&response), expected);
        let inner = inner.expect("it was called");
        let id: Option<&TraceId> = inner.extensions().get();
        assert_eq!(id.map(TraceId::as_str), Some("req-1"));
        let lines = log.take();
        let [accepted, failed] = &lines[..] else {
            panic!("{lines:?}");
        };
        assert!(accepted.contains(r#"outcome="accepted""#), "{accepted}");
        for line in [accepted, failed] {
            assert!(line.starts_with("DEBUG"), "{line}");
            assert!(line.contains(r#"trace_id="req-1""#), "{line}");
        }
        assert!(failed.contains(r#"error="invalid_grant""#), "{failed}");
    }
}

#[tokio::test]
async fn what_is_no_error_of_this_crate_stays_as_it_is() {
    let layer = layer();
    let mut own = Response::new(Bytes::from_static(br#"{"error":"mine"}"#));
    *own.status_mut() = http::StatusCode::BAD_REQUEST;
    // Compressed by a layer inside.
    let mut compressed: Response<Bytes> = TokenError::new(ErrorCode::InvalidGrant).into();
    compressed
        .headers_mut()
        .insert("content-encoding", "br".parse().expect("a value"));
    for inner in [issued(), own, compressed] {
        let expected = inner.body().clone();
        let (response, _) = exchange(&layer, &basic("app:s3cret"), inner).await;
        assert_eq!(*response.body(), expected);
    }
    // Nor is a request for another path touched.
    let other = call("GET", "/other").set("x-request-id", "req-1");
    let error = TokenError::new(ErrorCode::InvalidGrant);
    let (response, inner) = exchange(&layer, &other, error).await;
    assert_eq!(*response.body(), r#"{"error":"invalid_grant"}"#);
    let inner = inner.expect("it was called");
    assert!(inner.extensions().get::<TraceId>().is_none());
}

/// With the length of the body that is sent.
#[tokio::test]
async fn headers_about_the_body_of_the_inner_service_are_kept_with_the_body_only() {
    const OF_BODY: [(&str, &str); 5] = [
        ("content-length", "25"),
        ("etag", "\"a\""),
        ("content-digest", "sha-256=:AA==:"),
        ("repr-digest", "sha-256=:AA==:"),
        ("digest", "sha-256=AA=="),
    ];
    let mut error: Response<Bytes> = TokenError::new(ErrorCode::InvalidGrant).into();
    for (name, value) in OF_BODY {
        let value = value.parse().expect("a value");
        error.headers_mut().insert(name, value);
    }
    // A layer that adds nothing to the body changes nothing.
    for (layer, is_replaced) in [(layer(), true), (builder(clients()).built(), false)] {
        let (response, _) = exchange(&layer, &basic("app:s3cret"), error.clone()).await;
        assert_eq!(*response.body() != *error.body(), is_replaced);
        for (name, value) in OF_BODY {
            let expected = (!is_replaced).then_some(value);
            let found = response.headers().get(name);
            let found = found.map(|it| it.to_str().expect("a text"));
            assert_eq!(found, expected, "{name}");
        }
    }
    let head = call("HEAD", "/token").set("x-request-id", "req-1");
    let get = call("GET", "/token").set("x-request-id", "req-1");
    let (head, _) = exchange(&layer(), &head, issued()).await;
    let (get, _) = exchange(&layer(), &get, issued()).await;
    assert!(head.body().is_empty());
    let length = head.headers()["content-length"].to_str().expect("a number");
    assert_eq!(length, get.body().len().to_string());
}

#[tokio::test]
async fn an_id_that_is_none_is_replaced_by_a_new_one() {
    let layer = layer();
    let too_long = "a".repeat(129);
    let calls = [
        basic("app:wrong"),
        basic("app:wrong").set("x-request-id", ""),
        basic("app:wrong").set("x-request-id", "a b"),
        basic("app:wrong").set("x-request-id", "<script>"),
        basic("app:wrong").set("x-request-id", "é"),
        basic("app:wrong").set("x-request-id", &too_long),
        basic("app:wrong")
            .add("x-request-id", "a")
            .add("x-request-id", "a"),
        basic("app:wrong").set("traceparent", "00-a-b-c"),
    ];
    let mut ids = Vec::new();
    for call in calls {
        let (response, _) = exchange(&layer, &call, issued()).await;
        let id = json(&response)["trace_id"]
            .as_str()
            .expect("an id")
            .to_owned();
        assert_eq!(id.len(), 36, "{call:?}");
        assert!(!ids.contains(&id));
        ids.push(id);
    }
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let (response, _) = exchange(
        &layer,
        &basic("app:wrong").set("traceparent", parent),
        issued(),
    )
    .await;
    assert_eq!(
        json(&response)["trace_id"],
        "4bf92f3577b34da6a3ce929d0e0e4736"
    );
}

#[tokio::test]
async fn without_the_setting_there_is_none() {
    let layer = builder(clients()).built();
    for call in refused() {
        let (response, _) = exchange(&layer, &call, issued()).await;
        let body = String::from_utf8(response.body().to_vec()).expect("UTF-8");
        assert!(
            !body.contains("trace_id") && !body.contains("req-1"),
            "{body}"
        );
        let rejection: &Rejection = response.extensions().get().expect("a rejection");
        assert_eq!(rejection.trace_id(), None);
    }
    let call = basic("app:s3cret").set("x-request-id", "req-1");
    let error = TokenError::new(ErrorCode::InvalidGrant);
    let (response, inner) = exchange(&layer, &call, error).await;
    assert_eq!(*response.body(), r#"{"error":"invalid_grant"}"#);
    assert!(
        inner
            .expect("called")
            .extensions()
            .get::<TraceId>()
            .is_none()
    );
}

/// As people compose it: tower-http makes the id, and sends it back as a header as well.
#[tokio::test]
async fn an_id_of_a_layer_outside_is_taken() {
    let trace_ids = TraceIds::new().extension(|id: &RequestId| id.header_value().to_str().ok());
    let layer = builder(clients()).trace_ids(trace_ids).built();
    let inner =
        service_fn(async |_| Ok::<_, tower::BoxError>(issued().map(http_body_util::Full::new)));
    let service = SetRequestIdLayer::new(REQUEST_ID, MakeRequestUuid).layer(layer.layer(inner));
    let response = service
        .clone()
        .oneshot(post("").request())
        .await
        .expect("a response");
    let rejection: &Rejection = response.extensions().get().expect("a rejection");
    assert_eq!(rejection.trace_id().map(|id| id.as_str().len()), Some(36));
    let call = post("").set("x-request-id", "from-a-proxy");
    let response = service.oneshot(call.request()).await.expect("a response");
    let rejection: &Rejection = response.extensions().get().expect("a rejection");
    assert_eq!(
        rejection.trace_id().map(TraceId::as_str),
        Some("from-a-proxy")
    );
}
