use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use tower::{Layer, Service, service_fn};
#[cfg(fixed)]
use tower_token_endpoint::body::RequestBody;
use tower_token_endpoint::{MemoryClientStore, TokenEndpointLayer};

type Body = Full<Bytes>;

#[cfg(not(fixed))]
async fn issue(_: Request<Body>) -> Result<Response<Body>, Infallible> {
    Ok(Response::default())
}

#[cfg(fixed)]
async fn issue(_: Request<RequestBody<Body>>) -> Result<Response<Body>, Infallible> {
    Ok(Response::default())
}

pub async fn run(layer: TokenEndpointLayer<MemoryClientStore>, request: Request<Body>) {
    let _response = layer.layer(service_fn(issue)).call(request).await;
}
