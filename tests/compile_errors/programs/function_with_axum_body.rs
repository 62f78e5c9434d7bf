use std::convert::Infallible;

use axum::{Router, body::Body};
use http::{Request, Response};
use tower::{Layer, service_fn};
use tower_token_endpoint::{MemoryClientStore, TokenEndpointLayer};

async fn issue(_: Request<Body>) -> Result<Response<Body>, Infallible> {
    Ok(Response::default())
}

pub fn app(layer: TokenEndpointLayer<MemoryClientStore>) -> Router {
    #[cfg(fixed)]
    let layer = layer.axum_body();
    Router::new().route_service("/token", layer.layer(service_fn(issue)))
}
