//! Where axum takes a layer.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{MatchedPath, State};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use bytes::Bytes;
use http::StatusCode;
use http::header::CACHE_CONTROL;
use http_body::Frame;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tower::{BoxError, Layer};
use tower_token_endpoint::store::ClientStore;
use tower_token_endpoint::{Client, MemoryClientStore, TokenEndpointLayer, TokenRequest};

use crate::common::{Built, CC_READ, ChannelBody, ISSUER, ask, clients};
use crate::setup::{
    assert_is_token_endpoint, get_request, issue, layer, layer_on, streamed, token_request,
};

#[tokio::test]
async fn router_layer_with_a_path_leaves_the_other_routes_alone() {
    let app = Router::new()
        .route("/token", post(issue))
        .route("/health", get(|| async { "well" }))
        .layer(layer_on("/token"));
    assert_is_token_endpoint(app.clone(), "/token").await;

    let health = ask(&app, get_request("/health")).await;
    assert_eq!(
        (health.status, &health.body[..]),
        (StatusCode::OK, &b"well"[..])
    );
    assert!(!health.headers.contains_key(CACHE_CONTROL), "{health:?}");

    let unknown = ask(&app, token_request("/elsewhere", "app", "wrong", CC_READ)).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn router_layer_compares_the_path_byte_for_byte() {
    let app = Router::new()
        .fallback(|| async { "fallback" })
        .layer(layer_on("/token"));
    for path in ["/token/", "/Token", "/%74oken", "//token", "/tokens"] {
        let answer = ask(&app, token_request(path, "app", "wrong", CC_READ)).await;
        assert_eq!(&answer.body[..], b"fallback", "{path}");
    }
    ask(&app, token_request("/token?a=b", "app", "wrong", CC_READ))
        .await
        .assert_unauthenticated();
}

#[tokio::test]
async fn router_layer_without_a_path_guards_the_fallback_too() {
    let app = Router::new().route("/token", post(issue)).layer(layer());
    assert_is_token_endpoint(app.clone(), "/token").await;
    ask(&app, token_request("/elsewhere", "app", "wrong", CC_READ))
        .await
        .assert_unauthenticated();
}

#[tokio::test]
async fn router_route_layer_needs_no_path() {
    let app = Router::new()
        .route("/token", post(issue))
        .route_layer(layer())
        .route("/health", get(|| async { "well" }));
    assert_is_token_endpoint(app.clone(), "/token").await;

    let health = ask(&app, get_request("/health")).await;
    assert_eq!(health.status, StatusCode::OK);
    let unknown = ask(&app, token_request("/elsewhere", "app", "wrong", CC_READ)).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn method_router_layer_guards_one_route() {
    let app = Router::new()
        .route("/token", post(issue).layer(layer()))
        .route("/health", get(|| async { "well" }));
    assert_is_token_endpoint(app.clone(), "/token").await;
    let health = ask(&app, get_request("/health")).await;
    assert_eq!(health.status, StatusCode::OK);
}

#[tokio::test]
async fn method_router_is_a_token_endpoint_by_itself() {
    let app: axum::routing::MethodRouter = post(issue).layer(layer());
    assert_is_token_endpoint(app, "/").await;
}

#[tokio::test]
async fn the_layer_around_a_whole_router_is_a_service() {
    let app = layer_on("/token").layer(Router::new().route("/token", post(issue)));
    assert_is_token_endpoint(app, "/token").await;
}

#[tokio::test]
async fn route_service_takes_the_layered_service() {
    let endpoint = layer().layer(post(issue));
    let app = Router::new().route_service("/token", endpoint);
    assert_is_token_endpoint(app, "/token").await;
}

#[tokio::test]
async fn axum_body_works_wherever_the_plain_layer_does() {
    let token = layer().axum_body();
    assert_is_token_endpoint(
        Router::new()
            .route("/token", post(issue))
            .layer(token.clone()),
        "/token",
    )
    .await;
    assert_is_token_endpoint(
        Router::new()
            .route("/token", post(issue))
            .route_layer(token.clone()),
        "/token",
    )
    .await;
    assert_is_token_endpoint(
        Router::new().route("/token", post(issue).layer(token.clone())),
        "/token",
    )
    .await;
    assert_is_token_endpoint(
        token.layer(Router::new().route("/token", post(issue))),
        "/token",
    )
    .await;
}

#[tokio::test]
async fn handlers_take_state_the_token_request_and_the_exact_body() {
    #[derive(Clone)]
    struct Suffix(&'static str);

    #[axum::debug_handler]
    async fn echo(
        State(Suffix(suffix)): State<Suffix>,
        request: TokenRequest,
        body: Bytes,
    ) -> Json<Value> {
        Json(json!({
            "client": request.client().client_id(),
            "method": request.method().as_str(),
            "grant": request.grant_type().as_str(),
            "scope": request.scope().map(|scope| scope.to_string()),
            "body": String::from_utf8(body.to_vec()).expect("a body in UTF-8"),
            "suffix": suffix,
        }))
    }

    let app = Router::new()
        .route("/token", post(echo))
        .layer(layer_on("/token"))
        .with_state(Suffix("!"));
    let frames = [
        "grant_type=client%5Fcred",
        "entials&",
        "&empty=&scope=read+w",
        "rite",
    ];
    let answer = ask(
        &app,
        token_request("/token", "app", "s3cret", streamed(frames)),
    )
    .await;
    assert_eq!(
        *answer.json(),
        json!({
            "client": "app",
            "method": "client_secret_basic",
            "grant": "client_credentials",
            "scope": "read write",
            "body": frames.concat(),
            "suffix": "!",
        })
    );
}

#[tokio::test]
async fn axum_body_streams_other_paths_without_buffering() {
    let (to_test, mut from_handler) = mpsc::unbounded_channel();
    let upload = async move |body: Body| {
        to_test.send(body).expect("a waiting test");
        StatusCode::NO_CONTENT
    };
    let app = Router::new()
        .route("/upload", post(upload))
        .layer(layer_on("/token").axum_body());
    let (sender, body) = ChannelBody::new();
    let request = token_request("/upload", "app", "wrong", Body::new(body));
    let answer = ask(&app, request).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert!(!answer.headers.contains_key(CACHE_CONTROL), "{answer:?}");

    let mut body = from_handler.recv().await.expect("the handler was called");
    for frame in ["first", "second"] {
        assert!(sender.send(Frame::data(Bytes::from(frame))).is_ok());
        let received = body.frame().await.expect("a frame").expect("no error");
        assert_eq!(received.into_data().expect("data"), frame);
    }
    drop(sender);
    assert!(body.frame().await.is_none());
}

#[tokio::test]
async fn option_layer_switches_the_layer_on_and_off() {
    for on in [true, false] {
        let token = on.then(|| layer().axum_body());
        let app = Router::new()
            .route("/token", post(issue))
            .layer(tower::util::option_layer(token));
        let answer = ask(&app, token_request("/token", "app", "s3cret", CC_READ)).await;
        if on {
            answer.assert_issued_to("app");
        } else {
            answer.assert_fails_closed("TokenEndpointLayer");
        }
    }
}

#[tokio::test]
async fn store_sees_what_axum_and_layers_outside_put_into_the_extensions() {
    #[derive(Clone)]
    struct Tenant(&'static str);

    struct ByTenant(MemoryClientStore);

    impl ClientStore for ByTenant {
        type Error = BoxError;

        async fn find(
            &self,
            client_id: &str,
            request: &http::request::Parts,
        ) -> Result<Option<Arc<Client>>, BoxError> {
            let path = request.extensions.get::<MatchedPath>().ok_or("no path")?;
            assert_eq!(path.as_str(), "/{tenant}/token");
            let Tenant(tenant) = request.extensions.get().ok_or("no tenant")?;
            Ok((*tenant == "ours").then(|| self.0.get(client_id)).flatten())
        }
    }

    for (tenant, status) in [("ours", 200), ("theirs", 401)] {
        let app = Router::new()
            .route("/{tenant}/token", post(issue))
            .route_layer(TokenEndpointLayer::builder(ByTenant(clients()), ISSUER).built())
            .layer(Extension(Tenant(tenant)));
        let answer = ask(&app, token_request("/a/token", "app", "s3cret", CC_READ)).await;
        assert_eq!(answer.status.as_u16(), status, "{tenant}: {answer:?}");
    }
}
