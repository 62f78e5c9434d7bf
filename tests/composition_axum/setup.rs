//! The clients, their requests, and what a token endpoint owes to them.

use std::convert::Infallible;
use std::fmt::Debug;
use std::future::pending;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, PRAGMA, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderName, StatusCode};
use http_body::Frame;
use http_body_util::BodyExt;
use serde_json::Value;
use tokio::sync::mpsc;
use tower::{Service, ServiceExt};
use tower_token_endpoint::{
    AuthMethod, Client, ClientStore, GrantType, MemoryClients, Reason, Rejection,
    TokenEndpointLayer, TokenError, TokenRequest, TokenResponse,
};

pub(crate) const ISSUER: &str = "https://as.example.com";
const FORM: &str = "application/x-www-form-urlencoded";
pub(crate) const GRANT: &str = "grant_type=client_credentials&scope=read";

/// Clients `app` (confidential, secret `s3cret`) and `spa` (public).
pub(crate) fn clients() -> MemoryClients {
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

pub(crate) fn layer() -> TokenEndpointLayer<MemoryClients> {
    TokenEndpointLayer::new(clients(), ISSUER)
}

pub(crate) async fn issue(request: TokenRequest) -> Result<TokenResponse, TokenError> {
    Ok(
        TokenResponse::bearer(format!("token-for-{}", request.client().client_id()))
            .expires_in(Duration::from_secs(3600)),
    )
}

fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

pub(crate) fn token_request(path: &str, id: &str, secret: &str, body: impl Into<Body>) -> Request {
    Request::post(path)
        .header(AUTHORIZATION, basic(id, secret))
        .header(CONTENT_TYPE, FORM)
        .body(body.into())
        .expect("a valid request")
}

pub(crate) fn get_request(path: &str) -> Request {
    Request::get(path)
        .body(Body::empty())
        .expect("a valid request")
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
    pub(crate) async fn read<B>(response: http::Response<B>) -> Self
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

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
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
        assert_eq!(self.json()["error"], code, "{self:?}");
        assert_eq!(self.header(CACHE_CONTROL), "no-store");
        assert_eq!(self.header(PRAGMA), "no-cache");
    }

    #[track_caller]
    pub(crate) fn assert_unauthenticated(&self) {
        self.assert_error(StatusCode::UNAUTHORIZED, "invalid_client");
        assert_eq!(
            self.header(WWW_AUTHENTICATE),
            r#"Basic realm="https://as.example.com", charset="UTF-8""#
        );
    }

    #[track_caller]
    pub(crate) fn assert_issued_to(&self, id: &str) {
        assert_eq!(self.status, StatusCode::OK, "{self:?}");
        assert_eq!(self.header(CACHE_CONTROL), "no-store");
        assert_eq!(self.header(PRAGMA), "no-cache");
        assert_eq!(self.json()["access_token"], format!("token-for-{id}"));
        assert_eq!(self.json()["token_type"], "Bearer");
        assert_eq!(self.json()["expires_in"], 3600);
    }

    #[track_caller]
    pub(crate) fn assert_fails_closed(&self, hint: &str) {
        self.assert_error(StatusCode::INTERNAL_SERVER_ERROR, "server_error");
        let description = self.json()["error_description"]
            .as_str()
            .expect("a description")
            .to_owned();
        assert!(description.contains(hint), "{description:?} lacks {hint:?}");
    }
}

pub(crate) async fn send<S, R>(service: &S, request: Request) -> Answer
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
pub(crate) async fn assert_is_token_endpoint<S, R>(service: S, path: &str)
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
pub(crate) struct ChannelBody(pub(crate) mpsc::UnboundedReceiver<Bytes>);

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
pub(crate) fn streamed(frames: impl IntoIterator<Item = &'static str>) -> Body {
    let (sender, receiver) = mpsc::unbounded_channel();
    for frame in frames {
        sender.send(Bytes::from(frame)).expect("a live receiver");
    }
    Body::new(ChannelBody(receiver))
}

/// A body that stops after its first frame and never ends, as long as the sender lives.
pub(crate) fn stalled() -> (mpsc::UnboundedSender<Bytes>, Body) {
    let (sender, receiver) = mpsc::unbounded_channel();
    sender
        .send(Bytes::from("grant_type="))
        .expect("a live receiver");
    (sender, Body::new(ChannelBody(receiver)))
}

/// A store that never answers.
pub(crate) struct HangingStore;

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
