//! The pages behind axum and behind bare hyper.

use std::convert::Infallible;

use axum::Router;
use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Empty};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tower::{Service, ServiceExt};
use tower_token_endpoint::rejection::pages::{ErrorPages, PageBody};

use crate::setup::ISSUER;

async fn status_of(app: &Router, path: &str) -> StatusCode {
    let request = Request::get(path).body(axum::body::Body::empty());
    let Ok(response) = app.clone().oneshot(request.expect("a request")).await;
    response.status()
}

#[tokio::test]
async fn pages_can_be_nested_or_be_at_a_route_of_axum() {
    let pages = ErrorPages::new(ISSUER);
    let nested = Router::new().nest_service("/errors", pages.clone());
    let routed = Router::new()
        .route_service("/errors/{code}", pages.clone())
        .route_service("/errors/", pages);
    for app in [nested, routed] {
        for (path, status) in [
            ("/errors/", 200),
            ("/errors/invalid_client", 200),
            ("/errors/?q=wrong_secret", 303),
            ("/errors/unknown", 404),
            ("/other", 404),
        ] {
            assert_eq!(status_of(&app, path).await, status, "{path}");
        }
    }

    let pages = ErrorPages::new(ISSUER).base_path("/tenant/errors");
    let inner = Router::new().nest_service("/errors", pages.clone());
    let nested_twice = Router::new().nest("/tenant", inner);
    let inner = Router::new().route_service("/errors/{code}", pages);
    let routed_within = Router::new().nest("/tenant", inner);
    for app in [nested_twice, routed_within] {
        let path = "/tenant/errors/invalid_client";
        assert_eq!(status_of(&app, path).await, 200);
    }
}

#[tokio::test]
async fn pages_are_served_by_hyper_without_a_framework() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("has one");
    let server = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("a connection");
        let pages = hyper_util::service::TowerToHyperService::new(ErrorPages::new(ISSUER));
        let connection = hyper::server::conn::http1::Builder::new();
        connection
            .serve_connection(TokioIo::new(stream), pages)
            .await
    });

    let stream = TcpStream::connect(address).await.expect("it listens");
    let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
    let (mut client, connection) = handshake.expect("a connection");
    tokio::spawn(connection);
    for (method, has_body) in [(Method::GET, true), (Method::HEAD, false)] {
        let request = Request::builder()
            .method(method)
            .uri("/errors/invalid_scope")
            .header(header::HOST, "as.example.com")
            .body(Empty::<bytes::Bytes>::new())
            .expect("a request");
        let response = client.send_request(request).await.expect("a response");
        assert_eq!(response.status(), 200);
        let length: usize = response.headers()[header::CONTENT_LENGTH]
            .to_str()
            .expect("a text")
            .parse()
            .expect("a number");
        let body = response.collect().await.expect("a body").to_bytes();
        assert_eq!(body.len(), if has_body { length } else { 0 });
    }
    drop(client);
    server.await.expect("no panic").expect("a clean end");
}

#[test]
fn the_service_takes_any_body_and_never_fails() {
    fn is_service<B, S>(_: &S)
    where
        S: Service<Request<B>, Response = http::Response<PageBody>, Error = Infallible>
            + Clone
            + Send
            + Sync
            + 'static,
        S::Future: Send + Unpin,
    {
    }
    let pages = ErrorPages::new(ISSUER);
    is_service::<(), _>(&pages);
    is_service::<axum::body::Body, _>(&pages);
    is_service::<hyper::body::Incoming, _>(&pages);
}
