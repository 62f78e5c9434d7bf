//! The servers that this program is itself: one axum handler, mounted in several ways.

use std::net::Ipv4Addr;

use axum::Router;
use axum::body::Body;
use axum::routing::post;
use axum::serve::ListenerExt as _;
use bytes::Bytes;
use http::Response;
use tokio::net::TcpListener;
use tower_token_endpoint::{MemoryClientStore, TokenEndpointLayer, TokenRequest};

use crate::Result;
use crate::handler::{hand_written, registrations};
use crate::requests::{ISSUER, TOKEN_PATH, clients_json, issued};
use crate::traffic::CLIENTS;

/// The argument that makes this program a server.
pub(crate) const SERVE: &str = "serve";

/// The handler and nothing else.
pub(crate) const BARE: &str = "bare";
/// With the layer, by `.axum_body()`.
pub(crate) const LAYERED: &str = "layered";
/// With the layer, as the README mounts it.
pub(crate) const IN_ROUTER: &str = "in-router";
/// With the usual checks by hand.
pub(crate) const HAND_WRITTEN: &str = "hand-written";

pub(crate) async fn serve(name: &str) -> Result<()> {
    let app = match name {
        BARE => Router::new().route(TOKEN_PATH, post(issue)),
        LAYERED => Router::new()
            .route(TOKEN_PATH, post(issue))
            .layer(layer()?.axum_body()),
        IN_ROUTER => Router::new()
            .route(TOKEN_PATH, post(issue_for))
            .layer(layer()?),
        HAND_WRITTEN => Router::new()
            .route(TOKEN_PATH, post(hand_written))
            .with_state(registrations(CLIENTS)),
        _ => return Err(format!("no such server: {name}").into()),
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            eprintln!("TCP_NODELAY: {error}");
        }
    });
    Ok(axum::serve(listener, app).await?)
}

fn layer() -> Result<TokenEndpointLayer<MemoryClientStore>> {
    let clients = MemoryClientStore::from_json(&clients_json(CLIENTS))?;
    Ok(TokenEndpointLayer::builder(clients, ISSUER)
        .path(TOKEN_PATH)
        .build()?)
}

/// Reads the body, as every token endpoint has to.
async fn issue(_body: Bytes) -> Response<Body> {
    issued().map(Body::new)
}

/// The layer has read the body.
async fn issue_for(_request: TokenRequest) -> Response<Body> {
    issued().map(Body::new)
}
