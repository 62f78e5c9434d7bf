//! The client, its requests, and inner services for them.

use std::convert::Infallible;
use std::fmt::Debug;
use std::future::pending;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, PRAGMA, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderName, Request, Response, StatusCode};
use http_body::{Body, Frame};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tower::{BoxError, Layer, Service, ServiceExt};
use tower_test::mock;
use tower_test::mock::{Handle, Mock};
use tower_token_endpoint::{
    AuthMethod, Client, ClientStore, GrantType, MemoryClients, Reason, Rejection, RequestBody,
    TokenEndpoint, TokenEndpointLayer,
};

pub(crate) const ISSUER: &str = "https://as.example.com";
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";
pub(crate) const GRANT: &str = "grant_type=client_credentials&scope=read";
/// `app` and `s3cret`.
pub(crate) const RIGHT: &str = "Basic YXBwOnMzY3JldA==";
/// `app` and `wrong`.
pub(crate) const WRONG: &str = "Basic YXBwOndyb25n";
/// Longer than anything here takes; only a hang gets there.
pub(crate) const HANG: Duration = Duration::from_secs(20);
/// A request body of any kind.
pub(crate) type AnyBody = UnsyncBoxBody<Bytes, BoxError>;
pub(crate) type InnerRequest = Request<RequestBody<AnyBody>>;

pub(crate) fn clients() -> MemoryClients {
    let app = Client::builder("app")
        .secret("s3cret")
        .auth_methods([AuthMethod::ClientSecretBasic, AuthMethod::ClientSecretPost])
        .grant_types([GrantType::ClientCredentials])
        .scope("read write")
        .build()
        .expect("a valid client");
    MemoryClients::new([app]).expect("one id")
}

pub(crate) fn layer() -> TokenEndpointLayer<MemoryClients> {
    TokenEndpointLayer::new(clients(), ISSUER).path("/token")
}

pub(crate) fn full(body: impl Into<Bytes>) -> AnyBody {
    Full::new(body.into())
        .map_err(|never| match never {})
        .boxed_unsync()
}

pub(crate) fn token_request<B>(authorization: &str, body: B) -> Request<B> {
    Request::post("/token")
        .header(AUTHORIZATION, authorization)
        .header(CONTENT_TYPE, FORM)
        .body(body)
        .expect("a valid request")
}

pub(crate) fn accepted() -> Request<AnyBody> {
    token_request(RIGHT, full(GRANT))
}

/// Rejected after the store was asked.
pub(crate) fn wrong_secret() -> Request<AnyBody> {
    token_request(WRONG, full(GRANT))
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

/// A body whose frames the test sends.
pub(crate) struct ChannelBody(pub(crate) mpsc::UnboundedReceiver<Frame<Bytes>>);

impl ChannelBody {
    pub(crate) fn new() -> (mpsc::UnboundedSender<Frame<Bytes>>, Self) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (sender, Self(receiver))
    }

    /// A body of these frames, without a known length.
    pub(crate) fn of(frames: impl IntoIterator<Item = Bytes>) -> Self {
        let (sender, body) = Self::new();
        for frame in frames {
            assert!(sender.send(Frame::data(frame)).is_ok());
        }
        body
    }

    pub(crate) fn any(self) -> AnyBody {
        self.map_err(|never| match never {}).boxed_unsync()
    }
}

impl Body for ChannelBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(cx).map(|frame| frame.map(Ok))
    }
}

/// A body that gives one frame and then fails.
struct FailingBody(Option<Bytes>);

impl Body for FailingBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        Poll::Ready(Some(match self.0.take() {
            Some(data) => Ok(Frame::data(data)),
            None => Err(io::Error::other("connection reset").into()),
        }))
    }
}

pub(crate) fn failing_body() -> AnyBody {
    FailingBody(Some(Bytes::from_static(b"grant_type="))).boxed_unsync()
}

/// A body that never gives a frame.
struct StalledBody;

impl Body for StalledBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        Poll::Pending
    }
}

pub(crate) fn stalled() -> Request<AnyBody> {
    token_request(RIGHT, StalledBody.boxed_unsync())
}

pub(crate) fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// An answer with its body read.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) rejection: Option<Rejection>,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) async fn read<B>(response: Response<B>) -> Self
    where
        B: Body,
        B::Error: Debug,
    {
        let (mut parts, body) = response.into_parts();
        let body = body.collect().await.expect("a readable body").to_bytes();
        Self {
            status: parts.status,
            headers: parts.headers,
            rejection: parts.extensions.remove(),
            body,
        }
    }

    pub(crate) fn header(&self, name: HeaderName) -> &str {
        self.headers
            .get(&name)
            .unwrap_or_else(|| panic!("{name} is missing: {self:?}"))
            .to_str()
            .expect("a header in ASCII")
    }

    pub(crate) fn reason(&self) -> Option<Reason> {
        self.rejection.as_ref().map(Rejection::reason)
    }

    #[track_caller]
    pub(crate) fn assert_error(&self, status: StatusCode, code: &str) {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header(CONTENT_TYPE), "application/json");
        assert_eq!(self.header(CACHE_CONTROL), "no-store");
        assert_eq!(self.header(PRAGMA), "no-cache");
        let body: Value = serde_json::from_slice(&self.body).expect("JSON");
        assert_eq!(body["error"], code, "{self:?}");
    }

    #[track_caller]
    pub(crate) fn assert_unauthenticated(&self) {
        self.assert_error(StatusCode::UNAUTHORIZED, "invalid_client");
        assert_eq!(
            self.header(WWW_AUTHENTICATE),
            r#"Basic realm="https://as.example.com", charset="UTF-8""#
        );
    }
}

pub(crate) async fn send<S, B, R>(service: &S, request: Request<B>) -> Answer
where
    S: Service<Request<B>, Response = Response<R>> + Clone,
    S::Error: Debug,
    R: Body,
    R::Error: Debug,
{
    let response = service.clone().oneshot(request).await;
    Answer::read(response.expect("an answer")).await
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

pub(crate) fn mocked() -> (TokenEndpoint<MockInner, MemoryClients>, MockHandle) {
    let (inner, handle) = mock::pair();
    (layer().body_limit(1024).layer(inner), handle)
}

/// Stores that answer only after a while, or never.
pub(crate) struct SlowStore(pub(crate) Duration);

impl ClientStore for SlowStore {
    type Error = Infallible;

    async fn find(
        &self,
        client_id: &str,
        _request: &http::request::Parts,
    ) -> Result<Option<Arc<Client>>, Infallible> {
        sleep(self.0).await;
        Ok(clients().get(client_id))
    }
}
