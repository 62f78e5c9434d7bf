//! Paths below `nest`.

use axum::Router;
use axum::routing::post;

use crate::common::{CC_READ, ask};
use crate::setup::{assert_is_token_endpoint, issue, layer, layer_on, token_request};

#[tokio::test]
async fn inside_nest_the_stripped_path_is_the_one_that_matches() {
    let inner = Router::new()
        .route("/token", post(issue))
        .layer(layer_on("/token"));
    let app = Router::new().nest("/oauth", inner);
    assert_is_token_endpoint(app, "/oauth/token").await;
}

#[tokio::test]
async fn inside_nest_a_layer_on_the_full_path_leaves_the_handler_failing_closed() {
    let inner = Router::new()
        .route("/token", post(issue))
        .layer(layer_on("/oauth/token"));
    let app = Router::new().nest("/oauth", inner);
    for secret in ["s3cret", "wrong"] {
        let answer = ask(&app, token_request("/oauth/token", "app", secret, CC_READ)).await;
        answer.assert_fails_closed("TokenEndpointLayer");
        assert!(
            answer.json()["error_description"]
                .to_string()
                .contains("path")
        );
    }
}

#[tokio::test]
async fn around_nest_the_full_path_matches() {
    let inner = Router::new().route("/token", post(issue));
    let app = Router::new()
        .nest("/oauth", inner)
        .layer(layer_on("/oauth/token"));
    assert_is_token_endpoint(app, "/oauth/token").await;
}

#[tokio::test]
async fn route_layer_inside_nest_needs_no_path() {
    let inner = Router::new()
        .route("/token", post(issue))
        .route_layer(layer());
    let app = Router::new().nest("/oauth", inner);
    assert_is_token_endpoint(app, "/oauth/token").await;
}
