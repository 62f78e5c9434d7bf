//! The layer among axum's routers, middleware and server, and tower-http's layers, with real requests.

use std::{
    convert::Infallible,
    fmt::Debug,
    future::pending,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    Extension, Json, Router,
    body::Body,
    extract::{MatchedPath, Request, State},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, Method, StatusCode,
    header::{
        ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
        ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ALLOW, AUTHORIZATION,
        CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ORIGIN, PRAGMA, RETRY_AFTER,
        WWW_AUTHENTICATE,
    },
};
use http_body::Frame;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::{Value, json};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::mpsc,
};
use tower::{BoxError, Layer, Service, ServiceBuilder, ServiceExt};
use tower_http::{
    ServiceBuilderExt,
    catch_panic::CatchPanicLayer,
    compression::CompressionLayer,
    cors::{Any, CorsLayer},
    decompression::{DecompressionLayer, RequestDecompressionLayer},
    limit::RequestBodyLimitLayer,
    map_response_body::MapResponseBodyLayer,
    request_id::MakeRequestUuid,
    timeout::{RequestBodyDeadlineLayer, TimeoutLayer},
    trace::TraceLayer,
};
use tower_token_endpoint::{
    AuthMethod, AuthenticatedRequest, Client, ClientStore, Endpoint, ErrorCode, GrantType,
    MemoryClients, Reason, Rejection, TokenEndpointLayer, TokenError, TokenRequest, TokenResponse,
};

const ISSUER: &str = "https://as.example.com";
const FORM: &str = "application/x-www-form-urlencoded";
const GRANT: &str = "grant_type=client_credentials&scope=read";

/// Clients `app` (confidential, secret `s3cret`) and `spa` (public).
fn clients() -> MemoryClients {
    let app = Client::builder("app")
        .secret("s3cret")
        .auth_methods([AuthMethod::ClientSecretBasic, AuthMethod::ClientSecretPost])
        .grant_types([GrantType::ClientCredentials, GrantType::AuthorizationCode])
        .scope("read write")
        .build()
        .expect("a valid client");
    let spa = Client::builder("spa")
        .auth_method(AuthMethod::None)
        .build()
        .expect("a valid client");
    MemoryClients::new([app, spa]).expect("two different ids")
}

fn layer() -> TokenEndpointLayer<MemoryClients> {
    TokenEndpointLayer::new(clients(), ISSUER)
}

async fn issue(request: TokenRequest) -> Result<TokenResponse, TokenError> {
    Ok(
        TokenResponse::bearer(format!("token-for-{}", request.client().client_id()))
            .expires_in(Duration::from_secs(3600)),
    )
}

fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

fn token_request(path: &str, id: &str, secret: &str, body: impl Into<Body>) -> Request {
    Request::post(path)
        .header(AUTHORIZATION, basic(id, secret))
        .header(CONTENT_TYPE, FORM)
        .body(body.into())
        .expect("a valid request")
}

fn get_request(path: &str) -> Request {
    Request::get(path)
        .body(Body::empty())
        .expect("a valid request")
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
    async fn read<B>(response: http::Response<B>) -> Self
    where
        B: http_body::Body,
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

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
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
        assert_eq!(self.json()["error"], code, "{self:?}");
        assert_eq!(self.header(CACHE_CONTROL), "no-store");
        assert_eq!(self.header(PRAGMA), "no-cache");
    }

    #[track_caller]
    fn assert_unauthenticated(&self) {
        self.assert_error(StatusCode::UNAUTHORIZED, "invalid_client");
        assert_eq!(
            self.header(WWW_AUTHENTICATE),
            r#"Basic realm="https://as.example.com", charset="UTF-8""#
        );
    }

    #[track_caller]
    fn assert_issued_to(&self, id: &str) {
        assert_eq!(self.status, StatusCode::OK, "{self:?}");
        assert_eq!(self.header(CACHE_CONTROL), "no-store");
        assert_eq!(self.header(PRAGMA), "no-cache");
        assert_eq!(self.json()["access_token"], format!("token-for-{id}"));
        assert_eq!(self.json()["token_type"], "Bearer");
        assert_eq!(self.json()["expires_in"], 3600);
    }

    #[track_caller]
    fn assert_fails_closed(&self, hint: &str) {
        self.assert_error(StatusCode::INTERNAL_SERVER_ERROR, "server_error");
        let description = self.json()["error_description"]
            .as_str()
            .expect("a description")
            .to_owned();
        assert!(description.contains(hint), "{description:?} lacks {hint:?}");
    }
}

async fn send<S, R>(service: &S, request: Request) -> Answer
where
    S: Service<Request, Response = http::Response<R>> + Clone,
    S::Error: Debug,
    R: http_body::Body,
    R::Error: Debug,
{
    let response = service.clone().oneshot(request).await;
    Answer::read(response.expect("an infallible service")).await
}

/// Everything a token endpoint at `path` owes, whatever it is composed with.
async fn assert_is_token_endpoint<S, R>(service: S, path: &str)
where
    S: Service<Request, Response = http::Response<R>> + Clone,
    S::Error: Debug,
    R: http_body::Body,
    R::Error: Debug,
{
    send(&service, token_request(path, "app", "s3cret", GRANT))
        .await
        .assert_issued_to("app");

    let post = Request::post(path)
        .header(CONTENT_TYPE, FORM)
        .body(format!("{GRANT}&client_id=app&client_secret=s3cret").into())
        .expect("a valid request");
    send(&service, post).await.assert_issued_to("app");

    let public = Request::post(path)
        .header(CONTENT_TYPE, FORM)
        .body("grant_type=authorization_code&code=c&code_verifier=v&client_id=spa".into())
        .expect("a valid request");
    send(&service, public).await.assert_issued_to("spa");

    let wrong = send(&service, token_request(path, "app", "wrong", GRANT)).await;
    wrong.assert_unauthenticated();
    assert_eq!(wrong.reason(), Some(Reason::WrongSecret));

    let no_grant = send(&service, token_request(path, "app", "s3cret", "scope=read")).await;
    no_grant.assert_error(StatusCode::BAD_REQUEST, "invalid_request");
    assert_eq!(no_grant.reason(), Some(Reason::MissingGrantType));

    let json = Request::post(path)
        .header(CONTENT_TYPE, "application/json")
        .body("{}".into())
        .expect("a valid request");
    let json = send(&service, json).await;
    json.assert_error(StatusCode::BAD_REQUEST, "invalid_request");
    assert_eq!(json.reason(), Some(Reason::ContentTypeNotForm));

    let get = send(&service, get_request(path)).await;
    get.assert_error(StatusCode::METHOD_NOT_ALLOWED, "invalid_request");
    assert_eq!(get.header(ALLOW), "POST");
}

/// A request body whose frames the test sends.
struct ChannelBody(mpsc::UnboundedReceiver<Bytes>);

impl http_body::Body for ChannelBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0
            .poll_recv(cx)
            .map(|frame| frame.map(|data| Ok(Frame::data(data))))
    }
}

/// A body of these frames, without a known length.
fn streamed(frames: impl IntoIterator<Item = &'static str>) -> Body {
    let (sender, receiver) = mpsc::unbounded_channel();
    for frame in frames {
        sender.send(Bytes::from(frame)).expect("a live receiver");
    }
    Body::new(ChannelBody(receiver))
}

/// A body that stops after its first frame and never ends, as long as the sender lives.
fn stalled() -> (mpsc::UnboundedSender<Bytes>, Body) {
    let (sender, receiver) = mpsc::unbounded_channel();
    sender
        .send(Bytes::from("grant_type="))
        .expect("a live receiver");
    (sender, Body::new(ChannelBody(receiver)))
}

/// A store that never answers.
struct HangingStore;

impl ClientStore for HangingStore {
    type Error = Infallible;

    async fn find(
        &self,
        _client_id: &str,
        _request: &http::request::Parts,
    ) -> Result<Option<Arc<Client>>, Infallible> {
        pending().await
    }
}

// ---- where axum takes a layer ----

#[tokio::test]
async fn router_layer_with_a_path_leaves_the_other_routes_alone() {
    let app = Router::new()
        .route("/token", post(issue))
        .route("/health", get(|| async { "well" }))
        .layer(layer().path("/token"));
    assert_is_token_endpoint(app.clone(), "/token").await;

    let health = send(&app, get_request("/health")).await;
    assert_eq!(
        (health.status, &health.body[..]),
        (StatusCode::OK, &b"well"[..])
    );
    assert!(!health.headers.contains_key(CACHE_CONTROL), "{health:?}");

    let unknown = send(&app, token_request("/elsewhere", "app", "wrong", GRANT)).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn router_layer_compares_the_path_byte_for_byte() {
    let app = Router::new()
        .fallback(|| async { "fallback" })
        .layer(layer().path("/token"));
    for path in ["/token/", "/Token", "/%74oken", "//token", "/tokens"] {
        let answer = send(&app, token_request(path, "app", "wrong", GRANT)).await;
        assert_eq!(&answer.body[..], b"fallback", "{path}");
    }
    send(&app, token_request("/token?a=b", "app", "wrong", GRANT))
        .await
        .assert_unauthenticated();
}

#[tokio::test]
async fn router_layer_without_a_path_guards_the_fallback_too() {
    let app = Router::new().route("/token", post(issue)).layer(layer());
    assert_is_token_endpoint(app.clone(), "/token").await;
    send(&app, token_request("/elsewhere", "app", "wrong", GRANT))
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

    let health = send(&app, get_request("/health")).await;
    assert_eq!(health.status, StatusCode::OK);
    let unknown = send(&app, token_request("/elsewhere", "app", "wrong", GRANT)).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn method_router_layer_guards_one_route() {
    let app = Router::new()
        .route("/token", post(issue).layer(layer()))
        .route("/health", get(|| async { "well" }));
    assert_is_token_endpoint(app.clone(), "/token").await;
    let health = send(&app, get_request("/health")).await;
    assert_eq!(health.status, StatusCode::OK);
}

#[tokio::test]
async fn method_router_is_a_token_endpoint_by_itself() {
    let app: axum::routing::MethodRouter = post(issue).layer(layer());
    assert_is_token_endpoint(app, "/").await;
}

#[tokio::test]
async fn the_layer_around_a_whole_router_is_a_service() {
    let app = layer()
        .path("/token")
        .layer(Router::new().route("/token", post(issue)));
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
        .layer(layer().path("/token"))
        .with_state(Suffix("!"));
    let frames = [
        "grant_type=client%5Fcred",
        "entials&",
        "&empty=&scope=read+w",
        "rite",
    ];
    let answer = send(
        &app,
        token_request("/token", "app", "s3cret", streamed(frames)),
    )
    .await;
    assert_eq!(
        answer.json(),
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
        .layer(layer().path("/token").axum_body());
    let (sender, receiver) = mpsc::unbounded_channel();
    let request = token_request("/upload", "app", "wrong", Body::new(ChannelBody(receiver)));
    let answer = send(&app, request).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert!(!answer.headers.contains_key(CACHE_CONTROL), "{answer:?}");

    let mut body = from_handler.recv().await.expect("the handler was called");
    for frame in ["first", "second"] {
        sender.send(Bytes::from(frame)).expect("a live receiver");
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
        let answer = send(&app, token_request("/token", "app", "s3cret", GRANT)).await;
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

    struct ByTenant(MemoryClients);

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
            .route_layer(TokenEndpointLayer::new(ByTenant(clients()), ISSUER))
            .layer(Extension(Tenant(tenant)));
        let answer = send(&app, token_request("/a/token", "app", "s3cret", GRANT)).await;
        assert_eq!(answer.status.as_u16(), status, "{tenant}: {answer:?}");
    }
}

// ---- tower-http ----

#[tokio::test]
async fn token_endpoint_holds_below_every_tower_http_layer() {
    let stack = ServiceBuilder::new()
        .layer(CatchPanicLayer::new())
        .set_x_request_id(MakeRequestUuid)
        .layer(TraceLayer::new_for_http())
        .propagate_x_request_id()
        .layer(CorsLayer::permissive())
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            Duration::from_secs(30),
        ))
        .layer(CompressionLayer::new())
        .layer(RequestBodyLimitLayer::new(4096))
        .layer(RequestBodyDeadlineLayer::new(Duration::from_secs(20)))
        .layer(layer());
    let app = Router::new().route("/token", post(issue)).layer(stack);
    assert_is_token_endpoint(app.clone(), "/token").await;

    let answer = send(&app, token_request("/token", "app", "wrong", GRANT)).await;
    assert_eq!(
        answer.header(HeaderName::from_static("x-request-id")).len(),
        36
    );
    assert_eq!(answer.header(ACCESS_CONTROL_ALLOW_ORIGIN), "*");
}

#[tokio::test]
async fn token_endpoint_holds_above_every_tower_http_layer() {
    let stack = ServiceBuilder::new()
        .layer(layer())
        .layer(CatchPanicLayer::new())
        .set_x_request_id(MakeRequestUuid)
        .layer(TraceLayer::new_for_http())
        .propagate_x_request_id()
        .layer(CorsLayer::permissive())
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            Duration::from_secs(30),
        ))
        .layer(CompressionLayer::new())
        .layer(RequestBodyLimitLayer::new(4096))
        .layer(RequestBodyDeadlineLayer::new(Duration::from_secs(20)));
    let app = Router::new().route("/token", post(issue)).layer(stack);
    assert_is_token_endpoint(app.clone(), "/token").await;

    let accepted = send(&app, token_request("/token", "app", "s3cret", GRANT)).await;
    assert!(
        accepted.headers.contains_key("x-request-id"),
        "{accepted:?}"
    );
    let rejected = send(&app, token_request("/token", "app", "wrong", GRANT)).await;
    assert!(
        !rejected.headers.contains_key("x-request-id"),
        "{rejected:?}"
    );
}

#[tokio::test]
async fn service_builder_stack_around_a_service_fn_needs_no_router() {
    let service = ServiceBuilder::new()
        .layer(CatchPanicLayer::new())
        .layer(TraceLayer::new_for_http())
        .layer(RequestBodyLimitLayer::new(4096))
        .layer(layer())
        .service_fn(async |request: http::Request<_>| {
            let token = request.extensions().get::<TokenRequest>().cloned();
            let answer = issue(token.expect("the layer is in front")).await;
            Ok::<_, Infallible>(
                http::Response::<Bytes>::from(answer.expect("issued")).map(Full::new),
            )
        });
    assert_is_token_endpoint(service, "/token").await;
}

#[tokio::test]
async fn trace_outside_sees_the_rejection() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let record = Arc::clone(&seen);
    let trace = TraceLayer::new_for_http().on_response(
        move |response: &http::Response<_>, _: Duration, _: &tracing::Span| {
            let rejection = response.extensions().get::<Rejection>();
            record
                .lock()
                .expect("no panic")
                .push(rejection.map(Rejection::as_str));
        },
    );
    let app = Router::new()
        .route("/token", post(issue))
        .layer(ServiceBuilder::new().layer(trace).layer(layer()));
    send(&app, token_request("/token", "app", "wrong", GRANT)).await;
    send(&app, token_request("/token", "ghost", "wrong", GRANT)).await;
    send(&app, token_request("/token", "app", "s3cret", GRANT)).await;
    assert_eq!(
        *seen.lock().expect("no panic"),
        [Some("wrong_secret"), Some("unknown_client"), None]
    );
}

#[tokio::test]
async fn request_id_set_outside_reaches_the_handler() {
    let handler = async |_: TokenRequest, headers: HeaderMap| {
        headers["x-request-id"].to_str().expect("ASCII").to_owned()
    };
    let stack = ServiceBuilder::new()
        .set_x_request_id(MakeRequestUuid)
        .propagate_x_request_id()
        .layer(layer());
    let app = Router::new().route("/token", post(handler)).layer(stack);
    let answer = send(&app, token_request("/token", "app", "s3cret", GRANT)).await;
    assert_eq!(
        answer.header(HeaderName::from_static("x-request-id")),
        answer.body
    );
}

#[tokio::test]
async fn body_limit_outside_makes_a_streamed_body_413_of_this_layer() {
    let stack = ServiceBuilder::new()
        .layer(RequestBodyLimitLayer::new(64))
        .layer(layer());
    let app = Router::new().route("/token", post(issue)).layer(stack);
    let frames = std::iter::once(GRANT).chain(std::iter::repeat_n("&a=0123456789", 10));
    let answer = send(
        &app,
        token_request("/token", "app", "s3cret", streamed(frames)),
    )
    .await;
    answer.assert_error(StatusCode::PAYLOAD_TOO_LARGE, "invalid_request");
    assert_eq!(answer.reason(), Some(Reason::BodyTooLarge));
}

#[tokio::test]
async fn body_limit_outside_answers_a_long_content_length_itself() {
    let stack = ServiceBuilder::new()
        .layer(RequestBodyLimitLayer::new(8))
        .layer(layer());
    let app = Router::new().route("/token", post(issue)).layer(stack);
    let mut request = token_request("/token", "app", "s3cret", GRANT);
    request
        .headers_mut()
        .insert(CONTENT_LENGTH, GRANT.len().into());
    let answer = send(&app, request).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(answer.reason(), None, "{answer:?}");
}

#[tokio::test]
async fn axums_default_body_limit_does_not_replace_ours() {
    let app = Router::new()
        .route("/token", post(issue))
        .layer(layer().body_limit(64))
        .layer(axum::extract::DefaultBodyLimit::disable());
    let frames = std::iter::once(GRANT).chain(std::iter::repeat_n("&a=0123456789", 10));
    let answer = send(
        &app,
        token_request("/token", "app", "s3cret", streamed(frames)),
    )
    .await;
    answer.assert_error(StatusCode::PAYLOAD_TOO_LARGE, "invalid_request");
}

#[tokio::test(start_paused = true)]
async fn body_deadline_outside_is_a_body_that_cannot_be_read() {
    let stack = ServiceBuilder::new()
        .layer(RequestBodyDeadlineLayer::new(Duration::from_secs(1)))
        .layer(layer());
    let app = Router::new().route("/token", post(issue)).layer(stack);
    let (_sender, body) = stalled();
    let answer = send(&app, token_request("/token", "app", "s3cret", body)).await;
    answer.assert_error(StatusCode::BAD_REQUEST, "invalid_request");
    assert_eq!(answer.reason(), Some(Reason::BodyUnreadable));
}

#[tokio::test(start_paused = true)]
async fn our_deadline_below_a_longer_body_deadline_is_408() {
    let stack = ServiceBuilder::new()
        .layer(RequestBodyDeadlineLayer::new(Duration::from_secs(60)))
        .layer(layer());
    let app = Router::new().route("/token", post(issue)).layer(stack);
    let (_sender, body) = stalled();
    let answer = send(&app, token_request("/token", "app", "s3cret", body)).await;
    answer.assert_error(StatusCode::REQUEST_TIMEOUT, "invalid_request");
    assert_eq!(answer.reason(), Some(Reason::BodyTimeout));
}

#[tokio::test(start_paused = true)]
async fn timeout_outside_cuts_a_decision_that_hangs() {
    let stack = ServiceBuilder::new()
        .layer(TimeoutLayer::with_status_code(
            StatusCode::GATEWAY_TIMEOUT,
            Duration::from_secs(1),
        ))
        .layer(TokenEndpointLayer::new(HangingStore, ISSUER));
    let app = Router::new().route("/token", post(issue)).layer(stack);
    let answer = send(&app, token_request("/token", "app", "s3cret", GRANT)).await;
    assert_eq!(answer.status, StatusCode::GATEWAY_TIMEOUT);
    assert!(answer.body.is_empty(), "{answer:?}");
}

#[tokio::test(start_paused = true)]
async fn our_deadline_below_a_longer_timeout_is_503_with_retry_after() {
    let stack = ServiceBuilder::new()
        .layer(TimeoutLayer::with_status_code(
            StatusCode::GATEWAY_TIMEOUT,
            Duration::from_secs(60),
        ))
        .layer(TokenEndpointLayer::new(HangingStore, ISSUER));
    let app = Router::new().route("/token", post(issue)).layer(stack);
    let answer = send(&app, token_request("/token", "app", "s3cret", GRANT)).await;
    answer.assert_error(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable");
    assert_eq!(answer.header(RETRY_AFTER), "5");
    assert_eq!(answer.reason(), Some(Reason::DecisionTimeout));
}

#[tokio::test]
async fn panic_of_a_handler_is_caught_outside_and_inside() {
    async fn panics(_: TokenRequest) -> TokenResponse {
        panic!("on purpose")
    }

    let outside = ServiceBuilder::new()
        .layer(CatchPanicLayer::new())
        .layer(layer());
    let app = Router::new().route("/token", post(panics)).layer(outside);
    let answer = send(&app, token_request("/token", "app", "s3cret", GRANT)).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    send(&app, token_request("/token", "app", "wrong", GRANT))
        .await
        .assert_unauthenticated();

    let inside = ServiceBuilder::new()
        .layer(layer())
        .layer(CatchPanicLayer::new());
    let app = Router::new().route("/token", post(panics)).layer(inside);
    let answer = send(&app, token_request("/token", "app", "s3cret", GRANT)).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(answer.header(CACHE_CONTROL), "no-store");
}

#[tokio::test]
async fn compression_outside_compresses_our_errors() {
    let stack = ServiceBuilder::new()
        .layer(CompressionLayer::new())
        .layer(layer());
    let app = Router::new().route("/token", post(issue)).layer(stack);

    let mut request = token_request("/token", "app", "wrong", GRANT);
    request
        .headers_mut()
        .insert("accept-encoding", "gzip".parse().expect("a header"));
    let plain = send(&app, token_request("/token", "app", "wrong", GRANT)).await;
    let packed = send(&app, request).await;
    assert_eq!(packed.status, StatusCode::UNAUTHORIZED);
    assert_eq!(packed.header(CONTENT_ENCODING), "gzip");
    assert!(!packed.headers.contains_key(CONTENT_LENGTH), "{packed:?}");

    let unpacking = DecompressionLayer::new().layer(app);
    let unpacked = send(&unpacking, token_request("/token", "app", "wrong", GRANT)).await;
    unpacked.assert_unauthenticated();
    assert_eq!(unpacked.body, plain.body);
}

/// `text` in gzip.
async fn gzip(text: String) -> Bytes {
    let service = CompressionLayer::new().layer(tower::service_fn(move |_: Request| {
        let text = text.clone();
        async move { Ok::<_, Infallible>(Response::new(Body::from(text))) }
    }));
    let mut request = get_request("/");
    let accepted = "gzip".parse().expect("a header");
    request.headers_mut().insert("accept-encoding", accepted);
    let answer = send(&service, request).await;
    assert_eq!(answer.header(CONTENT_ENCODING), "gzip");
    answer.body
}

#[tokio::test]
async fn request_decompression_outside_is_read_within_our_limit() {
    let stack = ServiceBuilder::new()
        .layer(RequestDecompressionLayer::new())
        .layer(layer());
    let app = Router::new().route("/token", post(issue)).layer(stack);
    let packed = async |form: String| {
        let mut request = token_request("/token", "app", "s3cret", gzip(form).await);
        let encoding = "gzip".parse().expect("a header");
        request.headers_mut().insert(CONTENT_ENCODING, encoding);
        request
    };
    let padded = |length: usize| format!("{GRANT}&padding={}", "a".repeat(length));
    send(&app, packed(padded(1000)).await)
        .await
        .assert_issued_to("app");

    let bomb = packed(padded(1_000_000)).await;
    let size = http_body::Body::size_hint(bomb.body()).exact();
    assert!(size.is_some_and(|size| size < 4096), "{size:?}");
    let answer = send(&app, bomb).await;
    answer.assert_error(StatusCode::PAYLOAD_TOO_LARGE, "invalid_request");
}

// ---- CORS ----

fn preflight(path: &str) -> Request {
    Request::options(path)
        .header(ORIGIN, "https://spa.example.com")
        .header(ACCESS_CONTROL_REQUEST_METHOD, "POST")
        .header(ACCESS_CONTROL_REQUEST_HEADERS, "authorization")
        .body(Body::empty())
        .expect("a valid request")
}

fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::POST])
        .allow_headers([AUTHORIZATION])
}

#[track_caller]
fn assert_preflight_allowed(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_eq!(answer.header(ACCESS_CONTROL_ALLOW_ORIGIN), "*");
    assert_eq!(answer.header(ACCESS_CONTROL_ALLOW_METHODS), "POST");
    assert_eq!(answer.header(ACCESS_CONTROL_ALLOW_HEADERS), "authorization");
}

#[tokio::test]
async fn preflight_is_answered_by_cors_outside_and_rejections_are_readable() {
    let app = Router::new()
        .route("/token", post(issue))
        .layer(layer().path("/token"))
        .layer(cors());
    assert_preflight_allowed(&send(&app, preflight("/token")).await);

    let mut request = token_request("/token", "app", "wrong", GRANT);
    request
        .headers_mut()
        .insert(ORIGIN, "https://spa.example.com".parse().expect("a header"));
    let answer = send(&app, request).await;
    answer.assert_unauthenticated();
    assert_eq!(answer.header(ACCESS_CONTROL_ALLOW_ORIGIN), "*");
}

#[tokio::test]
async fn preflight_passes_through_to_cors_inside() {
    let app = Router::new()
        .route("/token", post(issue))
        .layer(cors())
        .layer(layer().path("/token"));
    assert_preflight_allowed(&send(&app, preflight("/token")).await);
}

#[tokio::test]
async fn preflight_passes_through_to_an_options_route() {
    async fn answer_options() -> impl IntoResponse {
        (StatusCode::NO_CONTENT, [(ACCESS_CONTROL_ALLOW_ORIGIN, "*")])
    }

    let app = Router::new()
        .route("/token", post(issue).options(answer_options))
        .route_layer(layer());
    let answer = send(&app, preflight("/token")).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert_eq!(answer.header(ACCESS_CONTROL_ALLOW_ORIGIN), "*");
    assert_eq!(answer.reason(), None);
}

// ---- axum::middleware::from_fn ----

/// Inside: says in a header what the layer told it.
async fn inside(request: Request, next: Next) -> Response {
    let client = request
        .extensions()
        .get::<TokenRequest>()
        .map(|token| token.client().client_id().to_owned());
    let mut response = next.run(request).await;
    if let Some(client) = client {
        let client = client.parse().expect("a client_id fit for a header");
        response.headers_mut().insert("x-inside", client);
    }
    response
}

/// Outside: says in a header why the layer rejected.
async fn outside(request: Request, next: Next) -> Response {
    assert!(request.extensions().get::<TokenRequest>().is_none());
    let mut response = next.run(request).await;
    if let Some(rejection) = response.extensions().get::<Rejection>() {
        let reason = rejection
            .as_str()
            .parse()
            .expect("a reason fit for a header");
        response.headers_mut().insert("x-outside", reason);
    }
    response
}

async fn assert_from_fn_sees_both_sides<S, R>(app: S)
where
    S: Service<Request, Response = http::Response<R>> + Clone,
    S::Error: Debug,
    R: http_body::Body,
    R::Error: Debug,
{
    let accepted = send(&app, token_request("/token", "app", "s3cret", GRANT)).await;
    accepted.assert_issued_to("app");
    assert_eq!(accepted.headers["x-inside"], "app");
    assert!(!accepted.headers.contains_key("x-outside"), "{accepted:?}");

    let rejected = send(&app, token_request("/token", "app", "wrong", GRANT)).await;
    rejected.assert_unauthenticated();
    assert_eq!(rejected.headers["x-outside"], "wrong_secret");
    assert!(!rejected.headers.contains_key("x-inside"), "{rejected:?}");
}

#[tokio::test]
async fn from_fn_inside_and_outside_in_separate_router_layers() {
    let app = Router::new()
        .route("/token", post(issue))
        .layer(from_fn(inside))
        .layer(layer().path("/token"))
        .layer(from_fn(outside));
    assert_from_fn_sees_both_sides(app.clone()).await;
    assert_is_token_endpoint(app, "/token").await;
}

#[tokio::test]
async fn from_fn_inside_and_outside_in_one_service_builder() {
    let stack = ServiceBuilder::new()
        .layer(from_fn(outside))
        .layer(layer().axum_body())
        .layer(from_fn(inside));
    let app = Router::new().route("/token", post(issue)).layer(stack);
    assert_from_fn_sees_both_sides(app.clone()).await;
    assert_is_token_endpoint(app, "/token").await;
}

#[tokio::test]
async fn from_fn_inside_below_body_limit_and_body_deadline() {
    let stack = ServiceBuilder::new()
        .layer(from_fn(outside))
        .layer(RequestBodyLimitLayer::new(4096))
        .layer(RequestBodyDeadlineLayer::new(Duration::from_secs(20)))
        .layer(layer().axum_body())
        .layer(from_fn(inside));
    let app = Router::new().route("/token", post(issue)).layer(stack);
    assert_from_fn_sees_both_sides(app.clone()).await;
    assert_is_token_endpoint(app, "/token").await;
}

#[tokio::test]
async fn from_fn_inside_below_body_layers_around_a_method_router() {
    let stack = ServiceBuilder::new()
        .layer(from_fn(outside))
        .layer(RequestBodyDeadlineLayer::new(Duration::from_secs(20)))
        .layer(RequestBodyLimitLayer::new(4096))
        .layer(layer().axum_body())
        .layer(from_fn(inside));
    let app = Router::new().route("/token", post(issue).layer(stack));
    assert_from_fn_sees_both_sides(app).await;
}

#[tokio::test]
async fn axum_body_below_the_body_limit_still_tells_413_from_400() {
    let stack = ServiceBuilder::new()
        .layer(RequestBodyLimitLayer::new(64))
        .layer(RequestBodyDeadlineLayer::new(Duration::from_secs(20)))
        .layer(layer().axum_body())
        .layer(from_fn(inside));
    let app = Router::new().route("/token", post(issue)).layer(stack);
    let frames = std::iter::once(GRANT).chain(std::iter::repeat_n("&a=0123456789", 10));
    let answer = send(
        &app,
        token_request("/token", "app", "s3cret", streamed(frames)),
    )
    .await;
    answer.assert_error(StatusCode::PAYLOAD_TOO_LARGE, "invalid_request");
}

// ---- nest ----

#[tokio::test]
async fn inside_nest_the_stripped_path_is_the_one_that_matches() {
    let inner = Router::new()
        .route("/token", post(issue))
        .layer(layer().path("/token"));
    let app = Router::new().nest("/oauth", inner);
    assert_is_token_endpoint(app, "/oauth/token").await;
}

#[tokio::test]
async fn inside_nest_a_layer_on_the_full_path_leaves_the_handler_failing_closed() {
    let inner = Router::new()
        .route("/token", post(issue))
        .layer(layer().path("/oauth/token"));
    let app = Router::new().nest("/oauth", inner);
    for secret in ["s3cret", "wrong"] {
        let answer = send(&app, token_request("/oauth/token", "app", secret, GRANT)).await;
        answer.assert_fails_closed("TokenEndpointLayer");
        assert!(
            answer.json()["error_description"]
                .to_string()
                .contains("path")
        );
    }
}

#[tokio::test]
async fn around_nest_the_full_path_matches() {
    let inner = Router::new().route("/token", post(issue));
    let app = Router::new()
        .nest("/oauth", inner)
        .layer(layer().path("/oauth/token"));
    assert_is_token_endpoint(app, "/oauth/token").await;
}

#[tokio::test]
async fn route_layer_inside_nest_needs_no_path() {
    let inner = Router::new()
        .route("/token", post(issue))
        .route_layer(layer());
    let app = Router::new().nest("/oauth", inner);
    assert_is_token_endpoint(app, "/oauth/token").await;
}

// ---- extractors ----

#[tokio::test]
async fn token_request_without_the_layer_fails_closed() {
    let app: Router = Router::new().route("/token", post(issue));
    send(&app, token_request("/token", "app", "s3cret", GRANT))
        .await
        .assert_fails_closed("TokenEndpointLayer");
}

#[tokio::test]
async fn authenticated_request_without_the_layer_fails_closed() {
    let handler = async |request: AuthenticatedRequest| request.client().client_id().to_owned();
    let app: Router = Router::new().route("/introspect", post(handler));
    send(
        &app,
        token_request("/introspect", "app", "s3cret", "token=t"),
    )
    .await
    .assert_fails_closed("TokenEndpointLayer");
}

#[tokio::test]
async fn options_passed_through_to_a_handler_that_takes_a_token_request_fails_closed() {
    let app = Router::new()
        .route("/token", axum::routing::any(issue))
        .layer(layer().path("/token"));
    send(&app, preflight("/token"))
        .await
        .assert_fails_closed("TokenEndpointLayer");
}

#[tokio::test]
async fn authenticated_request_is_extracted_at_the_token_endpoint() {
    let handler = async |request: AuthenticatedRequest, token: TokenRequest| {
        assert_eq!(request.parameter("scope"), Some("read"));
        assert_eq!(request.parameter("client_secret"), None);
        assert_eq!(
            token.authenticated().client().client_id(),
            request.client().client_id()
        );
        format!("{} by {}", request.client().client_id(), request.method())
    };
    let app = Router::new().route("/token", post(handler)).layer(layer());
    let answer = send(&app, token_request("/token", "app", "s3cret", GRANT)).await;
    assert_eq!(&answer.body[..], b"app by client_secret_basic");
}

#[tokio::test]
async fn authenticated_request_is_extracted_at_introspection_and_revocation() {
    let handler = async |request: AuthenticatedRequest| {
        format!("{:?} {:?}", request.token(), request.token_type_hint())
    };
    let token = layer();
    let app = Router::new()
        .route("/introspect", post(handler))
        .layer(
            token
                .clone()
                .endpoint(Endpoint::Introspection)
                .path("/introspect"),
        )
        .route("/revoke", post(handler))
        .layer(token.endpoint(Endpoint::Revocation).path("/revoke"));
    for path in ["/introspect", "/revoke"] {
        let body = "token=t&token_type_hint=access_token";
        let answer = send(&app, token_request(path, "app", "s3cret", body)).await;
        assert_eq!(
            &answer.body[..],
            br#"Some("t") Some("access_token")"#,
            "{path}: {answer:?}"
        );
        send(&app, token_request(path, "app", "wrong", body))
            .await
            .assert_unauthenticated();
    }
}

#[tokio::test]
async fn token_request_at_introspection_and_revocation_fails_closed() {
    for endpoint in [Endpoint::Introspection, Endpoint::Revocation] {
        let app = Router::new()
            .route("/", post(issue))
            .layer(layer().endpoint(endpoint));
        send(&app, token_request("/", "app", "s3cret", "token=t"))
            .await
            .assert_fails_closed("AuthenticatedRequest");
    }
}

// ---- TokenError and TokenResponse as answers of handlers ----

#[tokio::test]
async fn token_error_of_a_handler_renders_itself() {
    async fn refuse(_: TokenRequest) -> Result<TokenResponse, TokenError> {
        Err(TokenError::new(ErrorCode::InvalidGrant)
            .description("the code was used before")
            .uri("https://as.example.com/errors"))?
    }

    let app = Router::new().route("/token", post(refuse)).layer(layer());
    let answer = send(&app, token_request("/token", "app", "s3cret", GRANT)).await;
    answer.assert_error(StatusCode::BAD_REQUEST, "invalid_grant");
    assert_eq!(
        answer.json(),
        json!({
            "error": "invalid_grant",
            "error_description": "the code was used before",
            "error_uri": "https://as.example.com/errors",
        })
    );
    assert_eq!(answer.reason(), None);
}

#[tokio::test]
async fn error_code_becomes_a_token_error_by_the_question_mark() {
    async fn refuse(request: TokenRequest) -> Result<TokenResponse, TokenError> {
        request
            .refresh_token()
            .ok_or(ErrorCode::AuthorizationPending)?;
        issue(request).await
    }

    let app = Router::new().route("/token", post(refuse)).layer(layer());
    send(&app, token_request("/token", "app", "s3cret", GRANT))
        .await
        .assert_error(StatusCode::BAD_REQUEST, "authorization_pending");
}

#[tokio::test]
async fn token_error_into_response_has_status_headers_and_challenge() {
    let invalid = TokenError::new(ErrorCode::InvalidClient)
        .realm("here")
        .into_response();
    let invalid = Answer::read(invalid).await;
    invalid.assert_error(StatusCode::UNAUTHORIZED, "invalid_client");
    assert_eq!(
        invalid.header(WWW_AUTHENTICATE),
        r#"Basic realm="here", charset="UTF-8""#
    );

    let down = TokenError::new(ErrorCode::TemporarilyUnavailable)
        .retry_after(Duration::from_secs(7))
        .into_response();
    let down = Answer::read(down).await;
    down.assert_error(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable");
    assert_eq!(down.header(RETRY_AFTER), "7");

    let broken = TokenError::from(ErrorCode::ServerError).into_response();
    Answer::read(broken)
        .await
        .assert_error(StatusCode::INTERNAL_SERVER_ERROR, "server_error");
}

#[tokio::test]
async fn token_response_into_response_is_uncacheable_json() {
    let response = TokenResponse::bearer("t").scope("read").into_response();
    let answer = Answer::read(response).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header(CONTENT_TYPE), "application/json");
    assert_eq!(answer.header(CACHE_CONTROL), "no-store");
    assert_eq!(answer.header(PRAGMA), "no-cache");
    assert_eq!(
        answer.json(),
        json!({"access_token": "t", "token_type": "Bearer", "scope": "read"})
    );
}

// ---- over TCP ----

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("a bound listener");
    (listener, address)
}

#[derive(Clone, Copy, Debug)]
enum Protocol {
    Http1,
    Http2,
}

const PROTOCOLS: [Protocol; 2] = [Protocol::Http1, Protocol::Http2];

/// One connection as a service, so that the checks above run over TCP too.
#[derive(Clone)]
struct Connection(Arc<tokio::sync::Mutex<Sender>>, SocketAddr);

enum Sender {
    Http1(hyper::client::conn::http1::SendRequest<Body>),
    Http2(hyper::client::conn::http2::SendRequest<Body>),
}

impl Connection {
    async fn open(address: SocketAddr, protocol: Protocol) -> Self {
        let stream = TcpStream::connect(address)
            .await
            .expect("a listening server");
        let io = TokioIo::new(stream);
        let sender = match protocol {
            Protocol::Http1 => {
                let (sender, connection) = hyper::client::conn::http1::handshake(io)
                    .await
                    .expect("an HTTP/1.1 connection");
                tokio::spawn(connection);
                Sender::Http1(sender)
            }
            Protocol::Http2 => {
                let (sender, connection) =
                    hyper::client::conn::http2::handshake(TokioExecutor::new(), io)
                        .await
                        .expect("an HTTP/2 connection");
                tokio::spawn(connection);
                Sender::Http2(sender)
            }
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
            send(&connection, token_request(path, "app", "s3cret", GRANT))
                .await
                .assert_issued_to("app");
            let frames = ["grant_type=", "client_credentials"];
            send(
                &connection,
                token_request(path, "app", "s3cret", streamed(frames)),
            )
            .await
            .assert_issued_to("app");
            send(&connection, token_request(path, "app", "wrong", GRANT))
                .await
                .assert_unauthenticated();
            send(
                &connection,
                token_request(path, "app", "s3cret", "scope=read"),
            )
            .await
            .assert_error(StatusCode::BAD_REQUEST, "invalid_request");
            let get = send(&connection, get_request(path)).await;
            get.assert_error(StatusCode::METHOD_NOT_ALLOWED, "invalid_request");
            assert_eq!(get.header(ALLOW), "POST", "{protocol:?}");
        }
    }
}

#[tokio::test]
async fn served_router_answers_over_http_1_and_http_2() {
    let (listener, address) = listen().await;
    let app = Router::new()
        .route("/token", post(issue))
        .layer(layer().path("/token"))
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
    let app = layer().path("/token").axum_body().layer(router);
    let app = axum::ServiceExt::<Request>::into_make_service(app);
    let server = tokio::spawn(axum::serve(listener, app).into_future());
    assert_is_token_endpoint_over_tcp(address, "/token").await;

    let connection = Connection::open(address, Protocol::Http1).await;
    let health = send(&connection, get_request("/health")).await;
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
        .layer(layer().path("/token").axum_body())
        .layer(from_fn(inside))
        .service(Router::new().route("/token", post(issue)));
    let app = axum::ServiceExt::<Request>::into_make_service(app);
    let server = tokio::spawn(axum::serve(listener, app).into_future());
    assert_is_token_endpoint_over_tcp(address, "/token").await;

    for protocol in PROTOCOLS {
        let connection = Connection::open(address, protocol).await;
        let answer = send(&connection, token_request("/token", "app", "s3cret", GRANT)).await;
        assert_eq!(answer.headers["x-inside"], "app", "{protocol:?}");
    }
    server.abort();
}

#[tokio::test]
async fn body_deadline_alone_around_a_whole_router_is_served_without_mapping_the_body() {
    let (listener, address) = listen().await;
    let app = ServiceBuilder::new()
        .layer(RequestBodyDeadlineLayer::new(Duration::from_secs(20)))
        .layer(layer().path("/token").axum_body())
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
        .layer(layer().path("/token"))
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
