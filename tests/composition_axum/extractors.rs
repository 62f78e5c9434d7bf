//! Extractors, behind the layer and without it.

use axum::Router;
use axum::routing::post;
use tower_token_endpoint::{AuthenticatedRequest, Endpoint, TokenRequest};

use crate::common::{Built, CC_READ, ask};
use crate::cors::preflight;
use crate::setup::{builder, issue, layer, layer_on, token_request};

#[tokio::test]
async fn token_request_without_the_layer_fails_closed() {
    let app: Router = Router::new().route("/token", post(issue));
    ask(&app, token_request("/token", "app", "s3cret", CC_READ))
        .await
        .assert_fails_closed("TokenEndpointLayer");
}

#[tokio::test]
async fn authenticated_request_without_the_layer_fails_closed() {
    let handler = async |request: AuthenticatedRequest| request.client().client_id().to_owned();
    let app: Router = Router::new().route("/introspect", post(handler));
    ask(
        &app,
        token_request("/introspect", "app", "s3cret", "token=t"),
    )
    .await
    .assert_fails_closed("TokenEndpointLayer");
}

#[tokio::test]
async fn options_passed_through_to_a_handler_that_takes_a_token_request_fails_closed() {
    let app = Router::new()
        .route("/token", axum::routing::any(issue))
        .layer(layer_on("/token"));
    ask(&app, preflight("/token"))
        .await
        .assert_fails_closed("TokenEndpointLayer");
}

#[tokio::test]
async fn authenticated_request_is_extracted_at_the_token_endpoint() {
    let handler = async |request: AuthenticatedRequest, token: TokenRequest| {
        assert_eq!(request.parameter("scope"), Some("read"));
        assert_eq!(request.parameter("client_secret"), None);
        assert_eq!(
            token.authenticated().client().client_id(),
            request.client().client_id()
        );
        format!("{} by {}", request.client().client_id(), request.method())
    };
    let app = Router::new().route("/token", post(handler)).layer(layer());
    let answer = ask(&app, token_request("/token", "app", "s3cret", CC_READ)).await;
    assert_eq!(&answer.body[..], b"app by client_secret_basic");
}

#[tokio::test]
async fn authenticated_request_is_extracted_at_introspection_and_revocation() {
    let handler = async |request: AuthenticatedRequest| {
        format!("{:?} {:?}", request.token(), request.token_type_hint())
    };
    let token = layer();
    let app = Router::new()
        .route("/introspect", post(handler))
        .layer(
            token
                .for_endpoint(Endpoint::Introspection, "/introspect")
                .expect("settings that agree"),
        )
        .route("/revoke", post(handler))
        .layer(
            token
                .for_endpoint(Endpoint::Revocation, "/revoke")
                .expect("settings that agree"),
        );
    for path in ["/introspect", "/revoke"] {
        let body = "token=t&token_type_hint=access_token";
        let answer = ask(&app, token_request(path, "app", "s3cret", body)).await;
        assert_eq!(
            &answer.body[..],
            br#"Some("t") Some("access_token")"#,
            "{path}: {answer:?}"
        );
        ask(&app, token_request(path, "app", "wrong", body))
            .await
            .assert_unauthenticated();
    }
}

#[tokio::test]
async fn token_request_at_introspection_and_revocation_fails_closed() {
    for endpoint in [Endpoint::Introspection, Endpoint::Revocation] {
        let app = Router::new()
            .route("/", post(issue))
            .layer(builder().endpoint(endpoint).built());
        ask(&app, token_request("/", "app", "s3cret", "token=t"))
            .await
            .assert_fails_closed("AuthenticatedRequest");
    }
}
