//! The same over TCP: HTTP/1.1, HTTP/2, and reqwest.

use std::fmt::Debug;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::middleware::from_fn;
use axum::routing::{get, post};
use http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD,
    ALLOW, ORIGIN, WWW_AUTHENTICATE,
};
use http::{Method, StatusCode};
use serde_json::Value;
use tower::{Layer, Service, ServiceBuilder};
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::map_response_body::MapResponseBodyLayer;
use tower_http::timeout::RequestBodyDeadlineLayer;
use tower_http::trace::TraceLayer;

use crate::common::{CC_READ, ask, http1, http2, listen};
use crate::cors::cors;
use crate::from_fn::inside;
use crate::setup::{get_request, issue, layer_on, streamed, token_request};

#[derive(Clone, Copy, Debug)]
enum Protocol {
    Http1,
    Http2,
}

const PROTOCOLS: [Protocol; 2] = [Protocol::Http1, Protocol::Http2];

/// One connection as a service, so that the same checks run over TCP too.
#[derive(Clone)]
struct Connection(Arc<tokio::sync::Mutex<Sender>>, SocketAddr);

enum Sender {
    Http1(hyper::client::conn::http1::SendRequest<Body>),
    Http2(hyper::client::conn::http2::SendRequest<Body>),
}

impl Connection {
    async fn open(address: SocketAddr, protocol: Protocol) -> Self {
        let sender = match protocol {
            Protocol::Http1 => Sender::Http1(http1(address).await),
            Protocol::Http2 => Sender::Http2(http2(address).await),
        };
        Self(Arc::new(tokio::sync::Mutex::new(sender)), address)
    }
}

impl Service<Request> for Connection {
    type Response = http::Response<hyper::body::Incoming>;
    type Error = hyper::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, hyper::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), hyper::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let Self(sender, address) = self.clone();
        Box::pin(async move {
            match &mut *sender.lock().await {
                Sender::Http1(sender) => {
                    let host = address.to_string().parse().expect("an address");
                    request.headers_mut().insert(http::header::HOST, host);
                    sender.ready().await?;
                    sender.send_request(request).await
                }
                Sender::Http2(sender) => {
                    let path = request.uri().path_and_query().expect("a path").as_str();
                    let uri = format!("http://{address}{path}");
                    *request.uri_mut() = uri.parse().expect("a URL");
                    sender.ready().await?;
                    sender.send_request(request).await
                }
            }
        })
    }
}

/// [`assert_is_token_endpoint`] for a client that sees no extensions.
async fn assert_is_token_endpoint_over_tcp(address: SocketAddr, path: &str) {
    for protocol in PROTOCOLS {
        let connection = Connection::open(address, protocol).await;
        for _ in 0..2 {
            ask(&connection, token_request(path, "app", "s3cret", CC_READ))
                .await
                .assert_issued_to("app");
            let frames = ["grant_type=", "client_credentials"];
            ask(
                &connection,
                token_request(path, "app", "s3cret", streamed(frames)),
            )
            .await
            .assert_issued_to("app");
            ask(&connection, token_request(path, "app", "wrong", CC_READ))
                .await
                .assert_unauthenticated();
            ask(
                &connection,
                token_request(path, "app", "s3cret", "scope=read"),
            )
            .await
            .refused(400, "invalid_request");
            let get = ask(&connection, get_request(path)).await;
            get.refused(405, "invalid_request");
            assert_eq!(get.header(ALLOW), "POST", "{protocol:?}");
        }
    }
}

#[tokio::test]
async fn served_router_answers_over_http_1_and_http_2() {
    let (listener, address) = listen().await;
    let app = Router::new()
        .route("/token", post(issue))
        .layer(layer_on("/token"))
        .layer(TraceLayer::new_for_http());
    let server = tokio::spawn(axum::serve(listener, app).into_future());
    assert_is_token_endpoint_over_tcp(address, "/token").await;
    server.abort();
}

#[tokio::test]
async fn the_layer_around_a_whole_router_is_served_by_axum() {
    let (listener, address) = listen().await;
    let router = Router::new()
        .route("/token", post(issue))
        .route("/health", get(|| async { "well" }));
    let app = layer_on("/token").axum_body().layer(router);
    let app = axum::ServiceExt::<Request>::into_make_service(app);
    let server = tokio::spawn(axum::serve(listener, app).into_future());
    assert_is_token_endpoint_over_tcp(address, "/token").await;

    let connection = Connection::open(address, Protocol::Http1).await;
    let health = ask(&connection, get_request("/health")).await;
    assert_eq!(&health.body[..], b"well");
    server.abort();
}

#[tokio::test]
async fn from_fn_and_body_layers_around_a_whole_router_are_served_by_axum() {
    let (listener, address) = listen().await;
    let app = ServiceBuilder::new()
        .layer(MapResponseBodyLayer::new(Body::new))
        .layer(RequestBodyLimitLayer::new(4096))
        .layer(RequestBodyDeadlineLayer::new(Duration::from_secs(20)))
        .layer(layer_on("/token").axum_body())
        .layer(from_fn(inside))
        .service(Router::new().route("/token", post(issue)));
    let app = axum::ServiceExt::<Request>::into_make_service(app);
    let server = tokio::spawn(axum::serve(listener, app).into_future());
    assert_is_token_endpoint_over_tcp(address, "/token").await;

    for protocol in PROTOCOLS {
        let connection = Connection::open(address, protocol).await;
        let answer = ask(
            &connection,
            token_request("/token", "app", "s3cret", CC_READ),
        )
        .await;
        assert_eq!(answer.headers["x-inside"], "app", "{protocol:?}");
    }
    server.abort();
}

#[tokio::test]
async fn body_deadline_alone_around_a_whole_router_is_served_without_mapping_the_body() {
    let (listener, address) = listen().await;
    let app = ServiceBuilder::new()
        .layer(RequestBodyDeadlineLayer::new(Duration::from_secs(20)))
        .layer(layer_on("/token").axum_body())
        .service(Router::new().route("/token", post(issue)));
    let app = axum::ServiceExt::<Request>::into_make_service(app);
    let server = tokio::spawn(axum::serve(listener, app).into_future());
    assert_is_token_endpoint_over_tcp(address, "/token").await;
    server.abort();
}

#[tokio::test]
async fn reqwest_gets_a_token_a_401_and_its_preflight() {
    let (listener, address) = listen().await;
    let app = Router::new()
        .route("/token", post(issue))
        .layer(layer_on("/token"))
        .layer(cors());
    let server = tokio::spawn(axum::serve(listener, app).into_future());

    let client = reqwest::Client::new();
    let url = format!("http://{address}/token");
    let form = [
        ("grant_type", "client_credentials"),
        ("scope", "read write"),
    ];
    let request = client.post(&url).form(&form);
    let accepted = request
        .try_clone()
        .expect("a body in memory")
        .basic_auth("app", Some("s3cret"))
        .send()
        .await
        .expect("an answer");
    assert_eq!(accepted.status(), StatusCode::OK);
    let token: Value = accepted.json().await.expect("JSON");
    assert_eq!(token["access_token"], "token-for-app");

    let rejected = request
        .basic_auth("app", Some("wrong"))
        .send()
        .await
        .expect("an answer");
    assert_eq!(rejected.status(), StatusCode::UNAUTHORIZED);
    assert!(rejected.headers().contains_key(WWW_AUTHENTICATE));
    let error: Value = rejected.json().await.expect("JSON");
    assert_eq!(error["error"], "invalid_client");

    let preflight = client
        .request(Method::OPTIONS, &url)
        .header(ORIGIN, "https://spa.example.com")
        .header(ACCESS_CONTROL_REQUEST_METHOD, "POST")
        .header(ACCESS_CONTROL_REQUEST_HEADERS, "authorization")
        .send()
        .await
        .expect("an answer");
    assert_eq!(preflight.status(), StatusCode::OK);
    assert_eq!(preflight.headers()[ACCESS_CONTROL_ALLOW_ORIGIN], "*");
    server.abort();
}
