//! The client, its requests, and inner services for them.

use std::future::pending;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use tokio::time::timeout;
use tower::{BoxError, Layer};
use tower_test::mock;
use tower_test::mock::{Handle, Mock};
use tower_token_endpoint::body::RequestBody;
use tower_token_endpoint::layer::{TokenEndpoint, TokenEndpointLayerBuilder};
use tower_token_endpoint::{MemoryClientStore, TokenEndpointLayer};

use crate::common::{AnyBody, Built, CC_READ, ISSUER, Step, clients, data, full, post, scripted};

/// `app` and `s3cret`.
pub(crate) const RIGHT: &str = "Basic YXBwOnMzY3JldA==";
/// `app` and `wrong`.
pub(crate) const WRONG: &str = "Basic YXBwOndyb25n";
/// Longer than anything here takes; only a hang gets there.
pub(crate) const HANG: Duration = Duration::from_secs(20);
pub(crate) type InnerRequest = Request<RequestBody<AnyBody>>;

pub(crate) fn layer() -> TokenEndpointLayer<MemoryClientStore> {
    builder().built()
}

/// What makes [`layer`], for more settings.
pub(crate) fn builder() -> TokenEndpointLayerBuilder<MemoryClientStore> {
    TokenEndpointLayer::builder(clients(), ISSUER).path("/token")
}

pub(crate) fn token_request<B>(authorization: &str, body: B) -> Request<B> {
    let call = post("").add("authorization", authorization);
    call.request_with(body)
}

pub(crate) fn accepted() -> Request<AnyBody> {
    token_request(RIGHT, full(CC_READ))
}

/// Rejected after the store was asked.
pub(crate) fn wrong_secret() -> Request<AnyBody> {
    token_request(WRONG, full(CC_READ))
}

/// Rejected at once, by its head.
pub(crate) fn wrong_method() -> Request<AnyBody> {
    Request::get("/token")
        .body(full(""))
        .expect("a valid request")
}

pub(crate) fn other_path() -> Request<AnyBody> {
    Request::post("/other")
        .body(full("anything"))
        .expect("a valid request")
}

/// A body that gives one frame and then fails.
pub(crate) fn failing_body() -> AnyBody {
    let reset = io::Error::other("connection reset");
    scripted([data("grant_type="), Step::Fail(reset.into())]).boxed_unsync()
}

/// Its body never gives a frame.
pub(crate) fn stalled() -> Request<AnyBody> {
    token_request(RIGHT, scripted([Step::Hang]).boxed_unsync())
}

/// An inner service that answers with the body it got.
pub(crate) async fn echo(request: InnerRequest) -> Result<Response<Full<Bytes>>, BoxError> {
    let body = request.into_body().collect().await?;
    Ok(Response::new(Full::new(body.to_bytes())))
}

/// An inner service that never answers.
pub(crate) async fn hang(_: InnerRequest) -> Result<Response<Full<Bytes>>, BoxError> {
    pending().await
}

type MockInner = Mock<InnerRequest, Response<Full<Bytes>>>;
type MockHandle = Handle<InnerRequest, Response<Full<Bytes>>>;

/// The next request that reaches the inner service, and the way to answer it.
pub(crate) async fn next_call(
    handle: &mut MockHandle,
) -> (InnerRequest, mock::SendResponse<Response<Full<Bytes>>>) {
    timeout(HANG, handle.next_request())
        .await
        .expect("the inner service is called")
        .expect("a live service")
}

pub(crate) fn mocked() -> (TokenEndpoint<MockInner, MemoryClientStore>, MockHandle) {
    let (inner, handle) = mock::pair();
    (builder().body_limit(1024).built().layer(inner), handle)
}
