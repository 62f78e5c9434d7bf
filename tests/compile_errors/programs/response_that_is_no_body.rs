use std::convert::Infallible;

use axum::{Router, body::Body};
#[cfg(fixed)]
use bytes::Bytes;
use http::{Request, Response};
#[cfg(fixed)]
use http_body_util::Full;
use tower::{Layer, service_fn};
use tower_token_endpoint::{MemoryClientStore, TokenEndpointLayer, body::RequestBody};

#[cfg(not(fixed))]
type ResponseBody = Vec<u8>;
#[cfg(fixed)]
type ResponseBody = Full<Bytes>;

async fn issue(_: Request<RequestBody<Body>>) -> Result<Response<ResponseBody>, Infallible> {
    Ok(Response::default())
}

pub fn app(layer: TokenEndpointLayer<MemoryClientStore>) -> Router {
    Router::new().route_service("/token", layer.layer(service_fn(issue)))
}
