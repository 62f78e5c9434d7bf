//! `on_error`: what the server adds to an error response.

use http::{HeaderName, HeaderValue};
use serde_json::json;
use tower_token_endpoint::layer::TraceIds;
use tower_token_endpoint::rejection::RejectionReason;
use tower_token_endpoint::{ErrorCode, TokenError};

use crate::common::{Built as _, CHALLENGE, basic, builder, call};
use crate::{clients, exchange, json};

const SUPPORT: HeaderName = HeaderName::from_static("x-support");

#[tokio::test]
async fn it_adds_members_and_headers_and_replaces_description_and_uri() {
    let layer = builder(clients())
        .error_uri("https://as.example.com/errors")
        .trace_ids(TraceIds::new().header(HeaderName::from_static("x-request-id")))
        .on_error(|rejection, request, response| {
            assert_eq!(rejection.reason(), RejectionReason::UnsupportedGrantType);
            assert_eq!(request.headers["x-request-id"], "req-1");
            assert_eq!(request.uri.path(), "/token");
            assert_eq!(response.code(), ErrorCode::UnsupportedGrantType);
            assert_eq!(response.uri(), Some("https://as.example.com/errors"));
            assert!(response.description().contains("grant_type"));
            response
                .set_description("see the docs")
                .set_uri("https://docs.example.com/grants")
                .insert_member("support", json!({"mail": "help@example.com"}))
                .append_header(SUPPORT, HeaderValue::from_static("a"))
                .append_header(SUPPORT, HeaderValue::from_static("b"));
        })
        .built();
    let call = basic("app:s3cret")
        .with_body("grant_type=magic")
        .set("x-request-id", "req-1");
    let (response, _) = exchange(&layer, &call, TokenError::new(ErrorCode::ServerError)).await;
    assert_eq!(response.status(), 400);
    let expected = json!({
        "error": "unsupported_grant_type",
        "error_description": "see the docs (trace_id: req-1)",
        "error_uri": "https://docs.example.com/grants",
        "trace_id": "req-1",
        "support": {"mail": "help@example.com"},
    });
    assert_eq!(json(&response), expected);
    let values: Vec<_> = response.headers().get_all(SUPPORT).iter().collect();
    assert_eq!(values, ["a", "b"]);
}

/// RFC 6749 §5.2: status, code and challenge of a failed authentication.
#[tokio::test]
async fn it_cannot_change_what_a_client_relies_on() {
    let layer = builder(clients())
        .on_error(|_, _, response| {
            for name in ["error", "error_description", "error_uri", "trace_id"] {
                response.insert_member(name, "replaced");
            }
            for name in [
                "www-authenticate",
                "content-type",
                "cache-control",
                "retry-after",
            ] {
                let value = HeaderValue::from_static("replaced");
                response.append_header(HeaderName::from_static(name), value);
            }
        })
        .built();
    let plain = builder(clients()).built();
    for call in [
        basic("app:wrong"),
        basic("nobody:x"),
        call("GET", "/token"),
        basic("app:s3cret").with_body(""),
    ] {
        let (hooked, _) = exchange(&layer, &call, TokenError::new(ErrorCode::ServerError)).await;
        let (expected, _) = exchange(&plain, &call, TokenError::new(ErrorCode::ServerError)).await;
        assert_eq!(hooked.status(), expected.status());
        assert_eq!(hooked.headers(), expected.headers());
        assert_eq!(hooked.body(), expected.body());
    }
    let (response, _) = exchange(
        &layer,
        &basic("app:wrong"),
        TokenError::new(ErrorCode::ServerError),
    )
    .await;
    assert_eq!(response.headers()["www-authenticate"], CHALLENGE);
}

#[tokio::test]
async fn it_is_not_called_for_what_the_layer_does_not_refuse() {
    let layer = builder(clients())
        .on_error(|_, _, _| panic!("called"))
        .built();
    for call in [basic("app:s3cret"), call("GET", "/other")] {
        let error = TokenError::new(ErrorCode::InvalidGrant);
        let (response, inner) = exchange(&layer, &call, error).await;
        assert_eq!(response.status(), 400);
        assert!(inner.is_some());
    }
}
