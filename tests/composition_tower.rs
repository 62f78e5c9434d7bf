//! The layer among bare hyper, tower's own layers and `tower_test::mock`: who is called, when, with what.

use std::{
    convert::Infallible,
    fmt::Debug,
    future::{pending, poll_fn},
    io,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Waker},
    time::Duration,
};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, Request, Response, StatusCode,
    header::{
        ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, HOST, PRAGMA,
        RETRY_AFTER, WWW_AUTHENTICATE,
    },
};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full, Limited, combinators::UnsyncBoxBody};
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
    service::TowerToHyperService,
};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Semaphore, mpsc},
    time::{Instant, sleep, timeout},
};
use tower::{
    BoxError, Layer, Service, ServiceExt, buffer::Buffer, limit::ConcurrencyLimit,
    load_shed::LoadShed, service_fn,
};
use tower_test::mock::{self, Handle, Mock};
use tower_token_endpoint::{
    AuthMethod, Client, ClientStore, GrantType, MemoryClients, Reason, Rejection, RequestBody,
    TokenEndpoint, TokenEndpointLayer, TokenRequest,
};

const ISSUER: &str = "https://as.example.com";
const FORM: &str = "application/x-www-form-urlencoded";
const GRANT: &str = "grant_type=client_credentials&scope=read";
/// `app` and `s3cret`.
const RIGHT: &str = "Basic YXBwOnMzY3JldA==";
/// `app` and `wrong`.
const WRONG: &str = "Basic YXBwOndyb25n";
/// Longer than anything here takes; only a hang gets there.
const HANG: Duration = Duration::from_secs(20);

/// A request body of any kind.
type AnyBody = UnsyncBoxBody<Bytes, BoxError>;
type InnerRequest = Request<RequestBody<AnyBody>>;

fn clients() -> MemoryClients {
    let app = Client::builder("app")
        .secret("s3cret")
        .auth_methods([AuthMethod::ClientSecretBasic, AuthMethod::ClientSecretPost])
        .grant_types([GrantType::ClientCredentials])
        .scope("read write")
        .build()
        .expect("a valid client");
    MemoryClients::new([app]).expect("one id")
}

fn layer() -> TokenEndpointLayer<MemoryClients> {
    TokenEndpointLayer::new(clients(), ISSUER).path("/token")
}

fn full(body: impl Into<Bytes>) -> AnyBody {
    Full::new(body.into())
        .map_err(|never| match never {})
        .boxed_unsync()
}

fn token_request<B>(authorization: &str, body: B) -> Request<B> {
    Request::post("/token")
        .header(AUTHORIZATION, authorization)
        .header(CONTENT_TYPE, FORM)
        .body(body)
        .expect("a valid request")
}

fn accepted() -> Request<AnyBody> {
    token_request(RIGHT, full(GRANT))
}

/// Rejected after the store was asked.
fn wrong_secret() -> Request<AnyBody> {
    token_request(WRONG, full(GRANT))
}

/// Rejected at once, by the head alone.
fn wrong_method() -> Request<AnyBody> {
    Request::get("/token")
        .body(full(""))
        .expect("a valid request")
}

fn other_path() -> Request<AnyBody> {
    Request::post("/other")
        .body(full("anything"))
        .expect("a valid request")
}

/// A body whose frames the test sends.
struct ChannelBody(mpsc::UnboundedReceiver<Frame<Bytes>>);

impl ChannelBody {
    fn new() -> (mpsc::UnboundedSender<Frame<Bytes>>, Self) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (sender, Self(receiver))
    }

    /// A body of these frames, without a known length.
    fn of(frames: impl IntoIterator<Item = Bytes>) -> Self {
        let (sender, body) = Self::new();
        for frame in frames {
            assert!(sender.send(Frame::data(frame)).is_ok());
        }
        body
    }

    fn any(self) -> AnyBody {
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

fn failing_body() -> AnyBody {
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

fn stalled() -> Request<AnyBody> {
    token_request(RIGHT, StalledBody.boxed_unsync())
}

fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// An answer with its body read.
#[derive(Debug)]
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    rejection: Option<Rejection>,
    body: Bytes,
}

impl Answer {
    async fn read<B>(response: Response<B>) -> Self
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

    fn header(&self, name: HeaderName) -> &str {
        self.headers
            .get(&name)
            .unwrap_or_else(|| panic!("{name} is missing: {self:?}"))
            .to_str()
            .expect("a header in ASCII")
    }

    fn reason(&self) -> Option<Reason> {
        self.rejection.as_ref().map(Rejection::reason)
    }

    #[track_caller]
    fn assert_error(&self, status: StatusCode, code: &str) {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header(CONTENT_TYPE), "application/json");
        assert_eq!(self.header(CACHE_CONTROL), "no-store");
        assert_eq!(self.header(PRAGMA), "no-cache");
        let body: Value = serde_json::from_slice(&self.body).expect("JSON");
        assert_eq!(body["error"], code, "{self:?}");
    }

    #[track_caller]
    fn assert_unauthenticated(&self) {
        self.assert_error(StatusCode::UNAUTHORIZED, "invalid_client");
        assert_eq!(
            self.header(WWW_AUTHENTICATE),
            r#"Basic realm="https://as.example.com", charset="UTF-8""#
        );
    }
}

async fn send<S, B, R>(service: &S, request: Request<B>) -> Answer
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
async fn echo(request: InnerRequest) -> Result<Response<Full<Bytes>>, BoxError> {
    let body = request.into_body().collect().await?;
    Ok(Response::new(Full::new(body.to_bytes())))
}

/// [`echo`] for bare hyper.
async fn echo_incoming(
    request: Request<RequestBody<Incoming>>,
) -> Result<Response<Full<Bytes>>, BoxError> {
    let body = request.into_body().collect().await?;
    Ok(Response::new(Full::new(body.to_bytes())))
}

/// An inner service that never answers.
async fn hang(_: InnerRequest) -> Result<Response<Full<Bytes>>, BoxError> {
    pending().await
}

// ---- the inner service is never called, or exactly once ----

type MockInner = Mock<InnerRequest, Response<Full<Bytes>>>;
type MockHandle = Handle<InnerRequest, Response<Full<Bytes>>>;

/// The next request that reaches the inner service, and the way to answer it.
async fn next_call(
    handle: &mut MockHandle,
) -> (InnerRequest, mock::SendResponse<Response<Full<Bytes>>>) {
    timeout(HANG, handle.next_request())
        .await
        .expect("the inner service is called")
        .expect("a live service")
}

fn mocked() -> (TokenEndpoint<MockInner, MemoryClients>, MockHandle) {
    let (inner, handle) = mock::pair();
    (layer().body_limit(1024).layer(inner), handle)
}

#[tokio::test]
async fn rejected_requests_never_reach_the_inner_service() {
    let post = |headers: &[(HeaderName, &str)], body: AnyBody| {
        let mut request = Request::post("/token").header(CONTENT_TYPE, FORM);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        request.body(body).expect("a valid request")
    };
    let signed = |body: AnyBody| token_request(RIGHT, body);
    let long = || Bytes::from(vec![b'a'; 1025]);
    let rows: Vec<(Reason, u16, Request<AnyBody>)> = vec![
        (Reason::MethodNotAllowed, 405, wrong_method()),
        (
            Reason::ContentTypeNotForm,
            400,
            Request::post("/token").body(full(GRANT)).expect("valid"),
        ),
        (
            Reason::UnsupportedScheme,
            401,
            token_request("Bearer t", full(GRANT)),
        ),
        (
            Reason::BasicNotBase64,
            400,
            token_request("Basic %", full(GRANT)),
        ),
        (
            Reason::RepeatedAuthorizationHeader,
            400,
            post(
                &[(AUTHORIZATION, RIGHT), (AUTHORIZATION, RIGHT)],
                full(GRANT),
            ),
        ),
        (
            Reason::BodyTooLarge,
            413,
            post(
                &[(AUTHORIZATION, RIGHT), (CONTENT_LENGTH, "1025")],
                full(long()),
            ),
        ),
        (Reason::BodyTooLarge, 413, signed(full(long()))),
        (
            Reason::BodyTooLarge,
            413,
            signed(ChannelBody::of([long()]).any()),
        ),
        (
            Reason::BodyTooLarge,
            413,
            signed(Limited::new(full(GRANT), 8).boxed_unsync()),
        ),
        (Reason::BodyUnreadable, 400, signed(failing_body())),
        (
            Reason::BadPercentEncoding,
            400,
            signed(full("grant_type=%zz")),
        ),
        (Reason::FormNotUtf8, 400, signed(full("grant_type=%ff"))),
        (
            Reason::RepeatedParameter,
            400,
            signed(full("scope=a&scope=b")),
        ),
        (Reason::NoCredentials, 401, post(&[], full(GRANT))),
        (
            Reason::MultipleMechanisms,
            400,
            signed(full(format!("{GRANT}&client_secret=s3cret"))),
        ),
        (Reason::WrongSecret, 401, wrong_secret()),
        (
            Reason::UnknownClient,
            401,
            post(
                &[],
                full(format!("{GRANT}&client_id=ghost&client_secret=x")),
            ),
        ),
        (Reason::MissingGrantType, 400, signed(full("scope=read"))),
        (
            Reason::UnsupportedGrantType,
            400,
            signed(full("grant_type=urn:example:none")),
        ),
        (
            Reason::GrantTypeNotRegistered,
            400,
            signed(full("grant_type=refresh_token&refresh_token=r")),
        ),
        (
            Reason::ScopeNotRegistered,
            400,
            signed(full("grant_type=client_credentials&scope=admin")),
        ),
    ];

    let (mut service, mut handle) = mocked();
    for (reason, status, request) in rows {
        let response = service.ready().await.expect("ready").call(request).await;
        let answer = Answer::read(response.expect("an answer")).await;
        assert_eq!(answer.reason(), Some(reason), "{answer:?}");
        assert_eq!(answer.status.as_u16(), status, "{answer:?}");
        assert!(handle.poll_request().is_pending(), "{reason:?}");
    }
}

#[tokio::test]
async fn accepted_request_reaches_the_inner_service_once_with_the_exact_bytes() {
    let sent =
        "&grant%5Ftype=client%5fcredentials&empty=&scope=read+w%72ite&resource=a&resource=b&";
    let (mut service, mut handle) = mocked();
    let mut request = token_request(RIGHT, full(sent));
    request
        .headers_mut()
        .insert(CONTENT_LENGTH, sent.len().into());
    request
        .headers_mut()
        .insert("x-custom", "kept".parse().expect("a header"));
    *request.uri_mut() = "/token?tenant=a".parse().expect("a URI");
    request.extensions_mut().insert("extension kept");
    let answer = tokio::spawn(service.ready().await.expect("ready").call(request));

    let (inner, reply) = next_call(&mut handle).await;
    assert_eq!(inner.method(), "POST");
    assert_eq!(inner.uri(), "/token?tenant=a");
    assert_eq!(inner.headers()["x-custom"], "kept");
    assert_eq!(inner.headers()[CONTENT_TYPE], FORM);
    assert_eq!(inner.headers()[CONTENT_LENGTH], sent.len().to_string());
    assert_eq!(inner.headers()[AUTHORIZATION], RIGHT);
    assert!(inner.headers()[AUTHORIZATION].is_sensitive());
    assert_eq!(inner.extensions().get(), Some(&"extension kept"));
    let token: TokenRequest = inner.extensions().get().cloned().expect("the result");
    assert_eq!(token.client().client_id(), "app");
    assert_eq!(token.parameter("scope"), Some("read write"));
    assert_eq!(token.resource().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(inner.body().size_hint().exact(), Some(sent.len() as u64));
    let body = inner.into_body().collect().await.expect("a buffered body");
    assert_eq!(body.to_bytes(), sent);

    let mut response = Response::new(Full::from("issued"));
    *response.status_mut() = StatusCode::ACCEPTED;
    reply.send_response(response);
    let answer = answer.await.expect("no panic").expect("an answer");
    let answer = Answer::read(answer).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    assert_eq!(answer.body, "issued");
    assert_eq!(answer.header(CACHE_CONTROL), "no-store");
    assert_eq!(answer.header(PRAGMA), "no-cache");
    assert!(handle.poll_request().is_pending());
}

#[tokio::test]
async fn cache_headers_of_the_inner_response_stay() {
    let inner = service_fn(async |_: Request<RequestBody<AnyBody>>| {
        Response::builder()
            .header(CACHE_CONTROL, "private, no-store")
            .header(PRAGMA, "mine")
            .body(Full::<Bytes>::default())
    });
    let answer = send(&layer().layer(inner), accepted()).await;
    assert_eq!(answer.header(CACHE_CONTROL), "private, no-store");
    assert_eq!(answer.header(PRAGMA), "mine");
    assert_eq!(answer.headers.get_all(CACHE_CONTROL).iter().count(), 1);
}

#[tokio::test]
async fn body_streamed_in_single_bytes_arrives_whole() {
    let frames = GRANT.bytes().map(|byte| Bytes::from(vec![byte]));
    let (mut service, mut handle) = mocked();
    let request = token_request(RIGHT, ChannelBody::of(frames).any());
    let answer = tokio::spawn(service.ready().await.expect("ready").call(request));
    let (inner, reply) = next_call(&mut handle).await;
    let body = inner.into_body().collect().await.expect("a buffered body");
    assert_eq!(body.to_bytes(), GRANT);
    reply.send_response(Response::default());
    assert!(answer.await.expect("no panic").is_ok());
}

#[tokio::test]
async fn body_of_slow_and_empty_frames_is_awaited_before_the_inner_service_is_called() {
    let (mut service, mut handle) = mocked();
    let (sender, body) = ChannelBody::new();
    let request = token_request(RIGHT, body.any());
    let answer = tokio::spawn(service.ready().await.expect("ready").call(request));
    for frame in ["", "grant_type=client_", "", "credentials", ""] {
        assert!(sender.send(Frame::data(Bytes::from(frame))).is_ok());
        for _ in 0..8 {
            tokio::task::yield_now().await;
        }
        assert!(handle.poll_request().is_pending(), "after {frame:?}");
    }
    drop(sender);
    let (inner, reply) = next_call(&mut handle).await;
    let body = inner.into_body().collect().await.expect("a buffered body");
    assert_eq!(body.to_bytes(), "grant_type=client_credentials");
    reply.send_response(Response::default());
    assert!(answer.await.expect("no panic").is_ok());
}

#[tokio::test]
async fn body_exactly_at_the_limit_is_accepted_and_one_byte_more_is_not() {
    let service = layer().body_limit(GRANT.len()).layer(service_fn(echo));
    let streamed = |body: String| token_request(RIGHT, ChannelBody::of([Bytes::from(body)]).any());
    let answer = send(&service, streamed(GRANT.to_owned())).await;
    assert_eq!(answer.body, GRANT);
    let answer = send(&service, streamed(format!("{GRANT}&"))).await;
    assert_eq!(answer.reason(), Some(Reason::BodyTooLarge));
}

/// A service that is ready once, for itself and not for its clones, and notes who was called.
struct ReadyOnce {
    id: usize,
    ready: bool,
    clones: Arc<AtomicUsize>,
    called: Arc<Mutex<Vec<usize>>>,
}

impl Clone for ReadyOnce {
    fn clone(&self) -> Self {
        Self {
            id: self.clones.fetch_add(1, Ordering::Relaxed) + 1,
            ready: false,
            clones: Arc::clone(&self.clones),
            called: Arc::clone(&self.called),
        }
    }
}

impl Service<InnerRequest> for ReadyOnce {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = std::future::Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: InnerRequest) -> Self::Future {
        assert!(self.ready, "clone {} was not ready", self.id);
        self.ready = false;
        self.called.lock().expect("no panic").push(self.id);
        std::future::ready(Ok(Response::default()))
    }
}

#[tokio::test]
async fn the_ready_service_is_called_and_not_its_clone() {
    for request in [accepted, other_path] {
        let called = Arc::default();
        let inner = ReadyOnce {
            id: 0,
            ready: false,
            clones: Arc::default(),
            called: Arc::clone(&called),
        };
        let mut service = layer().layer(inner);
        let first = service.ready().await.expect("ready").call(request());
        first.await.expect("an answer");
        assert_eq!(*called.lock().expect("no panic"), [0]);
        for _ in 0..3 {
            let rejected = service.ready().await.expect("ready").call(wrong_secret());
            rejected.await.expect("an answer");
            let again = service.ready().await.expect("ready").call(request());
            again.await.expect("an answer");
        }
        assert_eq!(called.lock().expect("no panic").len(), 4);
    }
}

// ---- untouched: other paths, response bodies, errors, readiness ----

#[tokio::test]
async fn other_path_streams_its_body_without_buffering() {
    let (mut service, mut handle) = mocked();
    let (sender, body) = ChannelBody::new();
    let mut request = token_request(WRONG, body.any());
    *request.uri_mut() = "/other".parse().expect("a URI");
    let answer = tokio::spawn(service.ready().await.expect("ready").call(request));

    let (inner, reply) = next_call(&mut handle).await;
    assert!(inner.extensions().get::<TokenRequest>().is_none());
    assert!(!inner.headers()[AUTHORIZATION].is_sensitive());
    let mut body = inner.into_body();
    assert!(poll_once(pin!(body.frame())).is_pending());
    for _ in 0..3 {
        let large = Bytes::from(vec![b'x'; 100_000]);
        assert!(sender.send(Frame::data(large.clone())).is_ok());
        let frame = body.frame().await.expect("a frame").expect("no error");
        let received = frame.into_data().expect("data");
        assert_eq!(received.as_ptr(), large.as_ptr(), "copied");
        assert_eq!(received.len(), large.len());
        assert!(poll_once(pin!(body.frame())).is_pending());
    }
    let trailers = HeaderMap::from_iter([(CONTENT_TYPE, "t".parse().expect("a header"))]);
    assert!(sender.send(Frame::trailers(trailers.clone())).is_ok());
    let frame = body.frame().await.expect("a frame").expect("no error");
    assert_eq!(frame.into_trailers().expect("trailers"), trailers);
    drop(sender);
    assert!(body.frame().await.is_none());

    reply.send_response(Response::default());
    let answer = Answer::read(answer.await.expect("no panic").expect("an answer")).await;
    assert!(answer.headers.is_empty(), "{answer:?}");
}

#[tokio::test]
async fn other_path_keeps_the_size_and_the_error_of_its_body() {
    let (mut service, mut handle) = mocked();
    let known = service.ready().await.expect("ready").call(other_path());
    let (inner, _reply) = next_call(&mut handle).await;
    assert_eq!(inner.body().size_hint().exact(), Some(8));
    assert!(!inner.body().is_end_stream());
    drop(known);

    let mut request = other_path();
    *request.body_mut() = failing_body();
    let failing = service.ready().await.expect("ready").call(request);
    let (inner, _reply) = next_call(&mut handle).await;
    let error = inner
        .into_body()
        .collect()
        .await
        .expect_err("a broken body");
    assert_eq!(error.to_string(), "connection reset");
    drop(failing);
}

#[tokio::test]
async fn options_on_the_token_path_passes_through_untouched() {
    let (mut service, mut handle) = mocked();
    let mut request = accepted();
    *request.method_mut() = http::Method::OPTIONS;
    let answer = tokio::spawn(service.ready().await.expect("ready").call(request));
    let (inner, reply) = next_call(&mut handle).await;
    assert!(inner.extensions().get::<TokenRequest>().is_none());
    reply.send_response(Response::default());
    let answer = Answer::read(answer.await.expect("no panic").expect("an answer")).await;
    assert!(answer.headers.is_empty(), "{answer:?}");
}

#[tokio::test]
async fn response_body_of_the_inner_service_streams_through() {
    for request in [accepted, other_path] {
        let (sender, body) = ChannelBody::new();
        let body = Arc::new(Mutex::new(Some(body)));
        let inner = service_fn(move |_: InnerRequest| {
            let body = body.lock().expect("no panic").take();
            async move { Ok::<_, Infallible>(Response::new(body.expect("one request"))) }
        });
        let response = layer().layer(inner).oneshot(request()).await;
        let mut body = response.expect("an answer").into_body();
        assert!(poll_once(pin!(body.frame())).is_pending());
        for _ in 0..3 {
            assert!(
                sender
                    .send(Frame::data(Bytes::from_static(b"chunk")))
                    .is_ok()
            );
            let frame = body.frame().await.expect("a frame").expect("no error");
            assert_eq!(frame.into_data().expect("data"), "chunk");
            assert!(poll_once(pin!(body.frame())).is_pending());
        }
        assert!(sender.send(Frame::trailers(HeaderMap::new())).is_ok());
        drop(sender);
        assert!(
            body.frame()
                .await
                .expect("a frame")
                .expect("no error")
                .is_trailers()
        );
        assert!(body.frame().await.is_none());
        assert!(body.is_end_stream() || body.frame().await.is_none());
    }
}

#[tokio::test]
async fn error_of_the_inner_service_is_handed_on_as_it_is() {
    for request in [accepted, other_path] {
        let (mut service, mut handle) = mocked();
        let answer = tokio::spawn(service.ready().await.expect("ready").call(request()));
        let (_inner, reply) = next_call(&mut handle).await;
        reply.send_error(io::Error::other("inner broke"));
        let error = answer
            .await
            .expect("no panic")
            .expect_err("the inner error");
        let error = error.downcast::<io::Error>().expect("the same type");
        assert_eq!(error.to_string(), "inner broke");
    }
}

#[tokio::test]
async fn readiness_is_that_of_the_inner_service() {
    let (mut service, mut handle) = mocked();
    handle.allow(0);
    assert!(poll_once(pin!(service.ready())).is_pending());
    handle.allow(1);
    assert!(poll_once(pin!(service.ready())).is_ready());

    let (mut service, mut handle) = mocked();
    handle.send_error(io::Error::other("inner broke"));
    let error = service
        .ready()
        .await
        .map(drop)
        .expect_err("the inner error");
    let error = error.downcast::<io::Error>().expect("the same type");
    assert_eq!(error.to_string(), "inner broke");
}

// ---- tower: concurrency limit, load shed, buffer ----

/// Stores that answer only after a while, or never.
struct SlowStore(Duration);

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

fn one_at_a_time<S>(inner: S) -> (ConcurrencyLimit<S>, Arc<Semaphore>) {
    let permits = Arc::new(Semaphore::new(1));
    let limited = ConcurrencyLimit::with_semaphore(inner, Arc::clone(&permits));
    (limited, permits)
}

#[tokio::test]
async fn rejection_releases_the_reserved_permit_before_it_answers() {
    let rows = [
        ("at once", wrong_method as fn() -> Request<AnyBody>),
        ("decided", wrong_secret),
    ];
    for (row, request) in rows {
        let (inner, permits) = one_at_a_time(service_fn(echo));
        let mut service = layer().layer(inner);
        service.ready().await.expect("ready");
        assert_eq!(permits.available_permits(), 0, "{row}: not reserved");
        // Both the future and the response are still there when the permit is looked at.
        let mut future = Box::pin(service.call(request()));
        let response = future.as_mut().await.expect("an answer");
        assert_eq!(permits.available_permits(), 1, "{row}");
        assert!(response.status().is_client_error(), "{row}");
        drop((future, response));
    }
}

#[tokio::test(start_paused = true)]
async fn rejection_at_the_deadline_releases_the_reserved_permit() {
    let (inner, permits) = one_at_a_time(service_fn(echo));
    let mut service = TokenEndpointLayer::new(SlowStore(HANG), ISSUER).layer(inner);
    let mut future = Box::pin(service.ready().await.expect("ready").call(accepted()));
    assert!(poll_once(future.as_mut()).is_pending());
    assert_eq!(permits.available_permits(), 0);
    let response = future.as_mut().await.expect("an answer");
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(permits.available_permits(), 1);
}

#[tokio::test]
async fn passed_and_accepted_requests_hold_their_permit_until_they_are_answered() {
    for request in [accepted, other_path] {
        let (inner, handle) = mock::pair::<InnerRequest, Response<Full<Bytes>>>();
        let mut handle = handle;
        let (inner, permits) = one_at_a_time(inner);
        let mut service = layer().layer(inner);
        let answer = tokio::spawn(service.ready().await.expect("ready").call(request()));
        let (_inner, reply) = next_call(&mut handle).await;
        assert_eq!(permits.available_permits(), 0);
        assert!(poll_once(pin!(service.clone().ready())).is_pending());
        reply.send_response(Response::default());
        answer.await.expect("no panic").expect("an answer");
        assert_eq!(permits.available_permits(), 1);
    }
}

#[tokio::test]
async fn dropped_future_releases_its_permit_on_every_path() {
    let rows = [
        (
            "reading the body",
            stalled as fn() -> Request<AnyBody>,
            true,
        ),
        ("rejected at once", wrong_method, false),
        ("rejected when decided", wrong_secret, false),
        ("accepted", accepted, true),
        ("passed through", other_path, true),
    ];
    for (row, request, waits) in rows {
        let (inner, permits) = one_at_a_time(service_fn(hang));
        let mut service = layer().layer(inner);

        let unpolled = service.ready().await.expect("ready").call(request());
        drop(unpolled);
        assert_eq!(permits.available_permits(), 1, "{row}, never polled");

        let mut polled = Box::pin(service.ready().await.expect("ready").call(request()));
        assert_eq!(poll_once(polled.as_mut()).is_pending(), waits, "{row}");
        drop(polled);
        assert_eq!(permits.available_permits(), 1, "{row}, polled");
    }
}

#[tokio::test(start_paused = true)]
async fn future_dropped_while_the_store_is_asked_never_reaches_the_inner_service() {
    let (inner, mut handle) = mock::pair::<InnerRequest, Response<Full<Bytes>>>();
    let (inner, permits) = one_at_a_time(inner);
    let store = SlowStore(Duration::from_secs(1));
    let mut service = TokenEndpointLayer::new(store, ISSUER).layer(inner);
    let mut future = Box::pin(service.ready().await.expect("ready").call(accepted()));
    assert!(poll_once(future.as_mut()).is_pending());
    assert_eq!(permits.available_permits(), 0);
    drop(future);
    assert_eq!(permits.available_permits(), 1);
    sleep(Duration::from_secs(5)).await;
    assert!(handle.poll_request().is_pending());
}

#[tokio::test(start_paused = true)]
async fn concurrency_limit_of_one_inside_never_deadlocks() {
    let (inner, permits) = one_at_a_time(service_fn(echo));
    let service = layer().layer(inner);
    let requests = [accepted, wrong_method, wrong_secret, other_path, accepted];
    let tasks: Vec<_> = requests
        .iter()
        .cycle()
        .take(50)
        .map(|request| tokio::spawn(service.clone().oneshot(request())))
        .collect();
    let mut statuses = Vec::new();
    for task in tasks {
        let answer = timeout(HANG, task).await.expect("a permit for everyone");
        statuses.push(
            answer
                .expect("no panic")
                .expect("an answer")
                .status()
                .as_u16(),
        );
    }
    assert_eq!(statuses, [200, 405, 401, 200, 200].repeat(10));
    assert_eq!(permits.available_permits(), 1);
}

#[tokio::test]
async fn load_shed_inside_sheds_what_is_accepted_and_not_what_is_rejected() {
    let (inner, _permits) = one_at_a_time(service_fn(async |request: InnerRequest| match request
        .uri()
        .path()
    {
        "/token" => echo(request).await,
        _ => hang(request).await,
    }));
    let mut service = layer().layer(LoadShed::new(inner));
    for _ in 0..3 {
        let answer = service.ready().await.expect("ready").call(accepted()).await;
        assert_eq!(Answer::read(answer.expect("not shed")).await.body, GRANT);
    }

    let mut busy = Box::pin(service.ready().await.expect("ready").call(other_path()));
    assert!(poll_once(busy.as_mut()).is_pending());
    for request in [accepted, other_path] {
        let answer = service.ready().await.expect("ready").call(request()).await;
        let error = answer.map(drop).expect_err("one permit is taken");
        assert!(error.is::<tower::load_shed::error::Overloaded>(), "{error}");
    }
    let answer = service
        .ready()
        .await
        .expect("ready")
        .call(wrong_secret())
        .await;
    Answer::read(answer.expect("not shed"))
        .await
        .assert_unauthenticated();

    drop(busy);
    let answer = service.ready().await.expect("ready").call(accepted()).await;
    assert_eq!(Answer::read(answer.expect("not shed")).await.body, GRANT);
}

#[tokio::test]
async fn load_shed_outside_sheds_while_the_inner_service_is_busy() {
    let (inner, _permits) = one_at_a_time(service_fn(hang));
    let mut service = LoadShed::new(layer().layer(inner));
    let mut busy = Box::pin(service.ready().await.expect("ready").call(accepted()));
    assert!(poll_once(busy.as_mut()).is_pending());
    let answer = service.ready().await.expect("ready").call(accepted()).await;
    let error = answer.map(drop).expect_err("one permit is taken");
    assert!(error.is::<tower::load_shed::error::Overloaded>(), "{error}");
}

#[tokio::test(start_paused = true)]
async fn buffer_inside_gets_its_slot_back_from_every_rejection() {
    let inner = Buffer::new(service_fn(echo), 1);
    let service = layer().layer(inner);
    let mut kept = Vec::new();
    for request in [wrong_method, wrong_secret].iter().cycle().take(10) {
        let mut service = service.clone();
        let ready = timeout(HANG, service.ready()).await.expect("a free slot");
        let mut future = Box::pin(ready.expect("a live buffer").call(request()));
        let response = future.as_mut().await.expect("an answer");
        assert!(response.status().is_client_error());
        kept.push((future, response));
    }
    for request in [accepted, other_path, accepted] {
        let answer = timeout(HANG, send(&service, request())).await;
        assert_eq!(answer.expect("a free slot").status, StatusCode::OK);
    }
}

#[tokio::test]
async fn buffer_outside_serves_requests_of_many_clones() {
    let service = Buffer::new(layer().layer(service_fn(echo)), 4);
    let tasks: Vec<_> = [accepted, wrong_secret, other_path, wrong_method]
        .iter()
        .cycle()
        .take(40)
        .map(|request| tokio::spawn(service.clone().oneshot(request())))
        .collect();
    let mut statuses = Vec::new();
    for task in tasks {
        statuses.push(
            task.await
                .expect("no panic")
                .expect("an answer")
                .status()
                .as_u16(),
        );
    }
    assert_eq!(statuses, [200, 401, 200, 405].repeat(10));
}

#[tokio::test]
async fn boxed_services_of_tower_take_the_layered_service() {
    let service = layer().layer(service_fn(echo));
    let boxed = tower::util::BoxCloneSyncService::new(service.clone());
    send(&boxed, wrong_secret()).await.assert_unauthenticated();
    let boxed = ServiceExt::<Request<AnyBody>>::boxed(service);
    let answer = boxed.oneshot(accepted()).await.expect("an answer");
    assert_eq!(Answer::read(answer).await.body, GRANT);
}

#[tokio::test]
async fn two_layers_in_a_row_serve_two_endpoints() {
    use tower_token_endpoint::{AuthenticatedRequest, Endpoint};
    let inner = service_fn(async |request: Request<_>| {
        let token = request.extensions().get::<TokenRequest>().is_some();
        let other = request.extensions().get::<AuthenticatedRequest>().is_some();
        Ok::<_, Infallible>(Response::new(Full::new(Bytes::from(format!(
            "{token} {other}"
        )))))
    });
    let token = layer();
    let revocation = token.clone().endpoint(Endpoint::Revocation).path("/revoke");
    let service = token.layer(revocation.layer(inner));
    let mut revoke = token_request(RIGHT, full("token=t"));
    *revoke.uri_mut() = "/revoke".parse().expect("a URI");
    assert!(send(&service, accepted()).await.body.starts_with(b"true"));
    assert_eq!(send(&service, revoke).await.body, "false true");
    assert_eq!(send(&service, other_path()).await.body, "false false");
}

// ---- the deadline ----

/// Waits once, without a runtime, then answers.
struct YieldingStore;

impl ClientStore for YieldingStore {
    type Error = Infallible;

    async fn find(
        &self,
        client_id: &str,
        _request: &http::request::Parts,
    ) -> Result<Option<Arc<Client>>, Infallible> {
        let mut waited = false;
        poll_fn(|cx| {
            if waited {
                return Poll::Ready(());
            }
            waited = true;
            cx.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
        Ok(clients().get(client_id))
    }
}

#[test]
fn immediate_decision_needs_no_runtime() {
    let mut service = layer().layer(service_fn(echo));
    let rows = [
        (accepted as fn() -> Request<AnyBody>, 200),
        (other_path, 200),
        (wrong_secret, 401),
        (wrong_method, 405),
    ];
    for (request, status) in rows {
        assert!(poll_once(pin!(service.ready())).is_ready());
        let mut future = Box::pin(service.call(request()));
        let Poll::Ready(Ok(response)) = poll_once(future.as_mut()) else {
            panic!("{status} is not decided by one poll");
        };
        assert_eq!(response.status().as_u16(), status);
    }
}

#[test]
fn decision_that_waits_needs_no_runtime_either() {
    let mut service = TokenEndpointLayer::new(YieldingStore, ISSUER).layer(service_fn(echo));
    for (request, status) in [
        (accepted as fn() -> Request<AnyBody>, 200),
        (wrong_secret, 401),
    ] {
        assert!(poll_once(pin!(service.ready())).is_ready());
        let mut future = Box::pin(service.call(request()));
        assert!(poll_once(future.as_mut()).is_pending());
        let Poll::Ready(Ok(response)) = poll_once(future.as_mut()) else {
            panic!("{status} is not decided by the second poll");
        };
        assert_eq!(response.status().as_u16(), status);
    }
}

#[test]
fn body_that_waits_needs_no_runtime_either() {
    let mut service = layer().layer(service_fn(echo));
    let (sender, body) = ChannelBody::new();
    assert!(poll_once(pin!(service.ready())).is_ready());
    let mut future = Box::pin(service.call(token_request(RIGHT, body.any())));
    for frame in [GRANT, "&a=b"] {
        assert!(poll_once(future.as_mut()).is_pending());
        assert!(sender.send(Frame::data(Bytes::from(frame))).is_ok());
    }
    assert!(poll_once(future.as_mut()).is_pending());
    drop(sender);
    let Poll::Ready(Ok(response)) = poll_once(future.as_mut()) else {
        panic!("not decided when the body has ended");
    };
    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn body_unfinished_at_the_deadline_is_408() {
    for (configured, after) in [(None, 10), (Some(3), 3)] {
        let (inner, mut handle) = mock::pair::<InnerRequest, Response<Full<Bytes>>>();
        let mut layer = layer();
        if let Some(seconds) = configured {
            layer = layer.deadline(Duration::from_secs(seconds));
        }
        let (_sender, body) = ChannelBody::new();
        let service = layer.layer(inner);
        let start = Instant::now();
        let answer = send(&service, token_request(RIGHT, body.any())).await;
        assert_eq!(start.elapsed().as_secs(), after);
        answer.assert_error(StatusCode::REQUEST_TIMEOUT, "invalid_request");
        assert_eq!(answer.reason(), Some(Reason::BodyTimeout));
        assert!(!answer.headers.contains_key(RETRY_AFTER), "{answer:?}");
        assert!(handle.poll_request().is_pending());
    }
}

/// A body that always has one more frame, with nothing in it.
struct EndlessBody;

impl Body for EndlessBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        Poll::Ready(Some(Ok(Frame::data(Bytes::new()))))
    }
}

// Not paused: time that is paused does not pass while a task is busy.
#[tokio::test]
async fn body_of_endless_empty_frames_ends_at_the_deadline() {
    let service = layer()
        .deadline(Duration::from_millis(20))
        .layer(service_fn(echo));
    let answer = send(&service, token_request(RIGHT, EndlessBody.boxed_unsync())).await;
    answer.assert_error(StatusCode::REQUEST_TIMEOUT, "invalid_request");
}

#[tokio::test(start_paused = true)]
async fn body_that_trickles_in_does_not_move_the_deadline() {
    let (sender, body) = ChannelBody::new();
    let trickle = tokio::spawn(async move {
        while sender.send(Frame::data(Bytes::from_static(b"a"))).is_ok() {
            sleep(Duration::from_secs(1)).await;
        }
    });
    let start = Instant::now();
    let service = layer().layer(service_fn(echo));
    let answer = send(&service, token_request(RIGHT, body.any())).await;
    assert_eq!(start.elapsed().as_secs(), 10);
    assert_eq!(answer.reason(), Some(Reason::BodyTimeout));
    // The layer let go of the body: its sender is told.
    trickle.await.expect("no panic");
}

#[tokio::test(start_paused = true)]
async fn store_undecided_at_the_deadline_is_503_with_retry_after() {
    for (configured, retry_after) in [(None, "5"), (Some(30), "30")] {
        let (inner, mut handle) = mock::pair::<InnerRequest, Response<Full<Bytes>>>();
        let mut layer = TokenEndpointLayer::new(SlowStore(HANG), ISSUER);
        if let Some(seconds) = configured {
            layer = layer.retry_after(Duration::from_secs(seconds));
        }
        let service = layer.layer(inner);
        for request in [accepted, wrong_secret] {
            let start = Instant::now();
            let answer = send(&service, request()).await;
            assert_eq!(start.elapsed().as_secs(), 10);
            answer.assert_error(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable");
            assert_eq!(answer.header(RETRY_AFTER), retry_after);
            assert_eq!(answer.reason(), Some(Reason::DecisionTimeout));
            assert!(!answer.headers.contains_key(WWW_AUTHENTICATE), "{answer:?}");
        }
        assert!(handle.poll_request().is_pending());
    }
}

/// Sends [`GRANT`] and ends it after `delay`.
fn body_that_takes(delay: Duration) -> AnyBody {
    let (sender, body) = ChannelBody::new();
    tokio::spawn(async move {
        assert!(sender.send(Frame::data(Bytes::from(GRANT))).is_ok());
        sleep(delay).await;
    });
    body.any()
}

#[tokio::test(start_paused = true)]
async fn one_deadline_covers_body_and_store_together() {
    for (store, status, after) in [(3, 200, 9), (6, 503, 10)] {
        let store = SlowStore(Duration::from_secs(store));
        let service = TokenEndpointLayer::new(store, ISSUER).layer(service_fn(echo));
        let body = body_that_takes(Duration::from_secs(6));
        let start = Instant::now();
        let answer = send(&service, token_request(RIGHT, body)).await;
        assert_eq!(answer.status.as_u16(), status);
        assert_eq!(start.elapsed().as_secs(), after);
    }
}

#[tokio::test(start_paused = true)]
async fn the_deadline_ends_with_the_decision() {
    let slow_inner = service_fn(async |request: InnerRequest| {
        sleep(Duration::from_secs(60)).await;
        echo(request).await
    });
    let store = SlowStore(Duration::from_secs(1));
    let service = TokenEndpointLayer::new(store, ISSUER).layer(slow_inner);
    let start = Instant::now();
    let answer = send(&service, accepted()).await;
    assert_eq!(answer.body, GRANT);
    assert_eq!(start.elapsed().as_secs(), 61);
}

#[tokio::test(start_paused = true)]
async fn the_deadline_does_not_cover_other_paths() {
    let mut request = token_request(RIGHT, body_that_takes(Duration::from_secs(60)));
    *request.uri_mut() = "/other".parse().expect("a URI");
    let answer = send(&layer().layer(service_fn(echo)), request).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.body, GRANT);
}

// ---- stores ----

struct BrokenStore;

impl ClientStore for BrokenStore {
    type Error = io::Error;

    async fn find(
        &self,
        _client_id: &str,
        _request: &http::request::Parts,
    ) -> Result<Option<Arc<Client>>, io::Error> {
        Err(io::Error::other("database is down"))
    }
}

#[tokio::test]
async fn store_that_fails_is_503_and_its_error_is_in_the_rejection() {
    let (inner, mut handle) = mock::pair::<InnerRequest, Response<Full<Bytes>>>();
    let service = TokenEndpointLayer::new(BrokenStore, ISSUER).layer(inner);
    let answer = send(&service, accepted()).await;
    answer.assert_error(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable");
    assert_eq!(answer.header(RETRY_AFTER), "5");
    let rejection = answer.rejection.as_ref().expect("a rejection");
    assert_eq!(rejection.reason(), Reason::StoreUnavailable);
    let source = std::error::Error::source(rejection).expect("the store's error");
    assert_eq!(source.to_string(), "database is down");
    assert!(!String::from_utf8_lossy(&answer.body).contains("database"));
    assert!(handle.poll_request().is_pending());
}

#[tokio::test]
async fn store_is_asked_with_the_head_of_the_request() {
    struct ByHost(MemoryClients);

    impl ClientStore for ByHost {
        type Error = Infallible;

        async fn find(
            &self,
            client_id: &str,
            request: &http::request::Parts,
        ) -> Result<Option<Arc<Client>>, Infallible> {
            assert_eq!(request.uri.path(), "/token");
            let ours = request
                .headers
                .get(HOST)
                .is_some_and(|host| host == "a.example");
            Ok(ours.then(|| self.0.get(client_id)).flatten())
        }
    }

    let service = TokenEndpointLayer::new(Arc::new(ByHost(clients())), ISSUER)
        .path("/token")
        .layer(service_fn(echo));
    for (host, status) in [("a.example", 200), ("b.example", 401)] {
        let mut request = accepted();
        request
            .headers_mut()
            .insert(HOST, host.parse().expect("a host"));
        assert_eq!(
            send(&service, request).await.status.as_u16(),
            status,
            "{host}"
        );
    }
}

// ---- bare hyper over TCP ----

async fn serve<S, R>(service: S) -> SocketAddr
where
    S: Service<Request<Incoming>, Response = Response<R>> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
    R: Body + Send + 'static,
    R::Data: Send,
    R::Error: Into<BoxError>,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("a bound listener");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let service = TowerToHyperService::new(service.clone());
            tokio::spawn(async move {
                let builder = auto::Builder::new(TokioExecutor::new());
                // A client that goes away in the middle is no failure of the server's.
                let _ = builder
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    });
    address
}

/// The layer around [`echo`] with a body limit of 1,024 bytes, on a port of its own.
async fn served() -> SocketAddr {
    serve(layer().body_limit(1024).layer(service_fn(echo_incoming))).await
}

async fn http1(address: SocketAddr) -> hyper::client::conn::http1::SendRequest<AnyBody> {
    let stream = TcpStream::connect(address).await.expect("a server");
    let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .expect("HTTP/1.1");
    tokio::spawn(connection);
    sender
}

async fn http2(address: SocketAddr) -> hyper::client::conn::http2::SendRequest<AnyBody> {
    let stream = TcpStream::connect(address).await.expect("a server");
    let io = TokioIo::new(stream);
    let (sender, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), io)
        .await
        .expect("HTTP/2");
    tokio::spawn(connection);
    sender
}

fn over_http1(mut request: Request<AnyBody>) -> Request<AnyBody> {
    request
        .headers_mut()
        .insert(HOST, "as.example.com".parse().expect("a host"));
    request
}

fn over_http2(mut request: Request<AnyBody>) -> Request<AnyBody> {
    let uri = format!("http://as.example.com{}", request.uri().path());
    *request.uri_mut() = uri.parse().expect("a URI");
    request
}

#[track_caller]
fn assert_answers_of_a_token_endpoint(answers: [Answer; 5]) {
    let [accepted, streamed, wrong_secret, wrong_method, other_path] = answers;
    for accepted in [accepted, streamed] {
        assert_eq!(accepted.status, StatusCode::OK);
        assert_eq!(accepted.body, GRANT);
        assert_eq!(accepted.header(CACHE_CONTROL), "no-store");
        assert_eq!(accepted.header(PRAGMA), "no-cache");
    }
    wrong_secret.assert_unauthenticated();
    assert_eq!(
        wrong_secret.header(CONTENT_LENGTH),
        wrong_secret.body.len().to_string()
    );
    wrong_method.assert_error(StatusCode::METHOD_NOT_ALLOWED, "invalid_request");
    assert_eq!(wrong_method.header(ALLOW), "POST");
    assert_eq!(other_path.status, StatusCode::OK);
    assert_eq!(other_path.body, "anything");
    assert!(!other_path.headers.contains_key(CACHE_CONTROL));
}

fn requests() -> [Request<AnyBody>; 5] {
    let frames = GRANT.bytes().map(|byte| Bytes::from(vec![byte]));
    let streamed = token_request(RIGHT, ChannelBody::of(frames).any());
    [
        accepted(),
        streamed,
        wrong_secret(),
        wrong_method(),
        other_path(),
    ]
}

#[tokio::test]
async fn hyper_over_http_1_serves_accepted_and_rejected_on_one_connection() {
    let mut sender = http1(served().await).await;
    for _ in 0..2 {
        let mut answers = Vec::new();
        for request in requests() {
            sender.ready().await.expect("the connection is kept");
            let response = sender.send_request(over_http1(request)).await;
            answers.push(Answer::read(response.expect("an answer")).await);
        }
        let answers = answers.try_into().expect("five answers");
        assert_answers_of_a_token_endpoint(answers);
    }
}

#[tokio::test]
async fn hyper_over_http_2_serves_accepted_and_rejected_at_the_same_time() {
    let sender = http2(served().await).await;
    let tasks: Vec<_> = requests()
        .into_iter()
        .map(|request| {
            let mut sender = sender.clone();
            tokio::spawn(async move {
                let response = sender.send_request(over_http2(request)).await;
                Answer::read(response.expect("an answer")).await
            })
        })
        .collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.expect("no panic"));
    }
    assert_answers_of_a_token_endpoint(answers.try_into().expect("five answers"));
}

/// Sends `head` (and what belongs to it) over a raw connection and reads until the server closes.
async fn raw_exchange(address: SocketAddr, sent: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("a server");
    stream.write_all(sent.as_bytes()).await.expect("sent");
    let mut received = String::new();
    timeout(HANG, stream.read_to_string(&mut received))
        .await
        .expect("the server closes the connection")
        .expect("an orderly end");
    received
}

fn raw_head(more: &str) -> String {
    format!(
        "POST /token HTTP/1.1\r\nHost: as.example.com\r\nAuthorization: {RIGHT}\r\n\
         Content-Type: {FORM}\r\n{more}\r\n\r\n"
    )
}

#[tokio::test]
async fn long_content_length_is_413_over_http_1_without_reading_a_byte() {
    // The body is never sent, so an answer means that nobody waited for it.
    let received = raw_exchange(served().await, &raw_head("Content-Length: 1025")).await;
    assert!(received.starts_with("HTTP/1.1 413 "), "{received}");
    assert!(
        received.contains(r#""error":"invalid_request""#),
        "{received}"
    );
}

#[tokio::test]
async fn expect_continue_is_not_answered_with_continue_when_the_head_is_rejected() {
    let address = served().await;
    let rows = [
        (
            "413",
            raw_head("Content-Length: 1025\r\nExpect: 100-continue"),
        ),
        (
            "400",
            raw_head("Content-Length: 9\r\nContent-Encoding: gzip\r\nExpect: 100-continue"),
        ),
    ];
    for (status, head) in rows {
        let received = raw_exchange(address, &head).await;
        assert!(
            received.starts_with(&format!("HTTP/1.1 {status} ")),
            "{received}"
        );
        assert!(!received.contains("100 Continue"), "{received}");
    }
}

#[tokio::test]
async fn expect_continue_is_answered_with_continue_before_the_body_is_read() {
    let mut stream = TcpStream::connect(served().await).await.expect("a server");
    let head = raw_head(&format!(
        "Connection: close\r\nContent-Length: {}\r\nExpect: 100-continue",
        GRANT.len()
    ));
    stream.write_all(head.as_bytes()).await.expect("sent");
    let mut interim = [0; 25];
    stream
        .read_exact(&mut interim)
        .await
        .expect("an interim answer");
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(GRANT.as_bytes()).await.expect("sent");
    let mut received = String::new();
    stream
        .read_to_string(&mut received)
        .await
        .expect("an answer");
    assert!(received.starts_with("HTTP/1.1 200 "), "{received}");
    assert!(received.ends_with(GRANT), "{received}");
}

#[tokio::test]
async fn long_content_length_is_413_over_http_2_without_reading_and_the_connection_stays() {
    let mut sender = http2(served().await).await;
    let (_frames, never_sent) = ChannelBody::new();
    let mut request = token_request(RIGHT, never_sent.any());
    request.headers_mut().insert(CONTENT_LENGTH, 1025.into());
    let response = sender.send_request(over_http2(request)).await;
    Answer::read(response.expect("an answer"))
        .await
        .assert_error(StatusCode::PAYLOAD_TOO_LARGE, "invalid_request");

    let response = sender.send_request(over_http2(accepted())).await;
    let answer = Answer::read(response.expect("an answer")).await;
    assert_eq!(answer.body, GRANT);
}

fn streamed_over_the_limit() -> Request<AnyBody> {
    let frames = std::iter::repeat_n(Bytes::from_static(b"a=0123456789&"), 100);
    token_request(RIGHT, ChannelBody::of(frames).any())
}

#[tokio::test]
async fn rejected_before_the_body_is_read_an_http_1_connection_is_kept_or_closed_in_order() {
    let gzip = || {
        let mut request = accepted();
        let encoding = "gzip".parse().expect("a header");
        request.headers_mut().insert("content-encoding", encoding);
        request
    };
    let too_long = || token_request(RIGHT, full(vec![b'a'; 2048]));
    let rows = [
        (413, streamed_over_the_limit as fn() -> Request<AnyBody>),
        (413, too_long),
        (400, gzip),
    ];
    let address = served().await;
    for (status, request) in rows {
        let mut sender = http1(address).await;
        let response = sender.send_request(over_http1(request())).await;
        let answer = Answer::read(response.expect("an answer")).await;
        assert_eq!(answer.status.as_u16(), status, "{answer:?}");

        // A server need not read on to keep a connection; half an answer it may not send.
        let kept = match sender.ready().await {
            Ok(()) => sender.send_request(over_http1(accepted())).await,
            Err(closed) => Err(closed),
        };
        let response = match kept {
            Err(error) if !error.is_parse() => {
                let mut sender = http1(address).await;
                sender.send_request(over_http1(accepted())).await
            }
            kept => kept,
        };
        let answer = Answer::read(response.expect("an answer")).await;
        assert_eq!(answer.body, GRANT);
    }
}

#[tokio::test]
async fn streamed_body_over_the_limit_is_413_over_http_2_and_the_connection_stays() {
    let mut sender = http2(served().await).await;
    for _ in 0..3 {
        let response = sender
            .send_request(over_http2(streamed_over_the_limit()))
            .await;
        Answer::read(response.expect("an answer"))
            .await
            .assert_error(StatusCode::PAYLOAD_TOO_LARGE, "invalid_request");
        let response = sender.send_request(over_http2(accepted())).await;
        let answer = Answer::read(response.expect("an answer")).await;
        assert_eq!(answer.body, GRANT);
    }
}

#[tokio::test]
async fn stalled_body_is_408_over_tcp_and_the_connection_ends() {
    let service = layer()
        .deadline(Duration::from_millis(20))
        .layer(service_fn(echo_incoming));
    let head = raw_head("Content-Length: 100");
    let received = raw_exchange(serve(service).await, &format!("{head}grant_type=")).await;
    assert!(received.starts_with("HTTP/1.1 408 "), "{received}");
}

#[tokio::test]
async fn upload_to_another_path_is_streamed_over_tcp() {
    for two in [false, true] {
        let (seen, mut first_frame) = mpsc::unbounded_channel();
        let inner = service_fn(move |request: Request<RequestBody<Incoming>>| {
            let seen = seen.clone();
            async move {
                let mut body = request.into_body();
                let mut length = 0;
                while let Some(frame) = body.frame().await {
                    length += frame?.into_data().map_or(0, |data| data.len());
                    // The test may have seen enough.
                    let _ = seen.send(length);
                }
                Ok::<_, hyper::Error>(Response::new(Full::from(length.to_string())))
            }
        });
        let address = serve(layer().layer(inner)).await;
        let (frames, body) = ChannelBody::new();
        let mut request = other_path();
        *request.body_mut() = body.any();
        let answer = tokio::spawn(async move {
            let response = if two {
                http2(address).await.send_request(over_http2(request)).await
            } else {
                http1(address).await.send_request(over_http1(request)).await
            };
            Answer::read(response.expect("an answer")).await
        });
        assert!(
            frames
                .send(Frame::data(Bytes::from_static(b"first")))
                .is_ok()
        );
        let seen = timeout(HANG, first_frame.recv()).await.expect("streamed");
        assert_eq!(
            seen,
            Some(5),
            "the first frame arrives before the second is sent"
        );
        assert!(
            frames
                .send(Frame::data(Bytes::from(vec![b'x'; 200_000])))
                .is_ok()
        );
        drop(frames);
        assert_eq!(answer.await.expect("no panic").body, "200005");
    }
}
