//! The clients, their requests, and what a token endpoint owes to them.

use std::fmt::Debug;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use bytes::Bytes;
use http::StatusCode;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, PRAGMA};
use tower::Service;
use tower_token_endpoint::layer::TokenEndpointLayerBuilder;
use tower_token_endpoint::rejection::RejectionReason;
use tower_token_endpoint::{
    MemoryClientStore, TokenEndpointLayer, TokenError, TokenRequest, TokenResponse,
};

use crate::common::{Built, CC_READ, ChannelBody, FORM, ISSUER, Reply, ask, call, clients};

pub(crate) fn layer() -> TokenEndpointLayer<MemoryClientStore> {
    builder().built()
}

/// What makes [`layer`], for more settings.
pub(crate) fn builder() -> TokenEndpointLayerBuilder<MemoryClientStore> {
    TokenEndpointLayer::builder(clients(), ISSUER)
}

/// The layer on this path.
pub(crate) fn layer_on(path: &str) -> TokenEndpointLayer<MemoryClientStore> {
    builder().path(path).built()
}

pub(crate) async fn issue(request: TokenRequest) -> Result<TokenResponse, TokenError> {
    Ok(
        TokenResponse::bearer(format!("token-for-{}", request.client().client_id()))
            .expires_in(Duration::from_secs(3600)),
    )
}

pub(crate) fn token_request(path: &str, id: &str, secret: &str, body: impl Into<Body>) -> Request {
    let call = call("POST", path).set("content-type", FORM);
    let call = call.basic(format!("{id}:{secret}"));
    call.request_with(body.into())
}

pub(crate) fn get_request(path: &str) -> Request {
    Request::get(path)
        .body(Body::empty())
        .expect("a valid request")
}

impl Reply {
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
        self.refused(500, "server_error");
        let description = self.json()["error_description"]
            .as_str()
            .expect("a description")
            .to_owned();
        assert!(description.contains(hint), "{description:?} lacks {hint:?}");
    }
}

/// Everything a token endpoint at `path` owes, whatever it is composed with.
pub(crate) async fn assert_is_token_endpoint<S, R>(service: S, path: &str)
where
    S: Service<Request, Response = http::Response<R>> + Clone,
    S::Error: Debug,
    R: http_body::Body,
    R::Error: Debug,
{
    ask(&service, token_request(path, "app", "s3cret", CC_READ))
        .await
        .assert_issued_to("app");

    let post = Request::post(path)
        .header(CONTENT_TYPE, FORM)
        .body(format!("{CC_READ}&client_id=app&client_secret=s3cret").into())
        .expect("a valid request");
    ask(&service, post).await.assert_issued_to("app");

    let public = Request::post(path)
        .header(CONTENT_TYPE, FORM)
        .body("grant_type=authorization_code&code=c&code_verifier=v&client_id=spa".into())
        .expect("a valid request");
    ask(&service, public).await.assert_issued_to("spa");

    let wrong = ask(&service, token_request(path, "app", "wrong", CC_READ)).await;
    wrong.assert_unauthenticated();
    assert_eq!(wrong.reason(), Some(RejectionReason::WrongSecret));

    let no_grant = ask(&service, token_request(path, "app", "s3cret", "scope=read")).await;
    no_grant.refused(400, "invalid_request");
    assert_eq!(no_grant.reason(), Some(RejectionReason::MissingGrantType));

    let json = Request::post(path)
        .header(CONTENT_TYPE, "application/json")
        .body("{}".into())
        .expect("a valid request");
    let json = ask(&service, json).await;
    json.refused(400, "invalid_request");
    assert_eq!(json.reason(), Some(RejectionReason::ContentTypeNotForm));

    let get = ask(&service, get_request(path)).await;
    get.refused(405, "invalid_request");
    assert_eq!(get.header(ALLOW), "POST");
}

/// A body of these frames, without a known length.
pub(crate) fn streamed(frames: impl IntoIterator<Item = &'static str>) -> Body {
    Body::new(ChannelBody::of(frames.into_iter().map(Bytes::from)))
}
